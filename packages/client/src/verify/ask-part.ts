import { delay } from '@spillway/wire';
import { type Answer, ask, type Exchange } from '../exchange.ts';
import { retryDelayMs } from '../retry.ts';

/** An answer of which so much was read as a check needs. */
export interface Part {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** Whether the body ended by itself; otherwise the rest was left. */
  readonly isWhole: boolean;
  /** From the request to the first byte of the body, or to its end when there is none, ms. */
  readonly firstByteMs: number;
}

/** A function of a new account has little concurrency, and one that was cut off may run on for a while. */
const THROTTLED = new Set([429, 503]);
const MAX_TRIES = 4;

/**
 * Asks, and reads `limitBytes` of the body at most.
 * @throws AttemptFailure when no answer comes or its body breaks off; the reason of the exchange's signal
 */
export async function askPart(
  exchange: Exchange,
  headers: Readonly<Record<string, string>>,
  limitBytes: number,
  method = 'GET',
): Promise<Part> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask(exchange, headers, method);
    if (tries === MAX_TRIES || !THROTTLED.has(answer.status)) return readPart(answer, limitBytes);
    answer.cancel();
    exchange.counts.throttled += 1;
    await delay(retryDelayMs(tries, answer.retryAfterMs), exchange.signal);
  }
}

async function readPart(answer: Answer, limitBytes: number): Promise<Part> {
  const bytes = new Uint8Array(limitBytes);
  let sizeBytes = 0;
  let firstByteMs: number | undefined;
  let isWhole = true;
  for await (const chunk of answer.chunks()) {
    firstByteMs ??= performance.now() - answer.sentAtMs;
    const kept = chunk.subarray(0, limitBytes - sizeBytes);
    bytes.set(kept, sizeBytes);
    sizeBytes += kept.byteLength;
    isWhole = kept.byteLength === chunk.byteLength;
    if (!isWhole) break;
  }
  return {
    status: answer.status,
    headers: answer.headers,
    bytes: bytes.subarray(0, sizeBytes),
    isWhole,
    firstByteMs: firstByteMs ?? performance.now() - answer.sentAtMs,
  };
}
