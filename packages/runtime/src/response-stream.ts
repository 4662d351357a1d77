// `responseStream` of a streaming handler. Same as AWS's (checked against it): methods, properties, which of them can be set, content
// type, backpressure, trailers, and what is odd: `end(data)` and `end()` send no prelude, `end` takes one argument, `write` of other
// types sends their JSON, `write(null)` throws, `destroy` is fatal to the process.

import type { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { type ErrorDocument, RUNTIME_API_HEADERS } from '@spillway/wire/runtime-api';
import { answered, leave } from './runtime-api-client.ts';
import { runtimeError } from './runtime-error.ts';

type WriteCallback = (error?: Error | null) => void;

/** A plain object, no instance of `stream.Writable`; `stream.pipeline()` and `pipe()` take it for one. */
export interface ResponseStream extends EventEmitter {
  /** False: wait for `drain`, the Runtime API is not taking more at present. */
  write(chunk: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback): boolean;
  end(chunkOrCallback?: unknown): void;
  destroy(error?: Error): void;
  cork(): void;
  uncork(): void;
  /** @throws Runtime.InvalidStreamingOperation after the first write. */
  setContentType(contentType: string): void;
  /** Called once by the first `write()`, with what sends bytes ahead of it. */
  _onBeforeFirstWrite?: (write: (chunk: string | Uint8Array) => void) => void;
  destroyed: boolean;
  writable: boolean;
  readonly writableBuffer: unknown;
  readonly writableCorked: number;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  readonly writableHighWaterMark: number;
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  readonly writableObjectMode: boolean;
}

/** A streamed response as the runtime sees it. */
export interface OpenResponse {
  readonly responseStream: ResponseStream;
  /** Settles when the Runtime API has answered; rejects when the function has broken the stream. */
  readonly answered: Promise<unknown>;
  /** Ends the response with error trailers. `flushed` is called when all was sent, or nothing more can be. */
  fail(error: ErrorDocument, flushed: () => void): void;
  /** From now on not one byte more is sent, whatever the function does. */
  freeze(): void;
}

const EVENT_EMITTER_METHODS = [
  'addListener',
  'emit',
  'eventNames',
  'getMaxListeners',
  'listenerCount',
  'listeners',
  'off',
  'on',
  'once',
  'prependListener',
  'prependOnceListener',
  'rawListeners',
  'removeAllListeners',
  'removeListener',
  'setMaxListeners',
] as const;

const SETTABLE = ['destroyed', 'writable', '_onBeforeFirstWrite'] as const;
const READ_ONLY = [
  'writableBuffer',
  'writableCorked',
  'writableEnded',
  'writableFinished',
  'writableHighWaterMark',
  'writableLength',
  'writableNeedDrain',
  'writableObjectMode',
] as const;

type Inner = ClientRequest & Pick<ResponseStream, '_onBeforeFirstWrite'> & Record<string, unknown>;

/** Wraps the POST of a response. Nothing of the request but what is named here is within the function's reach. */
export function openResponse(request: ClientRequest): OpenResponse {
  const inner = request as Inner;
  let isWriting = false;
  let isFrozen = false;
  let isDestroyed = false;

  const write: ResponseStream['write'] = (chunk, encoding, callback) => {
    const bytes = writableChunk(chunk);
    if (isFrozen) return false;
    if (!isWriting) inner._onBeforeFirstWrite?.((head) => request.write(head));
    const hasRoom = request.write(bytes, encoding as BufferEncoding, callback);
    isWriting = true;
    return hasRoom;
  };
  const methods = {
    write,
    // AWS's takes one argument: a callback behind data is never called.
    end: (chunkOrCallback?: unknown) => void (isFrozen || request.end(chunkOrCallback as string)),
    destroy: (error?: Error) => {
      isDestroyed = true;
      request.destroy(error);
    },
    cork: () => request.cork(),
    uncork: () => request.uncork(),
    setContentType: (contentType: string) => {
      if (isWriting) throw runtimeError('InvalidStreamingOperation', 'Cannot set content-type, too late.');
      request.setHeader('Content-Type', contentType);
    },
  };
  return {
    responseStream: facade(inner, methods),
    answered: untilAnswered(request, () => isDestroyed),
    fail: (error, flushed) => {
      if (isFrozen) return;
      request.addTrailers(errorTrailers(error));
      request.end(flushed);
    },
    freeze: () => {
      isFrozen = true;
    },
  };
}

/**
 * A stream that the function breaks, by `destroy()` or a write after the end, rejects twice, as in AWS's client: for the runtime, and
 * where nobody listens as long as there is no answer, which ends the process. One whose connection broke has lost its server.
 */
function untilAnswered(request: ClientRequest, isDestroyed: () => boolean): Promise<unknown> {
  let hasAnswer = false;
  let isBroken = false;
  request.once('response', () => {
    hasAnswer = true;
  });
  const promise = new Promise((resolve, reject) => {
    const broken = (error: Error) => {
      if (isBroken) return;
      isBroken = true;
      if (!isDestroyed() && request.socket?.readable === false) leave();
      request.destroy(error);
      reject(error);
      if (!hasAnswer) void Promise.reject(error);
    };
    answered(request, broken).then(resolve, reject);
  });
  promise.catch(() => {});
  return promise;
}

function facade(inner: Inner, methods: object): ResponseStream {
  const emitter = EVENT_EMITTER_METHODS.map((name) => [name, (inner[name] as () => unknown).bind(inner)]);
  const stream = { ...methods, ...Object.fromEntries(emitter) };
  for (const name of READ_ONLY) Object.defineProperty(stream, name, { get: () => inner[name] });
  for (const name of SETTABLE) {
    const set = (value: unknown) => Object.assign(inner, { [name]: value });
    Object.defineProperty(stream, name, { get: () => inner[name], set });
  }
  return stream;
}

function writableChunk(chunk: unknown): string | Uint8Array {
  if (chunk === null || chunk === undefined)
    throw new TypeError(`Cannot read properties of ${chunk} (reading 'length')`);
  const isWritable = typeof chunk === 'string' || Buffer.isBuffer(chunk) || chunk.constructor === Uint8Array;
  return isWritable ? (chunk as string | Uint8Array) : JSON.stringify(chunk);
}

const errorTrailers = (error: ErrorDocument) => ({
  // Anything else would not be a header.
  [RUNTIME_API_HEADERS.errorType]: error.errorType.replaceAll(/[^\x20-\x7e]/g, '?'),
  [RUNTIME_API_HEADERS.errorBody]: Buffer.from(JSON.stringify(error)).toString('base64'),
});
