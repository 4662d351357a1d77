import type { Body } from './body.ts';

/** A pace as AWS documents it: the first `burstBytes` are free, then `bytesPerSecond`. */
export interface Pace {
  readonly burstBytes: number;
  /** `Infinity` for no pace at all. */
  readonly bytesPerSecond: number;
}

/** Tokens come back in steps of this long, as in AWS's own limiter: 262,144 bytes every 125 ms at 2 MiB/s. */
const REFILL_INTERVAL_MS = 125;

/**
 * Passes `body` through at `pace`: a token bucket that starts full with `burstBytes` and is never fuller.
 * @throws the reason of `signal` when it is aborted during a wait.
 * @see https://github.com/aws/aws-lambda-runtime-interface-emulator (internal/lambda/core/bandwidthlimiter)
 */
export function paced(pace: Pace, body: Body, signal?: AbortSignal): Body {
  return Number.isFinite(pace.bytesPerSecond) ? throttle(pace, body, signal) : body;
}

async function* throttle(pace: Pace, body: Body, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const stepBytes = Math.max(1, Math.round((pace.bytesPerSecond * REFILL_INTERVAL_MS) / 1000));
  let tokens = pace.burstBytes;
  let refilledAtMs = performance.now();
  const refill = () => {
    const steps = Math.floor((performance.now() - refilledAtMs) / REFILL_INTERVAL_MS);
    if (steps <= 0) return;
    refilledAtMs += steps * REFILL_INTERVAL_MS;
    tokens = Math.min(Math.max(pace.burstBytes, stepBytes), tokens + steps * stepBytes);
  };
  for await (const chunk of body) {
    for (let offset = 0; offset < chunk.byteLength; ) {
      refill();
      if (tokens <= 0) {
        await delay(refilledAtMs + REFILL_INTERVAL_MS - performance.now(), signal);
        continue;
      }
      const part = chunk.subarray(offset, offset + tokens);
      tokens -= part.byteLength;
      offset += part.byteLength;
      yield part;
    }
  }
}

/** Waits, unless `signal` is aborted first. @throws the signal's reason. */
export function delay(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      Math.max(0, delayMs),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
