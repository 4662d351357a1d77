import type { Prelude } from '@spillway/wire';
import type { DownloadResponse } from './respond.ts';

/** `responseStream` as Lambda's Node.js runtime hands it over: a plain object, no Writable. */
export interface LambdaResponseStream {
  write(chunk: string | Uint8Array, encoding?: undefined, callback?: (error?: Error | null) => void): boolean;
  end(): void;
  once(event: 'finish' | 'close' | 'error', listener: (error?: Error) => void): unknown;
}

/** The part of the global `awslambda` that sends a prelude. */
export interface HttpResponseStream {
  from(stream: LambdaResponseStream, prelude: Prelude): LambdaResponseStream;
}

/**
 * Sends a response, one chunk in flight at a time: the next one is asked for when the last is flushed. A client that leaves ends all
 * that the answer waits for, be it a write or a read.
 * @throws what the body failed with; Lambda then breaks the stream off.
 */
export async function writeResponse(
  { prelude, body, signal, end, record }: DownloadResponse,
  responseStream: LambdaResponseStream,
  httpResponseStream: HttpResponseStream,
): Promise<void> {
  const closed = (error?: Error) => end(error ?? new Error('Lambda closed the response stream.'));
  try {
    const stream = httpResponseStream.from(responseStream, prelude);
    stream.once('error', closed);
    stream.once('close', closed);
    // The prelude goes out with the first write, and with it alone: end() would send none, and API Gateway answer 500.
    await flushed(stream, '', signal);
    for await (const chunk of body) {
      await flushed(stream, chunk, signal);
      record.sentBytes += chunk.byteLength;
    }
    await settled(signal, (done) => {
      stream.once('finish', () => done());
      stream.end();
    });
  } finally {
    // Of a client that left before the first byte nothing was read, and so nothing let go of.
    await body.return();
  }
}

const flushed = (stream: LambdaResponseStream, chunk: string | Uint8Array, signal: AbortSignal) =>
  settled(signal, (done) => void stream.write(chunk, undefined, done));

/** Waits for `start`'s callback, unless the stream or the invocation ends first. */
function settled(signal: AbortSignal, start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => {
      signal.removeEventListener('abort', aborted);
      if (error) reject(error);
      else resolve();
    };
    const aborted = () => done(signal.reason as Error);
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', aborted);
    start(done);
  });
}
