import { Agent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A client context may be long. */
const MAX_HEADER_BYTES = 1_048_576;

/** Lambda's HTTP APIs for the processes of an environment. */
export class ApiClient {
  readonly #base: URL;
  readonly #agent: Agent = new Agent({ keepAlive: true });

  /** `address` is host:port, with a path perhaps. */
  constructor(address: string) {
    this.#base = new URL(`http://${address}`);
  }

  /** Begins a call; nothing is sent before the first write. `path` begins with a slash. */
  open(method: string, path: string, headers: OutgoingHttpHeaders = {}): ClientRequest {
    const { hostname, port, pathname } = this.#base;
    return request({
      host: hostname.replaceAll(/[[\]]/g, ''),
      port: port === '' ? 80 : Number(port),
      method,
      path: pathname.replace(/\/$/, '') + path,
      headers,
      agent: this.#agent,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
  }

  async get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return await answerOf(this.open('GET', path, headers).end());
  }

  async post(path: string, body: Buffer, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    const length = { 'content-length': body.byteLength };
    return await answerOf(this.open('POST', path, { ...length, ...headers }).end(body));
  }
}

/** Settles when the answer was read. @throws Error when there is none. */
export function answerOf(call: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call.on('error', reject);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
  });
}
