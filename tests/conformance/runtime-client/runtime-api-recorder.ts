import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What the runtime is given for one `/next`. */
export interface RecorderEvent {
  /** Default `{}`. */
  readonly body?: string;
  /** Beside request id, deadline and ARN. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RecorderOptions {
  readonly events: readonly RecorderEvent[];
  /** Answers a POST in place of 202; the body was not read by then. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A call as it came in. It grows while its body is being read. */
export interface RecordedCall {
  /** `next`, `response`, `error`, `init/error`. */
  readonly name: string;
  readonly requestId: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly chunks: Buffer[];
  trailers: NodeJS.Dict<string>;
  state: 'open' | 'complete' | 'broken';
}

/** A Runtime API that hands out given events, accepts everything, and keeps what it sees. */
export class RuntimeApiRecorder {
  readonly calls: RecordedCall[] = [];
  readonly connections: Set<Socket> = new Set();
  /** Settles when all events were handled and the runtime asks for more. */
  readonly idle: Promise<void>;
  readonly #server: Server;
  readonly #options: RecorderOptions;
  #handedOut = 0;
  #onIdle: () => void = () => {};

  private constructor(options: RecorderOptions) {
    this.#options = options;
    this.idle = new Promise((resolve) => {
      this.#onIdle = resolve;
    });
    this.#server = createServer({ keepAliveTimeout: 0, maxHeaderSize: 1_048_576 }, (request, response) => {
      if (request.method === 'GET') this.#next(request, response);
      else this.#post(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
    });
  }

  static async start(options: RecorderOptions): Promise<RuntimeApiRecorder> {
    const recorder = new RuntimeApiRecorder(options);
    recorder.#server.listen(0, '127.0.0.1');
    await once(recorder.#server, 'listening');
    return recorder;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Settles when the runtime, which has ended, has no connection left, so that all it sent was seen. */
  async disconnected(): Promise<void> {
    // Not once(), which throws when a connection breaks.
    await Promise.all([...this.connections].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  async close(): Promise<void> {
    // In this order: a runtime whose connection closes looks whether it is still served.
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #record(request: IncomingMessage): RecordedCall {
    const [, requestId, name] =
      /^\/2018-06-01\/runtime\/(?:invocation\/)?(?:([^/]+)\/)?([a-z]+)$/.exec(request.url ?? '') ?? [];
    const call: RecordedCall = {
      name: requestId === 'init' ? 'init/error' : (name ?? `unknown ${request.url}`),
      requestId: requestId === 'init' ? undefined : requestId,
      headers: request.headers,
      chunks: [],
      trailers: {},
      state: 'open',
    };
    this.calls.push(call);
    request.on('data', (chunk: Buffer) => call.chunks.push(chunk));
    request.once('end', () => {
      call.trailers = request.trailers;
      call.state = 'complete';
    });
    request.once('error', () => {
      call.state = 'broken';
    });
    return call;
  }

  #next(request: IncomingMessage, response: ServerResponse): void {
    this.#record(request);
    const event = this.#options.events[this.#handedOut];
    if (event === undefined) {
      this.#onIdle();
      return;
    }
    this.#handedOut += 1;
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': `request-${this.#handedOut}`,
      'lambda-runtime-deadline-ms': String(Date.now() + 60_000),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:test',
      ...event.headers,
    });
    response.end(event.body ?? '{}');
  }

  #post(request: IncomingMessage, response: ServerResponse): void {
    if (this.#options.answer?.(request, response)) return;
    this.#record(request);
    request.once('end', () => {
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}\n');
    });
  }
}
