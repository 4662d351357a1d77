/** What IAM and the API key tell about the caller: members of `requestContext.identity` by AWS's names. */
export interface CallerIdentity {
  readonly accessKey?: string;
  readonly accountId?: string;
  readonly caller?: string;
  readonly user?: string;
  readonly userArn?: string;
  readonly apiKey?: string;
  readonly apiKeyId?: string;
}

/** What a Lambda authorizer said about the caller: `requestContext.authorizer`. */
export interface AuthorizerContext {
  readonly principalId: string;
  /** Its `context`: strings, whatever they were. */
  readonly values: Readonly<Record<string, string>>;
  /** 0 when the answer was cached. */
  readonly integrationLatencyMs: number;
  /** The API key that it names, for `apiKeySource` AUTHORIZER. */
  readonly usageIdentifierKey?: string;
}
