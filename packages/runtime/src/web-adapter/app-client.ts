import { Agent, type IncomingMessage, request } from 'node:http';
import type { AppRequest } from './app-request.ts';
import type { HeaderMap } from './event/header-map.ts';

/** The app could not be asked, or did not answer. In the words of AWS's adapter. */
export class AppRequestError extends Error {
  override readonly name = 'AppRequestError';
}

/** An unused connection is kept for this long. */
const IDLE_CONNECTION_MS = 4000;

/** As AWS's HTTP client reads at most. */
const MAX_HEADER_BYTES = 417_792;

/** The web app over HTTP/1.1. Answers come as they are: no redirect is followed, nothing is decoded. */
export class AppClient {
  readonly #app: URL;
  readonly #agent: Agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });

  constructor(app: URL) {
    this.#app = app;
  }

  /** Settles at the head of the answer. @throws AppRequestError */
  async send({ method, target, headers, body }: AppRequest): Promise<IncomingMessage> {
    const isChunked = headers.has('transfer-encoding');
    const length = promisedLength(headers, body);
    return await new Promise((resolve, reject) => {
      const call = request({ ...this.#address(), method, path: target });
      for (const [name, values] of headers) call.setHeader(name, values);
      if (!isChunked) call.setHeader('content-length', length);
      if (!headers.has('connection')) call.removeHeader('connection');
      let connected = false;
      call.once('socket', (socket) => {
        connected = !socket.connecting;
        socket.once('connect', () => {
          connected = true;
        });
      });
      const fail = (cause: Error) =>
        reject(new AppRequestError(`client error (${connected ? 'SendRequest' : 'Connect'})`, { cause }));
      call.on('error', fail);
      call.once('response', resolve);
      call.once('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response);
      });
      call.end(isChunked ? body : body.subarray(0, length));
    });
  }

  /** Whether the app answers a GET with one of `statuses`. Settles false when it can't be asked. */
  async check(url: URL, isHealthy: (status: number) => boolean): Promise<boolean> {
    return await new Promise((resolve) => {
      const path = url.pathname + url.search;
      const call = request({ ...this.#address(url), method: 'GET', path });
      call.removeHeader('connection');
      call.on('error', () => resolve(false));
      call.once('response', (response) => {
        resolve(isHealthy(response.statusCode ?? 0));
        readWhatIsThere(response);
      });
      call.end();
    });
  }

  #address({ hostname, port }: URL = this.#app) {
    return {
      // Without the brackets of IPv6.
      host: hostname.replaceAll(/[[\]]/g, ''),
      port: port === '' ? 80 : Number(port),
      agent: this.#agent,
      maxHeaderSize: MAX_HEADER_BYTES,
    };
  }
}

/** A length that the client promised is believed: a longer body is cut, and for the rest of a shorter one the app waits in vain. */
function promisedLength(headers: HeaderMap, body: Buffer): number {
  const promised = headers.get('content-length')?.[0];
  return promised !== undefined && /^\d+$/.test(promised) ? Number(promised) : body.byteLength;
}

/** Keeps the connection when nothing more is to come, instead of reading what nobody wants. */
function readWhatIsThere(response: IncomingMessage): void {
  response.on('error', () => {});
  response.resume();
  setImmediate(() => setImmediate(() => response.complete || response.destroy()));
}
