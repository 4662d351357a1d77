import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a range origin has under a path. */
export interface ServedObject {
  readonly bytes: Uint8Array;
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** False: every GET is answered with the whole. */
  readonly hasRanges?: boolean;
  /** False: If-Match is ignored, as many servers do. */
  readonly hasConditions?: boolean;
}

/** Answers a request in place of the origin; false leaves it to the origin. */
export type Intercept = (request: IncomingMessage, response: ServerResponse, count: number) => boolean | undefined;

/** A plain HTTP server of the test with single ranges and If-Match. */
export interface RangeOrigin {
  readonly url: string;
  /** By path; may be changed at any time. */
  readonly objects: Map<string, ServedObject>;
  /** `GET bytes=0-9`, in order of arrival. */
  readonly requests: string[];
  intercept: Intercept | undefined;
  close(): Promise<void>;
}

export async function startRangeOrigin(objects: Readonly<Record<string, ServedObject>> = {}): Promise<RangeOrigin> {
  const origin: Omit<RangeOrigin, 'url' | 'close'> = {
    objects: new Map(Object.entries(objects)),
    requests: [],
    intercept: undefined,
  };
  const server = createServer((request, response) => {
    origin.requests.push(`${request.method} ${request.headers.range ?? 'whole'}`);
    if (origin.intercept?.(request, response, origin.requests.length) === true) return;
    const object = origin.objects.get(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (object === undefined) response.writeHead(404).end('no such object');
    else serve(object, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return Object.assign(origin, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close });
}

/** What the origin answers by itself. */
export function serve(object: ServedObject, request: IncomingMessage, response: ServerResponse): void {
  const { bytes, etag, headers = {}, hasRanges = true, hasConditions = true } = object;
  const size = bytes.byteLength;
  const ifMatch = request.headers['if-match'];
  if (hasConditions && ifMatch !== undefined && ifMatch !== etag) {
    response.writeHead(412).end();
    return;
  }
  const common = { ...(etag === undefined ? {} : { ETag: etag }), ...headers };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (!hasRanges || first === undefined || request.method === 'HEAD') {
    response.writeHead(200, { ...common, 'Content-Length': size });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return;
  }
  const start = Number(first);
  const end = Math.min(size, last === '' || last === undefined ? size : Number(last) + 1);
  if (start >= size) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(206, {
    ...common,
    'Accept-Ranges': 'bytes',
    'Content-Range': `bytes ${start}-${end - 1}/${size}`,
    'Content-Length': end - start,
  });
  response.end(bytes.subarray(start, end));
}
