import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { resolveRange } from '../range.ts';

/** What happens to one answer, `atByte` of its body. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'cut' | 'reset' | 'stall' | 'end'; readonly atByte: number }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'silence' }
  | { readonly kind: 'length'; readonly offBy: number }
  | { readonly kind: 'replace'; readonly atByte: number };

export interface FaultyOrigin {
  readonly url: string;
  readonly requests: readonly { readonly method: string; readonly headers: IncomingMessage['headers'] }[];
  /** The versions; `replace` goes on to the next. */
  versions: readonly Uint8Array[];
  version: number;
  /** Whether its clients are told how to check an object. */
  hasChecksums: boolean;
  /** Asked once a request. */
  nextFault: (method: string) => Fault;
  close(): Promise<void>;
}

export const eTagOf = (bytes: Uint8Array): string => `"${crc32(bytes).toString(16)}"`;

/** An S3 bucket with one object, as far as the handler can tell, over real sockets. It answers any path. */
export async function startFaultyOrigin(...versions: readonly Uint8Array[]): Promise<FaultyOrigin> {
  const requests: { method: string; headers: IncomingMessage['headers'] }[] = [];
  const server: Server = createServer((request, response) => {
    requests.push({ method: request.method ?? '', headers: request.headers });
    void answer(origin, request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin: FaultyOrigin = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    versions,
    version: 0,
    hasChecksums: true,
    nextFault: () => ({ kind: 'none' }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return origin;
}

async function answer(origin: FaultyOrigin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const fault = origin.nextFault(request.method ?? '');
  if (fault.kind === 'silence') return;
  if (fault.kind === 'status') return refuse(response, fault.status, fault.retryAfter);
  const bytes = origin.versions[origin.version % origin.versions.length] ?? new Uint8Array();
  const ifMatch = request.headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== eTagOf(bytes)) return refuse(response, 412);
  const selected = select(request.headers.range, bytes);
  if (selected === undefined) return refuse(response, 416);
  setHead(origin, response, bytes, selected, fault);
  if (request.method === 'HEAD') response.end();
  else await send(origin, response, bytes.subarray(selected.first, selected.last + 1), fault);
}

function setHead(
  { hasChecksums }: FaultyOrigin,
  response: ServerResponse,
  bytes: Uint8Array,
  { first, last, isPartial }: Selected,
  fault: Fault,
): void {
  const lengthBytes = last - first + 1 + (fault.kind === 'length' ? fault.offBy : 0);
  response.statusCode = isPartial ? 206 : 200;
  response.setHeader('ETag', eTagOf(bytes));
  response.setHeader('Last-Modified', 'Mon, 23 Nov 2026 08:30:15 GMT');
  response.setHeader('Content-Type', 'application/octet-stream');
  if (fault.kind !== 'end') response.setHeader('Content-Length', Math.max(0, lengthBytes));
  if (isPartial) response.setHeader('Content-Range', `bytes ${first}-${last}/${bytes.byteLength}`);
  if (!hasChecksums || isPartial) return;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  response.setHeader('x-amz-checksum-crc32', checksum.toString('base64'));
  response.setHeader('x-amz-checksum-type', 'FULL_OBJECT');
}

async function send(origin: FaultyOrigin, response: ServerResponse, body: Uint8Array, fault: Fault): Promise<void> {
  if (fault.kind === 'length') return void response.socket?.end(Buffer.concat([head(response), body]));
  if (!('atByte' in fault)) return void response.end(body);
  await new Promise((resolve) => response.write(body.subarray(0, fault.atByte), resolve));
  if (fault.kind === 'end') response.end();
  if (fault.kind === 'cut') response.destroy();
  if (fault.kind === 'reset') response.socket?.resetAndDestroy();
  if (fault.kind === 'replace') {
    origin.version += 1;
    response.destroy();
  }
}

/** What was set, taken away from Node.js, which holds a body against its Content-Length. */
function head(response: ServerResponse): Uint8Array {
  const lines = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${response.statusCode} Faulty\r\n${lines.join('')}\r\n`);
}

interface Selected {
  readonly first: number;
  readonly last: number;
  readonly isPartial: boolean;
}

function select(header: string | undefined, bytes: Uint8Array): Selected | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  const end = bytes.byteLength - 1;
  if (first === undefined || last === undefined) return { first: 0, last: end, isPartial: false };
  const spec =
    first === '' ? { suffixBytes: Number(last) } : { first: Number(first), last: last === '' ? end : Number(last) };
  const range = resolveRange(spec, bytes.byteLength);
  return range && { ...range, isPartial: true };
}

/** As S3's XML, which its SDK reads. */
function refuse(response: ServerResponse, status: number, retryAfter?: string): void {
  const codes: Readonly<Record<number, string>> = {
    412: 'PreconditionFailed',
    416: 'InvalidRange',
    503: 'SlowDown',
    404: 'NoSuchKey',
  };
  if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
  response.writeHead(status, { 'Content-Type': 'application/xml' });
  response.end(`<Error><Code>${codes[status] ?? 'InternalError'}</Code><Message>faulty</Message></Error>`);
}
