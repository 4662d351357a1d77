import type { Readable } from 'node:stream';
import type { Body } from '@spillway/wire';
import { StoreError } from './object-store.ts';

/**
 * A message from the network as a `Body`. Ends early with `signal`. `return()` closes the connection, even before the first chunk.
 * Fails with StoreError `unavailable` when the connection breaks.
 */
export function receivedBody(message: Readable, signal: AbortSignal): Body {
  const abort = () => message.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  // What fails before anybody reads is seen by the first read.
  message.on('error', () => {});
  message.once('close', () => signal.removeEventListener('abort', abort));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const chunks = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => chunks.next().catch((cause: unknown) => Promise.reject(brokenBody(cause))),
    return: async () => {
      message.destroy();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

const brokenBody = (cause: unknown) =>
  cause instanceof StoreError ? cause : new StoreError('unavailable', 'The store broke off its answer.', { cause });
