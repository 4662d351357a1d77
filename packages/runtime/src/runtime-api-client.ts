import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import {
  type ErrorDocument,
  RUNTIME_API_HEADERS,
  RUNTIME_API_VERSION,
  STREAMING_RESPONSE_MODE,
} from '@spillway/wire/runtime-api';
import { writeLine } from './log-patch.ts';

/** An event and what came with it. */
export interface NextInvocation {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const JSON_TYPE = 'application/json';
const STREAM_TYPE = 'application/octet-stream';

/** The Runtime API is gone, and with it all reason to be. Captured early: functions replace `process.exit`. */
export const leave: () => never = process.exit.bind(process, 1);

/**
 * The Runtime API over one connection that stays: a call waits until the one before it was answered.
 * The process ends, without a word, when nobody answers any more.
 */
export class RuntimeApiClient {
  readonly #host: string;
  readonly #port: number;
  readonly #agent: Agent;

  /** `address` is host:port. `highWaterMark`: of the connection, bytes. */
  constructor(address: string, highWaterMark?: number) {
    const [host = '', port] = address.split(':');
    this.#host = host;
    this.#port = Number(port);
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ...(highWaterMark && { highWaterMark }) });
    const known = new WeakSet<object>();
    this.#agent.on('free', (socket) => {
      if (!known.has(socket)) socket.once('close', () => this.#leaveUnlessServed());
      known.add(socket);
    });
  }

  /** @throws Error when the call is refused. */
  async nextInvocation(): Promise<NextInvocation> {
    const call = this.#call('GET', '/runtime/invocation/next', {}, this.#agent).end();
    const { status, headers, body } = await answered(call, leave);
    if (!isSuccess(status)) throw new Error(`Failed to get next invocation, error ${status}`);
    return { headers, body };
  }

  /** Posts a buffered response, JSON text. A refusal (413: it is too large) is logged and changes nothing. */
  async postInvocationResponse(requestId: string, response: string): Promise<void> {
    await this.#post(`${invocation(requestId)}/response`, response, {}, this.#agent);
  }

  async postInvocationError(requestId: string, error: ErrorDocument): Promise<void> {
    await this.#post(`${invocation(requestId)}/error`, JSON.stringify(error), {}, this.#agent);
  }

  /** As `postInvocationError`, but past a response that is still being streamed. */
  async postFatalError(requestId: string, error: ErrorDocument): Promise<void> {
    await this.#post(`${invocation(requestId)}/error`, JSON.stringify(error), {}, false);
  }

  async postInitError(error: ErrorDocument): Promise<void> {
    const headers = { [RUNTIME_API_HEADERS.errorType]: error.errorType.replaceAll(/[^\x20-\x7e]/g, '?') };
    await this.#post('/runtime/init/error', JSON.stringify(error), headers, false);
  }

  /** Begins a streamed response; nothing is sent before the first write. */
  openResponse(requestId: string): ClientRequest {
    const headers = {
      'Content-Type': STREAM_TYPE,
      [RUNTIME_API_HEADERS.responseMode]: STREAMING_RESPONSE_MODE,
      Trailer: [RUNTIME_API_HEADERS.errorType, RUNTIME_API_HEADERS.errorBody],
    };
    return this.#call('POST', `${invocation(requestId)}/response`, headers, this.#agent);
  }

  async #post(path: string, body: string, headers: Record<string, string>, agent: Agent | false): Promise<void> {
    const bytes = Buffer.from(body);
    const entity = { 'Content-Type': JSON_TYPE, 'Content-Length': bytes.byteLength };
    const call = this.#call('POST', path, { ...entity, ...headers }, agent).end(bytes);
    const { status } = await answered(call, leave);
    if (!isSuccess(status)) logRefusal(status);
  }

  #call(
    method: string,
    path: string,
    headers: Record<string, string | number | string[]>,
    agent: Agent | false,
  ): ClientRequest {
    return request({
      host: this.#host,
      port: this.#port,
      method,
      path: `/${RUNTIME_API_VERSION}${path}`,
      headers,
      agent,
    });
  }

  /** An idle connection was closed: by a server that tidies up, or because there is none any more. */
  #leaveUnlessServed(): void {
    const probe = connect({ host: this.#host, port: this.#port });
    probe
      .unref()
      .on('error', leave)
      .on('connect', () => probe.destroy());
  }
}

const invocation = (requestId: string) => `/runtime/invocation/${encodeURIComponent(requestId)}`;

const isSuccess = (status: number) => status >= 200 && status <= 299;

/** Settles when the answer was read. `broken` is called instead when the connection breaks before. */
export function answered(call: ClientRequest, broken: (error: Error) => void): Promise<Answer> {
  return new Promise((resolve) => {
    call.on('error', broken);
    call.once('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', broken);
      response.once('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks).toString() });
      });
    });
  });
}

/** In the words of AWS's native client, which says `success response` of errors too. */
function logRefusal(status: number): void {
  const text = `LAMBDA_RUNTIME Failed to post handler success response. Http response code: ${status}.`;
  writeLine(`[ERROR] [${Date.now()}] ${text}`);
}
