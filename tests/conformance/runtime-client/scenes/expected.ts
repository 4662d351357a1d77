// How the tables of scenes say what a function is and what the Runtime API is to see.
import type { Recorded, RecordedError, Recording, Scene } from '../recording.ts';

/** By what they show. A log that is not given is not compared. */
export type Scenes = Readonly<Record<string, Scene & Expected>>;

type Expected = Pick<Recording, 'calls'> & Partial<Pick<Recording, 'exitCode' | 'log'>>;

type Files = Pick<Scene, 'files'>;

export const commonJs = (source: string): Files => ({ files: { 'index.js': source } });
export const esModule = (source: string): Files => ({ files: { 'index.mjs': source } });

export const answers = (text: string): string => `exports.handler = async () => ${JSON.stringify(text)};`;
export const answersAsModule = (text: string): string => `export const handler = async () => ${JSON.stringify(text)};`;

/** The body of a streaming handler, with what it may use. */
export const streaming = (body: string, options = '{}'): Files =>
  esModule(`
    import { Readable } from 'node:stream';
    import { pipeline } from 'node:stream/promises';
    const from = (stream, statusCode = 200) => awslambda.HttpResponseStream.from(stream, { statusCode });
    const sent = async (stream) => { while (stream.writableLength > 0) await new Promise(setImmediate); };
    export const handler = awslambda.streamifyResponse(async (event, stream, context) => { ${body} }, ${options});
  `);

const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const STREAM_TYPE = 'application/octet-stream';

/** `trace` is the first line of the stack; the usual one is type and message. */
export const error = (errorType: string, errorMessage: string, trace?: string | null): RecordedError => ({
  errorType,
  errorMessage,
  trace: trace === null ? undefined : (trace ?? `${errorType}: ${errorMessage}`),
});

/** A buffered response, as JSON text. */
export const response = (json: string): Recorded => ({ response: json, type: 'application/json' });

export const failed = (...parameters: Parameters<typeof error>): Recorded => ({ error: error(...parameters) });

export const initFailed = (...parameters: Parameters<typeof error>): Recorded => ({
  initError: error(...parameters),
  errorTypeHeader: parameters[0],
});

interface StreamEnd {
  /** The error that trailers tell. */
  readonly trailers?: RecordedError;
  readonly type?: string;
  readonly state?: 'open' | 'broken';
}

export const stream = (text: string, { trailers, type = STREAM_TYPE, state }: StreamEnd = {}): Recorded => ({
  stream: text,
  type,
  ...(trailers && { trailers: { errorType: trailers.errorType, error: trailers } }),
  ...(state && { state }),
});

/** A stream for an HTTP front. `text` holds the prelude too, if one was sent. */
export const httpStream = (text: string, end: StreamEnd = {}): Recorded => stream(text, { type: PRELUDE_TYPE, ...end });

/** What is between prelude and payload. */
export const NULS: string = '\0'.repeat(8);
