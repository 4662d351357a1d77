import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { LambdaApiRecorder } from './lambda-api-recorder.ts';

/** A request as the app saw it. */
export interface SeenRequest {
  readonly requestId: string | undefined;
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  body: Buffer;
}

const LARGE_BODY: Buffer = Buffer.from(
  Uint32Array.from({ length: 5_000_000 }, (_, index) => Math.imul(index, 2_654_435_761)).buffer,
);

type Route = (request: IncomingMessage, response: ServerResponse, recorder: LambdaApiRecorder) => unknown;

const SHORT_TEXT = 'shorter than 32';
const LONG_TEXT = 'long enough to be compressed, '.repeat(10);

/** What the app answers, by path. */
const ROUTES: Readonly<Record<string, Route>> = {
  '/text': (_, response) => response.setHeader('content-type', 'text/plain; charset=utf-8').end('grüße'),
  '/latin1': (_, response) =>
    response.setHeader('content-type', 'text/html; charset=ISO-8859-1').end(Buffer.from('grüße', 'latin1')),
  '/utf-16': (_, response) =>
    response.setHeader('content-type', 'text/plain').end(Buffer.from('\ufeffgrüße', 'utf16le')),
  '/marked': (_, response) => response.setHeader('content-type', 'text/plain').end(Buffer.from('\ufeffmarked')),
  '/not-utf-8': (_, response) => response.setHeader('content-type', 'text/plain').end(Buffer.from([0x61, 0xff, 0x62])),
  '/strange-charset': (_, response) => response.setHeader('content-type', 'text/plain; charset=klingon').end('nuqneH'),
  '/json': (_, response) => response.setHeader('content-type', 'application/json').end('{"a":[1,"ü"]}'),
  '/problem': (_, response) => response.setHeader('content-type', 'application/problem+json;v=1').end('{"title":"no"}'),
  '/svg': (_, response) => response.setHeader('content-type', 'image/svg+xml').end(`<svg>${LONG_TEXT}</svg>`),
  '/upper': (_, response) => response.setHeader('content-type', 'Text/Plain').end('upper case'),
  '/binary': (_, response) => response.setHeader('content-type', 'application/pdf').end(Buffer.from([0, 255, 1, 254])),
  '/said-text': (_, response) =>
    response
      .setHeader('content-type', 'application/x-custom')
      .setHeader('x-lambda-http-content-encoding', 'text')
      .end('said'),
  '/untyped': (_, response) => response.end('no type at all'),
  '/encoded': (_, response) =>
    response.setHeader('content-type', 'text/plain').setHeader('content-encoding', 'x-own').end('opaque'),
  '/empty': (_, response) => response.end(),
  '/empty-typed': (_, response) => response.setHeader('content-type', 'application/pdf').end(),
  '/204': (_, response) => response.writeHead(204).end(),
  '/304': (_, response) => response.writeHead(304, { etag: '"e"' }).end(),
  '/302': (_, response) => response.writeHead(302, { location: '/elsewhere' }).end(),
  '/404': (_, response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('not here'),
  '/418': (_, response) => response.writeHead(418).end(),
  '/500': (_, response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('oops ü'),
  '/503': (_, response) => response.writeHead(503).end(),
  '/599': (_, response) => response.writeHead(599).end(),
  '/chunked': (_, response) => {
    response.setHeader('content-type', 'text/plain').write('one,');
    response.end('two');
  },
  '/with-length': (_, response) =>
    response.writeHead(200, { 'content-length': 3, 'content-type': 'text/plain' }).end('abc'),
  '/head': (_, response) => response.writeHead(200, { 'content-length': 1000, 'content-type': 'text/plain' }).end(),
  '/close': (_, response) => response.setHeader('connection', 'close').end('closed after this'),
  '/headers': (_, response) => {
    response.setHeader('X-Mixed-Case', 'Value').setHeader('x-several', ['one', 'two, three']);
    response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2']).setHeader('x-empty', '');
    response.end('headers');
  },
  '/file-name': (_, response) =>
    response.setHeader('content-disposition', `attachment; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt`).end('file'),
  '/utf-8-header': (_, response) => response.setHeader('x-name', latin1('日本')).end('raw'),
  '/utf-8-headers': (_, response) => response.setHeader('x-name', ['plain', latin1('日本')]).end('raw'),
  '/utf-8-cookie': (_, response) => response.setHeader('set-cookie', latin1('name=日本')).end('raw'),
  '/latin1-header': (_, response) => response.setHeader('x-name', '\xe9').end('raw'),
  '/trailers': (_, response) => {
    response.setHeader('trailer', 'x-sum').write('with trailers');
    response.addTrailers({ 'x-sum': '1' });
    response.end();
  },
  '/long': (_, response) => response.setHeader('content-type', 'text/plain').end(LONG_TEXT),
  '/long-chunked': (_, response) => {
    response.setHeader('content-type', 'text/plain').write(LONG_TEXT);
    response.end(LONG_TEXT);
  },
  '/long-ranged': (_, response) =>
    response.writeHead(206, { 'content-type': 'text/plain', 'content-range': 'bytes 0-299/900' }).end(LONG_TEXT),
  '/long-png': (_, response) => response.setHeader('content-type', 'image/png').end(LONG_TEXT),
  '/long-events': (_, response) => response.setHeader('content-type', 'text/event-stream').end(LONG_TEXT),
  '/long-varied': (_, response) =>
    response.writeHead(200, { vary: 'Origin', 'accept-ranges': 'bytes', 'content-type': 'text/plain' }).end(LONG_TEXT),
  '/short': (_, response) => response.setHeader('content-type', 'text/plain').end(SHORT_TEXT),
  '/large': (_, response) => response.setHeader('content-type', 'application/octet-stream').end(LARGE_BODY),
  '/large-chunked': (_, response) => {
    response.setHeader('content-type', 'application/octet-stream').write(LARGE_BODY.subarray(0, 1_000_000));
    response.end(LARGE_BODY.subarray(1_000_000));
  },
  '/events': (_, response) => response.setHeader('content-type', 'application/json').end('{"handled":true}'),
  '/own-events': (_, response) => response.setHeader('content-type', 'text/plain').end('no JSON'),
  // Sends a second event only after the first was passed on.
  '/server-sent-events': async (_, response, recorder) => {
    response.setHeader('content-type', 'text/event-stream').write('data: first\n\n');
    await recorder.received('data: first\n\n');
    response.write('data: second\n\n');
    await recorder.received('data: second\n\n');
    response.end();
  },
  '/breaks-with-length': async (_, response, recorder) => {
    response.writeHead(200, { 'content-length': 100, 'content-type': 'text/plain' }).write('the first half');
    await recorder.received('the first half');
    response.socket?.end();
  },
  '/breaks-chunked': async (_, response, recorder) => {
    response.setHeader('content-type', 'text/plain').write('the first half');
    await recorder.received('the first half');
    response.socket?.end();
  },
  '/breaks-before-head': (request) => request.socket.destroy(),
};

const FIRST_PORT = 10_000;
const PORTS = 10_000;

const latin1 = (text: string) => Buffer.from(text).toString('latin1');

export interface WebAppOptions {
  /** Statuses of its answers to the first requests, before all else. */
  readonly readiness?: readonly number[];
}

/** A web app, and what it was asked. */
export class WebApp {
  readonly seen: SeenRequest[] = [];
  readonly #server: Server;
  readonly #readiness: number[];
  readonly #recorder: LambdaApiRecorder;

  constructor({ readiness = [200] }: WebAppOptions, recorder: LambdaApiRecorder) {
    this.#readiness = [...readiness];
    this.#recorder = recorder;
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  /** Listens for a moment, to find a port that is free; below those that systems give out, so that nobody else gets it in between. */
  async reservePort(): Promise<number> {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      await this.listen(port);
    } catch {
      return this.reservePort();
    }
    await this.close();
    return port;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.sendDate = false;
    const context = request.headers['x-amzn-lambda-context'];
    const requestId =
      typeof context === 'string' ? (JSON.parse(context) as { request_id: string }).request_id : undefined;
    const { method = '', url: target = '', rawHeaders } = request;
    const seen: SeenRequest = { requestId, method, target, rawHeaders, body: Buffer.alloc(0) };
    this.seen.push(seen);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    } finally {
      seen.body = Buffer.concat(chunks);
    }
    const readiness = this.#readiness.shift();
    if (readiness !== undefined) response.writeHead(readiness, { connection: 'close' }).end();
    else await this.#route(target)(request, response, this.#recorder);
  }

  #route(target: string): Route {
    return ROUTES[target.split('?')[0] ?? ''] ?? ((_, response) => response.end('anything'));
  }
}
