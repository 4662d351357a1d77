import type { Body } from './body.ts';

/**
 * Passes `body` through and calls `onIdle` when the source stays silent for `idleTimeoutMs`. Only the wait for the source
 * counts, never the time a slow receiver takes. `onIdle` must make the source fail (abort its signal): a pending read can't be
 * interrupted from here.
 */
export async function* withIdleTimeout(
  idleTimeoutMs: number,
  body: Body,
  onIdle: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = body[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (true) {
      const timer = Number.isFinite(idleTimeoutMs) ? setTimeout(onIdle, idleTimeoutMs) : undefined;
      const { done, value } = await source.next().finally(() => clearTimeout(timer));
      ended = done === true;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await source.return?.();
  }
}
