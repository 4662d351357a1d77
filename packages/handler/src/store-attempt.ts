import { delay } from '@spillway/wire';
import type { Deadline } from './invocation-deadline.ts';
import { discard } from './object-store/answered-range.ts';
import { type ObjectRead, type ObjectStore, type OpenObject, StoreError } from './object-store/object-store.ts';
import { releasableBody } from './object-store/releasable-body.ts';
import { type TimeLimit, within } from './time-limit.ts';

/** How long the store may take. All in ms. */
export interface StorePatience {
  /** From the request to the head of the answer. */
  readonly openTimeoutMs: number;
  /** Longest silence within a body. */
  readonly idleTimeoutMs: number;
  /** Longest time without one byte of a body, attempts to resume it included. */
  readonly resumeTimeoutMs: number;
  /** Wait before the second attempt. It doubles, up to twenty times as long, with jitter. */
  readonly backoffMs: number;
}

/** An open object, and the way to let go of it. */
export interface Attempt {
  readonly object: OpenObject;
  abort(reason: Error): void;
}

export async function attemptGet(
  store: ObjectStore,
  read: ObjectRead,
  { openTimeoutMs }: StorePatience,
  signal: AbortSignal,
): Promise<Attempt> {
  const controller = new AbortController();
  const ask = (either: AbortSignal) => store.get(read, either);
  const object = await within(answerLimit(openTimeoutMs), controller, signal, ask, discard);
  const body = releasableBody(object.body, controller.signal);
  return { object: { ...object, body }, abort: (reason) => controller.abort(reason) };
}

/** For the head of a store's answer. */
export const answerLimit = (timeoutMs: number): TimeLimit => ({
  timeoutMs,
  timeoutError: () => new StoreError('timeout', `The store did not answer within ${timeoutMs} ms.`),
});

const MAX_ATTEMPTS = 3;

/**
 * Asks again, up to three times in all, after failures that may pass, and not before the store wants to be asked. When that is later
 * than `openTimeoutMs`, or than the deadline, it is left to the client to come back. `onRetry` hears of each.
 */
export async function withRetries<Answer>(
  patience: StorePatience,
  deadline: Deadline,
  ask: () => Promise<Answer>,
  onRetry: (error: StoreError) => void,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreError) || !error.isTransient || attempt === MAX_ATTEMPTS) throw error;
      if (askedToWaitMs(error) > Math.min(patience.openTimeoutMs, deadline.leftMs())) throw error;
      onRetry(error);
      await delay(Math.max(backoffMs(attempt, patience), askedToWaitMs(error)), deadline.signal);
    }
  }
}

/** What the store's Retry-After asks for. */
export const askedToWaitMs = (error: StoreError | undefined): number => (error?.retryAfterSeconds ?? 0) * 1_000;

const LONGEST_BACKOFF = 20;

/** With jitter, so that those who failed together do not come back together. */
export function backoffMs(attempt: number, patience: StorePatience): number {
  const fullMs = patience.backoffMs * Math.min(LONGEST_BACKOFF, 2 ** (attempt - 1));
  return fullMs * (0.5 + Math.random() / 2);
}
