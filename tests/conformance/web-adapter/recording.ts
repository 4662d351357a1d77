import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { LambdaApiRecorder, Post } from './lambda-api-recorder.ts';
import type { SeenRequest, WebApp } from './web-app.ts';

/** Header lines, sorted; or by name, what is written as JSON. */
type Headers = Readonly<Record<string, unknown>>;

interface RecordedRequest {
  readonly method: string;
  /** Path, and the parameters of the query in alphabetical order. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
}

export type RecordedAnswer =
  | { readonly response: unknown; readonly headers: Headers }
  | { readonly error: unknown; readonly headers: Headers }
  | {
      readonly prelude: unknown;
      readonly headers: Headers;
      readonly body: string;
      readonly trailers?: unknown;
      /** `prelude and NULs in chunks of their own` is not told. */
      readonly framing?: string;
      readonly state?: string;
    };

export interface SceneRecording {
  /** What the app was asked; nothing, when it was not; method and target alone, where requests are not compared. */
  readonly request: RecordedRequest | string | null;
  /** What Lambda was told; nothing, when the adapter ended. */
  readonly answer: RecordedAnswer | null;
}

export interface GroupRecording {
  readonly extension: readonly string[];
  /** Requests of the app before the first event. */
  readonly readiness: readonly RecordedRequest[];
  readonly exitCode: number | null;
  readonly log: readonly string[];
  /** By name. */
  readonly scenes: Readonly<Record<string, SceneRecording>>;
}

export interface Played {
  readonly recorder: LambdaApiRecorder;
  readonly app: WebApp;
  readonly port: number;
  readonly names: readonly string[];
  readonly comparesAnswers: boolean;
  readonly exitCode: number | null;
  readonly log: readonly string[];
}

/** What was seen, without what differs from run to run. JSON. */
export function groupRecording({ recorder, app, port, exitCode, log, ...played }: Played): GroupRecording {
  const scenes = played.names.map((name, index): [string, SceneRecording] => {
    const requestId = `request-${index}`;
    const seen = app.seen.find((request) => request.requestId === requestId);
    const posts = recorder.posts.filter((post) => post.requestId === requestId);
    if (posts.length > 1) throw new Error(`${name}: ${posts.length} answers`);
    const request = seen ? recordedRequest(seen) : null;
    return [
      name,
      {
        request: request && played.comparesAnswers ? `${request.method} ${request.target}` : request,
        answer: posts[0] ? recordedAnswer(posts[0]) : null,
      },
    ];
  });
  const recording: GroupRecording = {
    extension: recorder.calls.extension,
    readiness: app.seen.filter(({ requestId }) => requestId === undefined).map(recordedRequest),
    exitCode,
    log: log.map(withoutIncidentals),
    scenes: Object.fromEntries(scenes),
  };
  return JSON.parse(JSON.stringify(recording).replaceAll(`127.0.0.1:${port}`, '127.0.0.1:<port>')) as GroupRecording;
}

/** Of the lines of an invocation, the causes of errors are Rust's or Node.js's own. */
const withoutIncidentals = (line: string) => line.replace(/^(ERROR Lambda runtime invoke\{[^}]*\}):.*/, '$1: …');

function recordedRequest({ method, target, rawHeaders, body }: SeenRequest): RecordedRequest {
  const [path, query] = target.split('?');
  const sorted = query === undefined ? path : `${path}?${query.split('&').sort().join('&')}`;
  return { method, target: sorted ?? '', headers: headerLines(rawHeaders), body: shown(body) };
}

/** Values by lower-case name, JSON read. */
function headerLines(rawHeaders: readonly string[]): Headers {
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? '']] : [],
  );
  const names = [...new Set(lines.map(([name = '']) => name))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const values = lines.filter(([other]) => other === name).map(([, value = '']) => value);
      return [
        name,
        name.startsWith('x-amzn-') && values[0]?.startsWith('{') ? JSON.parse(values[0]) : values.join(' | '),
      ];
    }),
  );
}

const ANSWER_HEADERS = [
  'content-type',
  'transfer-encoding',
  'trailer',
  'lambda-runtime-function-response-mode',
  'lambda-runtime-function-error-type',
];

function recordedAnswer(post: Post): RecordedAnswer {
  const headers = Object.fromEntries(
    ANSWER_HEADERS.filter((name) => post.headers[name] !== undefined).map((name) => [name, post.headers[name]]),
  );
  if (headers['transfer-encoding'] !== undefined) return { ...recordedStream(post), headers };
  const json: unknown = JSON.parse(Buffer.concat(post.chunks).toString());
  return post.name === 'error' ? { error: json, headers } : { response: recordedResponse(json), headers };
}

function recordedStream(post: Post): { prelude: unknown; body: string } {
  const bytes = Buffer.concat(post.chunks);
  const delimiter = bytes.indexOf(Buffer.alloc(8));
  const inChunks = post.chunks[0]?.byteLength === delimiter && post.chunks[1]?.byteLength === 8;
  return {
    prelude: JSON.parse(bytes.subarray(0, delimiter).toString()),
    body: shown(bytes.subarray(delimiter + 8)),
    ...(!inChunks && { framing: 'other' }),
    ...(Object.keys(post.trailers).length > 0 && { trailers: post.trailers }),
    ...(post.state !== 'complete' && { state: post.state }),
  };
}

interface BufferedResponse {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
}

/** Compressed bodies are read, long ones are shortened. */
function recordedResponse(json: unknown): unknown {
  if (json === null || typeof json !== 'object' || !('body' in json)) return json;
  const response = json as BufferedResponse;
  const bytes = Buffer.from(response.body ?? '', response.isBase64Encoded ? 'base64' : 'utf8');
  const encoding = response.headers?.['content-encoding'] ?? response.multiValueHeaders?.['content-encoding']?.[0];
  return { ...response, body: shown(decoded(bytes, encoding)) };
}

function decoded(bytes: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(bytes);
  return encoding === 'br' ? brotliDecompressSync(bytes) : bytes;
}

const LONG_BODY = 1000;

/** As text; bytes that are no UTF-8 in hexadecimal digits; of a long body the digest. */
function shown(bytes: Buffer): string {
  if (bytes.byteLength > LONG_BODY) {
    return `${bytes.byteLength} bytes, sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  }
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : `0x${bytes.toString('hex')}`;
}
