import { PRELUDE_CONTENT_TYPE, PRELUDE_DELIMITER } from '@spillway/wire/runtime-api';
import type { Context } from './context.ts';
import type { ResponseStream } from './response-stream.ts';
import { runtimeError } from './runtime-error.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html */
export type StreamingHandler = (event: unknown, responseStream: ResponseStream, context: Context) => unknown;

export interface StreamifyOptions {
  /** Of the connection to the Runtime API, bytes. */
  readonly highWaterMark?: number;
}

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

type Marked = { [STREAMING]?: unknown; [HIGH_WATER_MARK]?: unknown };

function streamifyResponse<Handler extends StreamingHandler>(handler: Handler, options?: StreamifyOptions): Handler {
  const marked = handler as Marked;
  marked[STREAMING] = 'response';
  if (typeof options?.highWaterMark === 'number') marked[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
  return handler;
}

const HttpResponseStream = {
  /** Lets the first `write()`, and it alone, send `metadata` ahead: `end(data)` sends none, as on AWS. */
  from(responseStream: ResponseStream, metadata: unknown): ResponseStream {
    responseStream.setContentType(PRELUDE_CONTENT_TYPE);
    const prelude = JSON.stringify(metadata);
    responseStream._onBeforeFirstWrite = (write) => {
      write(prelude);
      write(PRELUDE_DELIMITER);
    };
    return responseStream;
  },
};

/** Puts `awslambda` into the global scope, unless AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA says not to. */
export function installAwslambda(): void {
  const without = process.env['AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA'];
  if (without === '1' || without === 'true') return;
  Object.assign(globalThis, { awslambda: { streamifyResponse, HttpResponseStream } });
}

/** What `streamifyResponse` left on a handler; undefined for a buffered one. @throws Runtime.MalformedStreamingHandler */
export function streamingOptions(handler: object): StreamifyOptions | undefined {
  const { [STREAMING]: streaming, [HIGH_WATER_MARK]: mark } = handler as Marked;
  if (streaming === undefined || streaming === null || streaming === false) return undefined;
  if (streaming !== 'response')
    throw runtimeError('MalformedStreamingHandler', 'Only response streaming is supported.');
  const highWaterMark = Number.parseInt(String(mark), 10);
  return Number.isNaN(highWaterMark) ? {} : { highWaterMark };
}
