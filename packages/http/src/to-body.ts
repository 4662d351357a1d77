import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { AwsError, type AwsErrorCode } from '@spillway/wire';
import { Arrivals } from './arrivals.ts';
import type { LentBody } from './http1/index.ts';

export interface ToBodyOptions {
  /** What a peer that breaks off is called here: `IncompleteBody` by default. */
  readonly truncated?: AwsErrorCode;
  /** Ends the body with the signal's reason. The stream is destroyed. */
  readonly signal?: AbortSignal;
}

/** How a server asks a client that sent `Expect: 100-continue` for its body: once, when the body is first read. */
export const continueCallbacks: WeakMap<Readable, () => void> = new WeakMap();

/** Bodies that go around Node's parser: the stream has but their end. */
export const lentBodies: WeakMap<Readable, LentBody> = new WeakMap();

/**
 * A request's or response's bytes as they arrive; nothing is read before the first chunk is asked for.
 * @throws AwsError `truncated` when the peer breaks off; the signal's reason after an abort.
 */
export async function* toBody(
  stream: Readable,
  { truncated = 'IncompleteBody', signal }: ToBodyOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const onAbort = () => stream.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  const arrivals = new Arrivals(stream);
  askForBody(stream);
  try {
    const lent = lentBodies.get(stream);
    if (lent !== undefined) yield* lent;
    for (let piece = await arrivals.next(); piece !== undefined; piece = await arrivals.next()) yield piece;
    // An aborted stream may end without an error; so may one that was cut after its last whole chunk.
    signal?.throwIfAborted();
    if (stream instanceof IncomingMessage && !stream.complete) throw new AwsError(truncated);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof AwsError ? error : new AwsError(truncated, { cause: error });
  } finally {
    arrivals.close();
    signal?.removeEventListener('abort', onAbort);
  }
}

function askForBody(stream: Readable): void {
  continueCallbacks.get(stream)?.();
  continueCallbacks.delete(stream);
}
