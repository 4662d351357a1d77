import { retryAfterSeconds } from '../retry-after.ts';
import { StoreError, type StoreErrorReason } from './object-store.ts';

/** What an error of the AWS SDK holds: `name` is S3's code, but "Unknown" for HEAD and 304, where only the status is reliable. */
interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const BY_CODE: Readonly<Record<string, StoreErrorReason>> = {
  NoSuchBucket: 'misconfigured',
  PermanentRedirect: 'misconfigured',
  AuthorizationHeaderMalformed: 'misconfigured',
  CredentialsProviderError: 'misconfigured',
  InvalidObjectState: 'archived',
  SlowDown: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  RequestLimitExceeded: 'throttled',
  TimeoutError: 'timeout',
  RequestTimeout: 'timeout',
};

const BY_STATUS: Readonly<Record<number, StoreErrorReason>> = {
  301: 'misconfigured',
  307: 'unavailable',
  400: 'misconfigured',
  403: 'denied',
  404: 'missing',
  405: 'missing',
  409: 'unavailable',
  412: 'changed',
  416: 'unsatisfiable',
  429: 'throttled',
  // S3 throttles by 503 SlowDown; of HEAD only the status is left.
  503: 'throttled',
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function s3Failure(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const { name, message, $metadata, $response } = cause as SdkError;
  const status = $metadata?.httpStatusCode;
  // A 412 or 416 without a name of its own is one, too.
  const reason = BY_CODE[name] ?? BY_STATUS[status ?? 0] ?? 'unavailable';
  return new StoreError(reason, `S3: ${name}: ${message}`, {
    cause,
    status,
    retryAfterSeconds: retryAfterSeconds($response?.headers?.['retry-after'], Date.now()),
  });
}
