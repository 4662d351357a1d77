import { delay } from '@spillway/wire';
import { type ObjectRead, type ObjectStore, type OpenObject, StoreError } from './object-store/object-store.ts';

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
  const object = await answerWithin(openTimeoutMs, controller, signal, (either) => store.get(read, either));
  return { object, abort: (reason) => controller.abort(reason) };
}

/** Calls `ask` and aborts it when it takes too long. What it then fails with is the reason. */
export async function answerWithin<Answer>(
  timeoutMs: number,
  controller: AbortController,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  // Not AbortSignal.any(), which costs more than all else here. The listener goes with `signal`, which is one invocation's.
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  const either = controller.signal;
  const timer = setTimeout(
    () => controller.abort(new StoreError('timeout', `The store did not answer within ${timeoutMs} ms.`)),
    timeoutMs,
  );
  try {
    return await ask(either);
  } catch (error) {
    throw either.aborted ? either.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

const MAX_ATTEMPTS = 3;

/** Asks again, up to three times in all, after failures that may pass. `onRetry` hears of each. */
export async function withRetries<Answer>(
  patience: StorePatience,
  signal: AbortSignal,
  ask: () => Promise<Answer>,
  onRetry: (error: StoreError) => void,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreError) || !error.isTransient || attempt === MAX_ATTEMPTS) throw error;
      onRetry(error);
      await delay(backoffMs(attempt, patience), signal);
    }
  }
}

const LONGEST_BACKOFF = 20;

/** With jitter, so that those who failed together do not come back together. */
export function backoffMs(attempt: number, patience: StorePatience): number {
  const fullMs = patience.backoffMs * Math.min(LONGEST_BACKOFF, 2 ** (attempt - 1));
  return fullMs * (0.5 + Math.random() / 2);
}
