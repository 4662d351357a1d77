/**
 * What the handler reads of API Gateway's Lambda proxy event, payload 1.0. It is the same in both transfer modes.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export interface ApiGatewayEvent {
  readonly httpMethod: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  /** Percent-encoded as the client sent them. */
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly requestContext?: Readonly<Record<string, unknown>> & { readonly requestId?: string };
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
    method: event.httpMethod.toUpperCase(),
    headers: readHeaders(event),
    encodedKey: event.pathParameters?.[pathParameter],
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
