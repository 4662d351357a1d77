export { ACCOUNT_ID, functionArn, functionUrlId, stableId } from './account.ts';
export { ADMIN_PATH, type FunctionSummary } from './admin.ts';
export { AwsError, type AwsErrorOptions, FunctionError, UsageError } from './aws-error.ts';
export { AWS_ERRORS, type AwsErrorCode } from './aws-errors.ts';
export { atMost, type Body, bodyOf, concatBytes, exactly, readWhole } from './body.ts';
export type {
  Architecture,
  FunctionCode,
  FunctionConfiguration,
  FunctionPermission,
  FunctionUrlAuthType,
  FunctionUrlConfiguration,
  FunctionUrlCors,
} from './function-configuration.ts';
export { withIdleTimeout } from './idle-timeout.ts';
export type { InvokeRequest, InvokeResponse, Invoker, InvokeWithResponseStreamResponse } from './invoker.ts';
export { type DirectoryLayer, type Layer, parseWebAdapterLayerArn, type WebAdapterLayer } from './layer.ts';
export { AWS_LIMITS, LIFTED_LIMITS, type Limits, streamSeconds } from './limits.ts';
export type { LogWriter } from './log-writer.ts';
export { delay, type Pace, paced } from './pace.ts';
export { encodePrelude, type Prelude, type SplitStream, splitPrelude } from './prelude.ts';
export type {
  ApiKey,
  AuthorizationType,
  Authorizer,
  EndpointType,
  GatewayResponse,
  Integration,
  IntegrationResponse,
  IntegrationType,
  Method,
  MethodResponse,
  MethodSetting,
  OpenApiRestApi,
  ReadOpenApi,
  ReadOpenApiOptions,
  Resource,
  ResponseTransferMode,
  RestApi,
  StageConfiguration,
} from './rest-api.ts';
export {
  type ErrorDocument,
  PRELUDE_CONTENT_TYPE,
  PRELUDE_DELIMITER,
  RUNTIME_API_HEADERS,
  RUNTIME_API_VERSION,
  STREAMING_RESPONSE_MODE,
} from './runtime-api.ts';
export type { PublicAccessBlockConfiguration, Stack, StackBucket, StackRestApi, TemplateNote } from './stack.ts';
export { MemoryState, type StateChange, type StateStore, type StateTable } from './state.ts';
export { NamedTurns, Turns } from './turns.ts';
export { matchesWildcard } from './wildcard.ts';
