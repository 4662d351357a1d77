import type { Body } from '@spillway/wire';

/**
 * A store's body that can always be let go of: `signal` ends a read that is on its way, and `return()` is not waited for, whatever the
 * store makes of either. What it says afterwards is heard by nobody.
 */
export function releasableBody(body: Body, signal: AbortSignal): Body {
  const source = body[Symbol.asyncIterator]();
  let isReleased = false;
  let refuse: (reason: unknown) => void = () => {};
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    signal.removeEventListener('abort', abort);
    void (async () => source.return?.())().catch(() => {});
  };
  const abort = () => {
    refuse(signal.reason);
    release();
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const iterator: AsyncIterator<Uint8Array> = {
    next: () =>
      new Promise((resolve, reject) => {
        if (isReleased) return signal.aborted ? reject(signal.reason) : resolve({ done: true, value: undefined });
        refuse = reject;
        source.next().then(resolve, reject);
      }),
    return: async () => {
      release();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
