/** What the Runtime API tells a runtime that did wrong: HTTP status and message by error type. */
const RUNTIME_API_ERRORS = {
  InvalidRequestID: [400, 'Invalid request ID'],
  InvalidFunctionResponseMode: [400, 'Invalid function response mode'],
  TruncatedHTTPRequest: [400, 'HTTP request detected as truncated'],
  InvalidStateTransition: [403, 'State transition is not allowed'],
  'Extension.NotSupported': [403, 'The Extensions API is not supported'],
  NotFound: [404, 'No such operation of the Runtime API'],
  RequestEntityTooLarge: [413, 'Exceeded maximum allowed payload size (6291556 bytes).'],
  InternalServerError: [500, 'Internal Server Error'],
  'Logs.NotSupported': [202, 'Logs API is not supported'],
  'Telemetry.NotSupported': [202, 'Telemetry API is not supported'],
} as const;

export type RuntimeApiErrorType = keyof typeof RUNTIME_API_ERRORS;

/** An error of the Runtime API: between a runtime and its server only, never seen by who invokes. */
export class RuntimeApiError extends Error {
  override readonly name = 'RuntimeApiError';
  readonly errorType: RuntimeApiErrorType;
  /** HTTP status. */
  readonly status: number;

  constructor(errorType: RuntimeApiErrorType, message?: string) {
    const [status, text] = RUNTIME_API_ERRORS[errorType];
    super(message ?? text);
    this.errorType = errorType;
    this.status = status;
  }
}
