import { AWS_ERRORS, AwsError, FunctionError } from '@spillway/wire';

// What Lambda answers when a function, or its environment, failed: texts as recorded from AWS.

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
export const timedOut = (requestId: string, timeoutSeconds: number): FunctionError =>
  functionError('Sandbox.Timedout', `RequestId: ${requestId} Error: ${timedOutText(timeoutSeconds)}`);

export const timedOutText = (timeoutSeconds: number): string =>
  `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;

/** `exitText`: `Runtime exited with error: exit status 1`; of an extension `exit status 1`. */
export const exited = (requestId: string, exitText: string, errorType = 'Runtime.ExitError'): FunctionError =>
  functionError(errorType, `RequestId: ${requestId} Error: ${exitText}`);

export const outOfMemory = (requestId: string): FunctionError =>
  functionError('Runtime.OutOfMemory', `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`);

export function responseTooLarge(): FunctionError {
  const [, errorMessage] = AWS_ERRORS['Function.ResponseSizeTooLarge'];
  const errorType = 'Function.ResponseSizeTooLarge';
  return new FunctionError(errorType, JSON.stringify({ errorMessage, errorType }));
}

/** A streamed response past its limit: AWS does not say how it ends. */
const streamTooLarge = (limitBytes: number): FunctionError =>
  functionError(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${limitBytes} bytes).`,
  );

function truncatedResponse(cause?: unknown): FunctionError {
  return functionError('Runtime.TruncatedResponse', AWS_ERRORS['Runtime.TruncatedResponse'][1], cause);
}

export const invalidResponseMode = (requestId: string): FunctionError =>
  functionError('Runtime.InvalidResponseModeHeader', `RequestId: ${requestId} Error: Invalid function response mode`);

/** The environment could not be started at all, or was ended from outside. */
export const sandboxFailure = (requestId: string, reason: string, cause?: unknown): FunctionError =>
  functionError('Sandbox.Failure', `RequestId: ${requestId} Error: ${reason}`, cause);

/** What the wire's own steps throw, as an answer of the function. */
export function asFunctionError(error: unknown, limitBytes: number): unknown {
  if (!(error instanceof AwsError)) return error;
  if (error.code === 'Function.ResponseSizeTooLarge') return streamTooLarge(limitBytes);
  return error.code === 'Runtime.TruncatedResponse' ? truncatedResponse(error) : error;
}

function functionError(errorType: string, errorMessage: string, cause?: unknown): FunctionError {
  return new FunctionError(errorType, JSON.stringify({ errorType, errorMessage }), cause);
}
