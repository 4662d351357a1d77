/**
 * The Lambda Runtime API, as runtime and server must agree on it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const RUNTIME_API_VERSION = '2018-06-01';

/** Header names, lower case. */
export const RUNTIME_API_HEADERS = {
  requestId: 'lambda-runtime-aws-request-id',
  deadlineMs: 'lambda-runtime-deadline-ms',
  invokedFunctionArn: 'lambda-runtime-invoked-function-arn',
  traceId: 'lambda-runtime-trace-id',
  clientContext: 'lambda-runtime-client-context',
  cognitoIdentity: 'lambda-runtime-cognito-identity',
  tenantId: 'lambda-runtime-aws-tenant-id',
  responseMode: 'lambda-runtime-function-response-mode',
  errorType: 'lambda-runtime-function-error-type',
  /** Trailer only: base64 of the error document. */
  errorBody: 'lambda-runtime-function-error-body',
} as const;

/** The only value that `responseMode` may have. */
export const STREAMING_RESPONSE_MODE = 'streaming';

/** Between prelude and payload of a stream for an HTTP front: eight NUL bytes. */
export const PRELUDE_DELIMITER: Uint8Array = new Uint8Array(8);

/** What the Node.js helper sets for such a stream; API Gateway does not need it. */
export const PRELUDE_CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response';

/** An error as a runtime posts it; Lambda passes it on unchanged. */
export interface ErrorDocument {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace?: readonly string[];
  /** What the Node.js runtime calls its stack. */
  readonly trace?: readonly string[];
}
