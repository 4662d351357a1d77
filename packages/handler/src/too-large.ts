import { AWS_LIMITS, type Body, streamSeconds } from '@spillway/wire';
import { BrokenResponse } from './broken-response.ts';
import { usableMs } from './invocation-deadline.ts';

/** Why a body cannot go out in one response, and what could. */
export interface TooLarge {
  readonly reason: string;
  readonly maxRangeBytes: number;
}

/** Undefined when a body of `lengthBytes` fits into one response. */
export function whyTooLarge(lengthBytes: number, maxResponseBytes: number, remainingMs: number): TooLarge | undefined {
  const usableSeconds = usableMs(remainingMs) / 1000;
  const maxRangeBytes = Math.min(maxResponseBytes, bytesWithin(usableSeconds));
  if (lengthBytes > maxResponseBytes)
    return { reason: `${lengthBytes} bytes are more than the ${maxResponseBytes} of one response.`, maxRangeBytes };
  const seconds = streamSeconds(lengthBytes, AWS_LIMITS);
  if (seconds <= usableSeconds) return undefined;
  const times = `take ${Math.ceil(seconds)} s; the function has ${Math.floor(usableSeconds)} s left`;
  return { reason: `${lengthBytes} bytes ${times}.`, maxRangeBytes };
}

/** What AWS's pace lets through. */
const bytesWithin = (seconds: number) =>
  Math.floor(
    Math.min(
      AWS_LIMITS.lambdaStreamBurstBytes + seconds * AWS_LIMITS.lambdaStreamBytesPerSecond,
      AWS_LIMITS.gatewayStreamBurstBytes + seconds * AWS_LIMITS.gatewayStreamBytesPerSecond,
    ),
  );

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
