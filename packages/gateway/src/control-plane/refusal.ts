import { AwsError, type AwsErrorCode } from '@spillway/wire';

/** What API Gateway refuses, in its words; `advice` is for templates and terminals. */
export const badRequest = (message: string, advice?: string): AwsError =>
  new AwsError('BadRequestException', advice === undefined ? { message } : { message, advice });

/** What API Gateway has and Spillway has not. */
export const notServed = (what: string, instead?: string): AwsError =>
  badRequest(`${what} is not supported here${instead === undefined ? '' : `: ${instead}`}`);

export const notFound = (what: string): AwsError =>
  new AwsError('NotFoundException', { message: `Invalid ${what} identifier specified` });

/** What the service's model refuses before the service looks at it: `at` is `putIntegrationInput.type`. */
export const invalidValue = (value: string, at: string, constraint: string): AwsError =>
  new AwsError('ValidationException', {
    message: `1 validation error detected: Value ${value} at '${at}' failed to satisfy constraint: Member must ${constraint}`,
  });

/** @throws AwsError */
export function assertStatusCode(statusCode: string): void {
  if (/^[1-5]\d\d$/.test(statusCode)) return;
  throw invalidValue(`'${statusCode}'`, 'statusCode', 'satisfy regular expression pattern: [1-5]\\d\\d');
}

/** @throws AwsError of `check` with its place before its message, for who wrote it into a file. */
export function at(place: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { code, message, advice, details } = error;
    throw new AwsError(code satisfies AwsErrorCode, {
      message: `${place}: ${message}`,
      details,
      cause: error,
      ...(advice === undefined ? {} : { advice }),
    });
  }
}

/** @throws AwsError that names the first key that `value` may not hold here. */
export function onlyKnown(known: readonly string[], value: object): void {
  const unknown = Object.entries(value).find(([key, given]) => given !== undefined && !known.includes(key));
  if (unknown !== undefined) throw notServed(unknown[0], 'remove it, or test it on AWS');
}
