/**
 * What the handler reads of an event: API Gateway's Lambda proxy event, payload 1.0, which is the same in both transfer modes, or a
 * function URL's, payload 2.0, where the whole path is the key.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export interface ApiGatewayEvent {
  readonly httpMethod?: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  /** Percent-encoded as the client sent them. */
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  /** Payload 2.0: percent-encoded as the client sent it. */
  readonly rawPath?: string;
  readonly requestContext?: Readonly<Record<string, unknown>> & {
    readonly http?: { readonly method?: string };
    readonly authorizer?: AuthorizerContext | null;
  };
}

/** What the method's authorizer said: a Lambda authorizer its principal and its own context, a Cognito user pool the claims. */
export interface AuthorizerContext extends Readonly<Record<string, unknown>> {
  readonly principalId?: string;
  readonly claims?: Readonly<Record<string, string>>;
}

/** What the handler reads of Lambda's context object. */
export interface InvocationContext {
  readonly awsRequestId?: string;
  readonly functionName?: string;
  readonly memoryLimitInMB?: string;
  readonly invokedFunctionArn?: string;
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

/** A request as the handler sees it. */
export interface DownloadRequest {
  readonly method: string;
  /** Names in lower case; a header that came more than once is one list. */
  readonly headers: ReadonlyMap<string, string>;
  /** The path parameter that names the object, not yet decoded. Undefined when the route has none. */
  readonly encodedKey: string | undefined;
}

export function readRequest(event: ApiGatewayEvent, pathParameter: string): DownloadRequest {
  return {
    method: (event.httpMethod ?? event.requestContext?.http?.method ?? '').toUpperCase(),
    headers: readHeaders(event),
    encodedKey: event.pathParameters?.[pathParameter] ?? event.rawPath?.replace(/^\//, ''),
  };
}

function readHeaders({ headers, multiValueHeaders }: ApiGatewayEvent): ReadonlyMap<string, string> {
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined) byName.set(name.toLowerCase(), value);
  }
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    if (values !== undefined && values.length > 1) byName.set(name.toLowerCase(), values.join(', '));
  }
  return byName;
}
