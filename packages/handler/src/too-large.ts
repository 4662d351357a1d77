import { AWS_LIMITS, type Body, streamSeconds } from '@spillway/wire';
import { BrokenResponse } from './broken-response.ts';
import { usableMs } from './invocation-deadline.ts';

/** Why a body of `lengthBytes` cannot go out in one response; undefined when it can. */
export function whyTooLarge(lengthBytes: number, maxResponseBytes: number, remainingMs: number): string | undefined {
  if (lengthBytes > maxResponseBytes)
    return `${lengthBytes} bytes are more than the ${maxResponseBytes} of one response.`;
  const seconds = streamSeconds(lengthBytes, AWS_LIMITS);
  const usableSeconds = usableMs(remainingMs) / 1000;
  if (seconds <= usableSeconds) return undefined;
  return `${lengthBytes} bytes take ${Math.ceil(seconds)} s; the function has ${Math.floor(usableSeconds)} s left.`;
}

/** Passes the first `maxBytes` and breaks off. @throws BrokenResponse `size` */
export async function* whatFits(maxBytes: number, body: Body): AsyncGenerator<Uint8Array, void, undefined> {
  let restBytes = maxBytes;
  for await (const chunk of body) {
    if (chunk.byteLength > restBytes) {
      if (restBytes > 0) yield chunk.subarray(0, restBytes);
      throw new BrokenResponse('size', `A response holds ${maxBytes} bytes. Clients resume where it ends.`);
    }
    restBytes -= chunk.byteLength;
    yield chunk;
  }
}
