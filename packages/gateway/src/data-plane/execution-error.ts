import { AwsError, type AwsErrorCode, FunctionError } from '@spillway/wire';
import { ADVICE } from '../advice.ts';
import { FAILURES, type FailureName } from './failures.ts';

export interface ExecutionErrorOptions {
  /** What exactly was wrong, for logs: `headers.X is not a string`. */
  readonly detail?: string;
  /** Replaces the log line of the table where AWS's own names a size or a message. */
  readonly log?: string;
  /** Replaces the table's message for the client, where AWS's own names what it saw. */
  readonly message?: string;
  /** Whose log to look at. */
  readonly functionName?: string;
  readonly cause?: unknown;
}

/** Why a request failed. The client sees code and message; logs see the rest. */
export class ExecutionError extends AwsError {
  readonly failure: FailureName;
  readonly responseType: string;
  readonly log: string;
  readonly detail: string;
  /** `$context.error.message`; undefined where AWS says `null`. */
  readonly clientMessage: string | undefined;
  /** `$context.integration.error` */
  readonly integrationError: string;
  override readonly advice: string;

  constructor(failure: FailureName, { detail, log, message, functionName, cause }: ExecutionErrorOptions = {}) {
    const { code, responseType, message: ownMessage } = FAILURES[failure];
    const said = message ?? ownMessage;
    super(code, { cause, ...(said === undefined ? {} : { message: said }) });
    this.failure = failure;
    this.clientMessage = code === 'AuthorizerConfigurationException' ? undefined : this.message;
    this.responseType = responseType;
    this.log = log ?? FAILURES[failure].log;
    this.integrationError = this.log
      .replace('Execution failed due to configuration error: ', '')
      .replace(`${FAILURES.functionFailed.log}: `, 'Lambda Customer Function Error:');
    this.detail = detail ?? this.integrationError;
    this.advice = ADVICE[failure].replace('logs FUNCTION', `logs ${functionName ?? 'FUNCTION'}`);
  }
}

const BY_CODE: Partial<Record<AwsErrorCode, FailureName>> = {
  AccessDeniedException: 'invalidPermissions',
  ResourceNotFoundException: 'functionNotFound',
  TooManyRequestsException: 'throttled',
  RequestEntityTooLargeException: 'eventTooLong',
  PreludeDelimiterMissing: 'noDelimiter',
  IncompleteBody: 'lengthMismatch',
  'Runtime.TruncatedResponse': 'brokenStream',
  NetworkErrorCommunicatingWithEndpoint: 'brokenStream',
};

/** Any error of the way through the gateway as the failure that it is; `tooLarge` says which of Lambda's limits the call has. */
export function toExecutionError(error: unknown, tooLarge: FailureName = 'functionFailed'): ExecutionError {
  if (error instanceof ExecutionError) return error;
  if (error instanceof FunctionError) return functionFailure(error, tooLarge);
  if (error instanceof AwsError) {
    return new ExecutionError(BY_CODE[error.code] ?? 'lambdaRefused', { detail: error.message, cause: error });
  }
  return new ExecutionError('internal', { detail: String(error), cause: error });
}

function functionFailure(error: FunctionError, tooLarge: FailureName): ExecutionError {
  const message = errorMessage(error);
  return new ExecutionError(error.errorType === 'Function.ResponseSizeTooLarge' ? tooLarge : 'functionFailed', {
    log: `${FAILURES.functionFailed.log}: ${message}`,
    detail: `${error.errorType}: ${message}`,
    cause: error,
  });
}

/** What the function said, or all of its error document. */
export function errorMessage(error: FunctionError): string {
  try {
    const { errorMessage } = JSON.parse(error.payload) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : error.payload;
  } catch {
    return error.payload;
  }
}
