import { AWS_ERRORS, type AwsErrorCode } from './aws-errors.ts';

/** What may be added to an error of the table. */
export interface AwsErrorOptions {
  /** Replaces the table's message, where AWS's own names an id, a size or a time. */
  readonly message?: string;
  readonly cause?: unknown;
  /** What AWS adds beside code and message, by AWS's name: `Key`, `BucketName`, `ActualObjectSize`, `Reason`. */
  readonly details?: Readonly<Record<string, string | number>>;
  /** What the user can do about it. For logs and terminals only, never on the wire: AWS says no such thing. */
  readonly advice?: string;
}

/** An error with AWS's own code; status and message come from the one table. Each edge encodes it in its own shape. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: AwsErrorCode;
  /** HTTP status. */
  readonly status: number;
  readonly details: Readonly<Record<string, string | number>>;
  readonly advice: string | undefined;

  constructor(code: AwsErrorCode, options: AwsErrorOptions = {}) {
    const [status, message] = AWS_ERRORS[code];
    super(options.message ?? message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.details = options.details ?? {};
    this.advice = options.advice;
  }
}

/**
 * A function that failed, as Lambda reports it (`X-Amz-Function-Error: Unhandled`): not an error of the API, but an answer.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly errorCode = 'Unhandled';
  /** `Sandbox.Timedout`, `Runtime.ExitError`, `Function.ResponseSizeTooLarge` or the function's own `errorType`. */
  readonly errorType: string;
  /** The error document, unchanged: `{"errorMessage":...,"errorType":...}` as a rule. */
  readonly payload: string;

  constructor(errorType: string, payload: string, cause?: unknown) {
    super(payload, cause === undefined ? undefined : { cause });
    this.errorType = errorType;
    this.payload = payload;
  }
}

/** Misuse of our own tools: an option, a template, a port. The message says what happened, where, and what to do next. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
