import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer, type SecureServerOptions } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An answer before it is sent. `end` is what comes after the bytes. */
interface Draft {
  status: number;
  headers: Record<string, string | number>;
  bytes: Uint8Array;
  /** Holds the body back for so long, as a proxy does that waits for all of it. */
  holdMs: number;
  /** Bytes after which the connection breaks. */
  breakAfterBytes: number;
}

/** Makes one thing of an answer wrong. */
export type Spoil = (draft: Draft, request: IncomingMessage) => void;

export interface FaultyEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

const ETAG = '"version-1"';
const LAST_MODIFIED = 'Mon, 02 Nov 2026 10:00:00 GMT';

const HEADERS = {
  ETag: ETAG,
  'Last-Modified': LAST_MODIFIED,
  'Accept-Ranges': 'bytes',
  'Content-Type': 'application/octet-stream',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
  'Content-Disposition': `attachment; filename="__.bin"; filename*=UTF-8''%E8%AB%8B%E6%B1%82.bin`,
};

/** A download endpoint without a fault, but for the one that `spoil` makes. */
export async function startFaultyEndpoint(
  bytes: Uint8Array,
  spoil: Spoil = () => {},
  tls?: SecureServerOptions,
): Promise<FaultyEndpoint> {
  const listener: RequestListener = (request, response) => {
    const draft = answerTo(bytes, request);
    spoil(draft, request);
    setTimeout(() => send(draft, request, response), draft.holdMs);
  };
  // HTTP/2's requests and responses are those of HTTP/1.1 as far as this goes.
  const server = tls ? createSecureServer({ ...tls, allowHTTP1: true }, listener as never) : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${(server.address() as AddressInfo).port}/files/object.bin`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** In RFC 9110's order, as far as the checks ask. */
function answerTo(bytes: Uint8Array, { headers, method }: IncomingMessage): Draft {
  const draft = (status: number, body: Uint8Array, added: Record<string, string | number> = {}): Draft => ({
    status,
    headers: { ...HEADERS, ...(status === 304 ? {} : { 'Content-Length': body.byteLength }), ...added },
    bytes: body,
    holdMs: 0,
    breakAfterBytes: Number.POSITIVE_INFINITY,
  });
  if (headers['if-match'] !== undefined && headers['if-match'] !== ETAG) return draft(412, new Uint8Array());
  if (isUnmodified(headers)) return draft(304, new Uint8Array());
  const isRanged = method === 'GET' && [undefined, ETAG].includes(headers['if-range'] as string | undefined);
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec((isRanged && headers.range) || '') ?? [];
  if (first === '' && last === '') return draft(200, bytes);
  const size = bytes.byteLength;
  const [start, end] = bounds(first, last, size);
  if (start >= size) return draft(416, new Uint8Array(), { 'Content-Range': `bytes */${size}` });
  return draft(206, bytes.subarray(start, end), { 'Content-Range': `bytes ${start}-${end - 1}/${size}` });
}

function bounds(first: string, last: string, size: number): [number, number] {
  if (first === '') return [Math.max(0, size - Number(last)), size];
  return [Number(first), last === '' ? size : Math.min(size, Number(last) + 1)];
}

function isUnmodified(headers: IncomingMessage['headers']): boolean {
  const tag = headers['if-none-match'];
  return tag === undefined ? headers['if-modified-since'] === LAST_MODIFIED : tag.replace(/^W\//, '') === ETAG;
}

function send(draft: Draft, { method }: IncomingMessage, response: ServerResponse): void {
  response.writeHead(draft.status, draft.headers);
  if (method === 'HEAD') response.end();
  else if (draft.bytes.byteLength <= draft.breakAfterBytes) response.end(draft.bytes);
  else response.write(draft.bytes.subarray(0, draft.breakAfterBytes), () => endConnection(response));
}

/** The whole connection, or the stream of HTTP/2. */
function endConnection(response: ServerResponse): void {
  if ('stream' in response) (response.stream as Duplex).destroy(new Error('broken on purpose'));
  else response.socket?.destroySoon();
}
