import { delay } from '@spillway/wire';
import type { AttemptFailure } from './download-error.ts';
import type { Exchange } from './exchange.ts';
import type { Settings } from './options.ts';
import { retryDelayMs } from './retry.ts';

/** Counts, tells and waits. @throws the reason of the exchange's signal */
export async function waitBeforeRetry(
  exchange: Exchange,
  settings: Settings,
  failures: number,
  failure: AttemptFailure,
): Promise<void> {
  const delayMs = retryDelayMs(failures, failure.retryAfterMs);
  exchange.counts.retries += 1;
  if (failure.kind === 'throttled') exchange.counts.throttled += 1;
  settings.onEvent({ type: 'retry', reason: failure.message, delayMs });
  await delay(delayMs, exchange.signal);
}
