import { noSuchObject } from './object-key.ts';
import { StoreError, type StoreErrorReason } from './object-store/object-store.ts';
import { Problem } from './problem.ts';

/** Asked for when a store that throttles names no time itself, seconds. */
const RETRY_AFTER_SECONDS = 1;
const MAX_RETRY_AFTER_SECONDS = 120;

const PROBLEMS: Record<
  Exclude<StoreErrorReason, 'missing' | 'throttled'>,
  readonly [status: number, detail: string]
> = {
  denied: [403, 'The object may not be read, or does not exist.'],
  archived: [403, 'The object is archived and must be restored before it can be read.'],
  changed: [503, 'The object is being replaced.'],
  unsatisfiable: [503, 'The object is being replaced.'],
  timeout: [504, 'The store did not answer in time.'],
  unavailable: [502, 'The store could not be read.'],
  misconfigured: [502, 'The store could not be read.'],
};

/** Whose fault it was: 4xx when the request names what cannot be had, 5xx when the store does not do its part. */
function storeProblem(error: StoreError): Problem {
  if (error.reason === 'missing') return noSuchObject(error);
  if (error.reason === 'throttled') return throttled(error);
  const [status, detail] = PROBLEMS[error.reason];
  const headers = status === 503 ? { 'Retry-After': String(RETRY_AFTER_SECONDS) } : {};
  return new Problem(status, detail, { headers, cause: error });
}

/** 429 where the store said so, 503 for S3's SlowDown. Clients that honour Retry-After come back after either. */
function throttled(error: StoreError): Problem {
  const seconds = Math.min(error.retryAfterSeconds ?? RETRY_AFTER_SECONDS, MAX_RETRY_AFTER_SECONDS);
  return new Problem(error.status === 429 ? 429 : 503, 'The store takes no more requests at present.', {
    headers: { 'Retry-After': String(seconds) },
    cause: error,
  });
}

/** Any error as an answer. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreError) return storeProblem(error);
  return new Problem(500, 'The download function failed.', { cause: error });
}
