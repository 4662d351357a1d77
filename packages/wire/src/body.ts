import { AwsError } from './aws-error.ts';
import type { AwsErrorCode } from './aws-errors.ts';

/**
 * Bytes in motion. Only `transfer/buffered.ts` may hold a whole one. A chunk is valid until the next one is asked for (its
 * buffer may be used again): who keeps it copies it, and a sink asks on only after its write was flushed. A failed stream throws.
 */
export type Body = AsyncIterable<Uint8Array>;

/** A body of these chunks, in order; none is an empty body. */
export async function* bodyOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}

/** Passes `body` through. @throws AwsError `errorCode` past `limitBytes`; the bytes up to the limit are passed first. */
export async function* atMost(
  limitBytes: number,
  body: Body,
  errorCode: AwsErrorCode = 'Function.ResponseSizeTooLarge',
): AsyncGenerator<Uint8Array, void, undefined> {
  let restBytes = limitBytes;
  for await (const chunk of body) {
    if (chunk.byteLength > restBytes) {
      if (restBytes > 0) yield chunk.subarray(0, restBytes);
      throw new AwsError(errorCode);
    }
    restBytes -= chunk.byteLength;
    yield chunk;
  }
}

/**
 * Passes `body` through when it has exactly `lengthBytes`. The last byte is held back until the source has ended well, so that
 * a receiver who counts bytes never takes a failed, short or long body for a whole one.
 * @throws AwsError `IncompleteBody` when the body is shorter or longer.
 */
export async function* exactly(lengthBytes: number, body: Body): AsyncGenerator<Uint8Array, void, undefined> {
  let restBytes = lengthBytes;
  const lastByte = new Uint8Array(1);
  for await (const chunk of body) {
    if (chunk.byteLength > restBytes) throw new AwsError('IncompleteBody', { message: longer(lengthBytes) });
    if (chunk.byteLength === 0) continue;
    restBytes -= chunk.byteLength;
    if (restBytes > 0) {
      yield chunk;
      continue;
    }
    lastByte.set(chunk.subarray(-1));
    if (chunk.byteLength > 1) yield chunk.subarray(0, -1);
  }
  if (restBytes > 0) throw new AwsError('IncompleteBody', { message: shorter(lengthBytes, restBytes) });
  if (lengthBytes > 0) yield lastByte;
}

const longer = (lengthBytes: number) => `The body is longer than its Content-Length of ${lengthBytes} bytes.`;
const shorter = (lengthBytes: number, restBytes: number) =>
  `The body ended ${restBytes} bytes short of its Content-Length of ${lengthBytes} bytes.`;

/**
 * The whole of a body that is small by nature (a document, an event, a buffered response), as one array of its own.
 * @throws AwsError `errorCode` as soon as it passes `limitBytes`.
 */
export async function readWhole(
  body: Body,
  limitBytes: number,
  errorCode: AwsErrorCode,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) throw new AwsError(errorCode);
    // Not slice(), which does not copy where the chunk is a Buffer of Node.js.
    chunks.push(new Uint8Array(chunk));
  }
  return concatBytes(chunks, sizeBytes);
}

/** One array with the bytes of all `chunks`. */
export function concatBytes(
  chunks: readonly Uint8Array[],
  sizeBytes: number = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
