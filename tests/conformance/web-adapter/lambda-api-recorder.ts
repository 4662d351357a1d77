import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the adapter is given for one `/next`. */
export interface RecorderEvent {
  readonly requestId: string;
  readonly body: string;
  /** Beside request id, deadline, ARN and trace id. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to the adapter's registration. */
export interface Registration {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RecorderOptions {
  readonly events: readonly RecorderEvent[];
  readonly registration: Registration | undefined;
  /** Whether the adapter streams. */
  readonly streams: boolean;
}

/** A post as it came in. It grows while its body is being read. */
export interface Post {
  readonly requestId: string;
  /** `response`, `error`. */
  readonly name: string;
  readonly headers: IncomingMessage['headers'];
  readonly chunks: Buffer[];
  trailers: NodeJS.Dict<string>;
  state: 'open' | 'complete' | 'broken';
}

const EXTENSION_ID = '6f7b0961-e4bd-4f5f-9d5b-1d4a2fc1b0a7';
const ACCEPTED: Registration = { status: 200, headers: { 'lambda-extension-identifier': EXTENSION_ID } };
const DEADLINE_MS = 4_102_444_800_000;

/** Runtime API and Extensions API that hand out given events, accept everything, and keep what they see. */
export class LambdaApiRecorder {
  readonly posts: Post[] = [];
  /** In the order of each API: which calls there were. */
  readonly calls: { readonly extension: string[]; readonly runtime: string[] } = { extension: [], runtime: [] };
  /** `waiting`: as an extension. `next`: asks for an event. `idle`: there is none left. `data`: a post goes on. */
  readonly signals: EventEmitter = new EventEmitter();
  readonly #server: Server;
  readonly #options: RecorderOptions;
  #handedOut = 0;
  #beforeEvent: () => Promise<void> = async () => {};

  private constructor(options: RecorderOptions) {
    this.#options = options;
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const path = request.url ?? '';
      if (path.startsWith('/2020-01-01/extension/')) this.#extension(request, response);
      else if (request.method === 'GET') void this.#next(request, response);
      else this.#post(request, response);
    });
  }

  static async start(options: RecorderOptions): Promise<LambdaApiRecorder> {
    const recorder = new LambdaApiRecorder(options);
    recorder.#server.listen(0, '127.0.0.1');
    await once(recorder.#server, 'listening');
    return recorder;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Done before an event is handed out. */
  set beforeEvent(action: () => Promise<void>) {
    this.#beforeEvent = action;
  }

  /** Settles when the last post holds `text`; at once when answers are buffered. */
  async received(text: string): Promise<void> {
    if (!this.#options.streams) return;
    const holds = () => this.posts.at(-1)?.chunks.some((chunk) => chunk.includes(text));
    while (!holds()) await once(this.signals, 'data');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #extension(request: IncomingMessage, response: ServerResponse): void {
    const identifier = request.headers['lambda-extension-identifier'];
    const name = request.headers['lambda-extension-name'];
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const body = Buffer.concat(chunks).toString();
      const who = name ?? (identifier === EXTENSION_ID ? 'registered' : 'unknown');
      this.calls.extension.push(`${request.method} ${request.url} ${who} ${body}`.trim());
      if (!request.url?.endsWith('/register')) {
        this.signals.emit('waiting');
        return;
      }
      const { status, headers } = this.#options.registration ?? ACCEPTED;
      response.writeHead(status, headers).end('{}');
    });
  }

  async #next(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.calls.runtime.push(`${request.method} ${request.url}`);
    this.signals.emit('next');
    const event = this.#options.events[this.#handedOut];
    if (event === undefined) {
      this.signals.emit('idle');
      return;
    }
    this.#handedOut += 1;
    await this.#beforeEvent();
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': event.requestId,
      'lambda-runtime-deadline-ms': String(DEADLINE_MS),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:test',
      'lambda-runtime-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
      ...event.headers,
    });
    response.end(event.body);
  }

  #post(request: IncomingMessage, response: ServerResponse): void {
    const [, requestId = '', name = `unknown ${request.url}`] =
      /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/([a-z]+)$/.exec(request.url ?? '') ?? [];
    const post: Post = { requestId, name, headers: request.headers, chunks: [], trailers: {}, state: 'open' };
    this.posts.push(post);
    request.on('data', (chunk: Buffer) => {
      post.chunks.push(chunk);
      this.signals.emit('data');
    });
    request.once('end', () => {
      post.trailers = request.trailers;
      post.state = 'complete';
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}\n');
    });
    request.once('error', () => {
      post.state = 'broken';
    });
  }
}
