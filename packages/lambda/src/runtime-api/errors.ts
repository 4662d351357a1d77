/** What the Runtime and the Extensions API tell who did wrong: HTTP status and message by error type. */
const RUNTIME_API_ERRORS = {
  InvalidRequestID: [400, 'Invalid request ID'],
  InvalidFunctionResponseMode: [400, 'Invalid function response mode'],
  TruncatedHTTPRequest: [400, 'HTTP request detected as truncated'],
  InvalidStateTransition: [403, 'State transition is not allowed'],
  InvalidRequestFormat: [403, 'The body is no JSON object'],
  'Extension.MissingExtensionIdentifier': [403, 'Missing Lambda-Extension-Identifier header'],
  'Extension.InvalidExtensionIdentifier': [403, 'Invalid Lambda-Extension-Identifier'],
  'Extension.UnknownExtensionIdentifier': [403, 'Unknown Lambda-Extension-Identifier'],
  'Extension.InvalidExtensionName': [403, 'Empty extension name'],
  'Extension.RegistrationClosed': [403, 'Extension registration closed already'],
  'Extension.TooManyExtensions': [403, 'Extension limit (10) reached'],
  'Extension.InvalidEventType': [403, 'ErrorInvalidEventType'],
  'Extension.InvalidExtensionState': [403, 'State transition is not allowed'],
  'Extension.MissingHeader': [403, 'Lambda-Extension-Function-Error-Type not found'],
  // A web page found the port: no runtime sends such headers.
  CrossSiteRequestRefused: [403, 'This request comes from another web site'],
  NotFound: [404, 'No such operation of the Runtime API'],
  RequestEntityTooLarge: [413, 'Exceeded maximum allowed payload size (6291556 bytes).'],
  InternalServerError: [500, 'Internal Server Error'],
  'Logs.NotSupported': [202, 'Logs API is not supported'],
  'Telemetry.NotSupported': [202, 'Telemetry API is not supported'],
} as const;

export type RuntimeApiErrorType = keyof typeof RUNTIME_API_ERRORS;

/** An error of the Runtime or the Extensions API: between a process and its server only, never seen by who invokes. */
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
