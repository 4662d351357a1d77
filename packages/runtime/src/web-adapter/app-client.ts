import { Agent, type IncomingMessage, request, validateHeaderName, validateHeaderValue } from 'node:http';
import { type AppAddress, AppConnection, type AppResponse } from './app-connection.ts';
import type { AppRequest } from './app-request.ts';
import { type HeaderMap, isHeaderName } from './event/header-map.ts';

/** The app could not be asked, or did not answer. In the words of AWS's adapter. */
export class AppRequestError extends Error {
  override readonly name = 'AppRequestError';
}

/** An unused connection is kept for this long. */
const IDLE_CONNECTION_MS = 4000;

/** The web app over HTTP/1.1. Answers come as they are: no redirect is followed, nothing is decoded. */
export class AppClient {
  readonly #app: URL;
  readonly #agent: Agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
  /** Free for another request, with the timer that ends it. */
  readonly #free = new Map<AppConnection, NodeJS.Timeout>();

  constructor(app: URL) {
    this.#app = app;
  }

  /** Settles at the head of the answer. @throws AppRequestError */
  async send(appRequest: AppRequest): Promise<AppResponse> {
    const bytes = requestBytes(appRequest, this.#app.host);
    const connection = this.#connection();
    try {
      return await connection.send(appRequest.method, bytes);
    } catch (cause) {
      throw new AppRequestError(`client error (${connection.isConnected ? 'SendRequest' : 'Connect'})`, { cause });
    }
  }

  /** Whether the app answers a GET with one of `statuses`. Settles false when it can't be asked. */
  async check(url: URL, isHealthy: (status: number) => boolean): Promise<boolean> {
    return await new Promise((resolve) => {
      const path = url.pathname + url.search;
      const call = request({ ...address(url), agent: this.#agent, method: 'GET', path });
      call.removeHeader('connection');
      call.on('error', () => resolve(false));
      call.once('response', (response) => {
        resolve(isHealthy(response.statusCode ?? 0));
        readWhatIsThere(response);
      });
      call.end();
    });
  }

  #connection(): AppConnection {
    const free = [...this.#free.keys()].find(({ isOpen }) => isOpen);
    if (free === undefined) return new AppConnection(address(this.#app), (connection) => this.#keep(connection));
    clearTimeout(this.#free.get(free));
    this.#free.delete(free);
    return free;
  }

  #keep(connection: AppConnection): void {
    const end = () => {
      this.#free.delete(connection);
      connection.close();
    };
    this.#free.set(connection, setTimeout(end, IDLE_CONNECTION_MS));
  }
}

const address = ({ hostname, port }: URL): AppAddress => ({
  // Without the brackets of IPv6.
  host: hostname.replaceAll(/[[\]]/g, ''),
  port: port === '' ? 80 : Number(port),
});

/** @throws TypeError for what can't be sent as it is. */
function requestBytes({ method, target, headers, body }: AppRequest, host: string): readonly Uint8Array[] {
  const length = promisedLength(headers, body);
  const isChunked = headers.has('transfer-encoding');
  if (!isHeaderName(method)) throw new TypeError(`Method must be a valid HTTP token [${JSON.stringify(method)}]`);
  if (/[^\x21-\xff]/.test(target)) throw new TypeError('Request path contains unescaped characters');
  const lines = [`${method} ${target} HTTP/1.1`];
  const sent: HeaderMap = new Map(headers.has('host') ? headers : [['host', [host]], ...headers]);
  if (isChunked) {
    sent.delete('content-length');
    sent.set('transfer-encoding', [chunkedCoding(headers)]);
  } else sent.set('content-length', [String(length)]);
  for (const [name, values] of sent) {
    validateHeaderName(name);
    for (const value of values) {
      validateHeaderValue(name, value);
      lines.push(`${name}: ${value}`);
    }
  }
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return [head, ...(isChunked ? chunked(body) : [body.subarray(0, length)])];
}

/** As AWS's HTTP client does: no length beside it, and `chunked` comes last, so that there is but one way to read the body. */
function chunkedCoding(headers: HeaderMap): string {
  const codings = (headers.get('transfer-encoding') ?? []).join(', ');
  return /(?:^|,)\s*chunked\s*$/i.test(codings) ? codings : `${codings}, chunked`;
}

function chunked(body: Buffer): readonly Uint8Array[] {
  const end = Buffer.from('0\r\n\r\n');
  if (body.byteLength === 0) return [end];
  return [Buffer.from(`${body.byteLength.toString(16)}\r\n`), body, Buffer.from('\r\n'), end];
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
