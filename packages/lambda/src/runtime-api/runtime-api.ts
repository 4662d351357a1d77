// The Lambda Runtime API of one execution environment, on its own port.
//
// Same as AWS, by AWS's own emulator and the documentation: the calls, their statuses, bodies and headers, the states of a runtime and
// what each call does in a wrong one, error trailers of streamed responses.
// On purpose: a response that is too large is read to its end before its 413. Missing: the Extensions, Logs and Telemetry APIs and
// SnapStart; each is refused by name.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listener, LOOPBACK_ADDRESS, listen } from '@spillway/http';
import {
  AwsError,
  FunctionError,
  RUNTIME_API_HEADERS,
  RUNTIME_API_VERSION,
  readWhole,
  STREAMING_RESPONSE_MODE,
} from '@spillway/wire';
import { invalidResponseMode, responseTooLarge } from '../function-errors.ts';
import { errorTypeOf, type Invocation, type PostedError, type ReceivedResponse } from '../invocation.ts';
import { RuntimeApiError, type RuntimeApiErrorType } from './errors.ts';
import { PostedResponse } from './posted-response.ts';
import { RuntimeStates } from './states.ts';

/** Runtimes send an X-Ray cause of up to 1 MiB in one header. */
const MAX_HEADER_BYTES = 2 * 1_048_576;

/** What an environment wants to know of its runtime. */
export interface RuntimeObserver {
  /** The runtime asked for an event: its init is over, or the invocation is. */
  onNext(): void;
  onInitError(error: PostedError): void;
  /** The runtime has answered; who invoked does not know it yet. */
  onAnswer(): void;
  /** A response was read to its end, and taken. */
  onResponse(response: ReceivedResponse): void;
}

interface CurrentInvocation {
  readonly invocation: Invocation;
  readonly deadlineMs: number;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export class RuntimeApi {
  readonly #observer: RuntimeObserver;
  readonly #errorLimitBytes: number;
  #listener: Listener | undefined;
  #states = new RuntimeStates();
  #current: CurrentInvocation | undefined;
  #waiting: ServerResponse[] = [];

  /** `errorLimitBytes`: of an error document. */
  constructor(observer: RuntimeObserver, errorLimitBytes: number) {
    this.#observer = observer;
    this.#errorLimitBytes = errorLimitBytes;
  }

  async listen(): Promise<void> {
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response);
    this.#listener = await listen({ port: 0, handle, maxHeaderBytes: MAX_HEADER_BYTES });
  }

  /** Host and port, as `AWS_LAMBDA_RUNTIME_API` has them. */
  get address(): string {
    return `${LOOPBACK_ADDRESS}:${this.#listener?.port ?? 0}`;
  }

  /** A response has begun and was not read to its end. */
  get isResponding(): boolean {
    return this.#states.current === 'InvocationResponse';
  }

  /** Hands out an event. The runtime must be ready. `deadlineMs` is Unix time. */
  invoke(invocation: Invocation, deadlineMs: number): void {
    this.#current = { invocation, deadlineMs };
    const waiting = this.#waiting.find((response) => !response.destroyed);
    this.#waiting = this.#waiting.filter((response) => response !== waiting);
    if (waiting) this.#sendEvent(waiting, this.#current);
  }

  /** The invocation's answer is settled: its id is no longer known, its bytes are not held. */
  release(): void {
    this.#current = undefined;
  }

  /** The process is gone; another one will start from the beginning. */
  reset(): void {
    this.#states = new RuntimeStates();
    this.#current = undefined;
    this.#waiting = [];
    this.#listener?.server.closeAllConnections();
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request)(request, response);
    } catch (error) {
      request.resume();
      const known = error instanceof RuntimeApiError ? error : new RuntimeApiError('InternalServerError');
      sendError(response, known);
    }
  }

  #route(request: IncomingMessage): Handler {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const call = `${request.method} ${path.replace(`/${RUNTIME_API_VERSION}/runtime`, '')}`;
    if (call === 'GET /invocation/next') return (_, response) => this.#next(response);
    if (call === 'POST /init/error') return (_, response) => this.#initError(request, response);
    if (call === 'GET /ping') return (_, response) => void response.end('pong');
    const [, requestId = '', verb] = /^POST \/invocation\/([^/]+)\/(response|error)$/.exec(call) ?? [];
    if (verb === 'response') return (_, response) => this.#response(request, response, requestId);
    if (verb === 'error') return (_, response) => this.#error(request, response, requestId);
    throw new RuntimeApiError(notSupported(path));
  }

  #next(response: ServerResponse): void {
    if (this.#states.current === 'Running' && this.#current) {
      this.#sendEvent(response, this.#current);
      return;
    }
    const before = this.#states.current;
    this.#states.enter('Ready');
    this.#waiting.push(response);
    if (before !== 'Ready') this.#observer.onNext();
  }

  #sendEvent(response: ServerResponse, { invocation, deadlineMs }: CurrentInvocation): void {
    this.#states.run();
    response.writeHead(200, [
      ...['Content-Type', 'application/json'],
      ...['Content-Length', String(invocation.payload.byteLength)],
      ...['Lambda-Runtime-Aws-Request-Id', invocation.requestId],
      ...['Lambda-Runtime-Deadline-Ms', String(Math.round(deadlineMs))],
      ...['Lambda-Runtime-Invoked-Function-Arn', invocation.functionArn],
      ...(invocation.traceId ? ['Lambda-Runtime-Trace-Id', invocation.traceId] : []),
    ]);
    response.end(invocation.payload);
  }

  async #response(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const invocation = this.#invocation(requestId);
    const states = this.#states;
    states.enter('InvocationResponse');
    const mode = request.headers[RUNTIME_API_HEADERS.responseMode];
    if (mode !== undefined && mode !== STREAMING_RESPONSE_MODE) {
      states.responseSent();
      invocation.answer.fail(invalidResponseMode(requestId));
      throw new RuntimeApiError('InvalidFunctionResponseMode');
    }
    const onEnd = () => {
      states.responseSent();
      if (states === this.#states) this.#observer.onAnswer();
    };
    const received = await invocation.answer.respond(new PostedResponse(request, onEnd));
    if (states === this.#states) this.#observer.onResponse(received);
    if (received.outcome === 'oversized') throw new RuntimeApiError('RequestEntityTooLarge');
    if (received.outcome === 'truncated') throw new RuntimeApiError('TruncatedHTTPRequest');
    sendOk(response);
  }

  async #error(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const invocation = this.#invocation(requestId);
    const states = this.#states;
    states.enter('InvocationErrorResponse');
    const posted = await this.#postedError(request, 'Function.Unknown');
    states.responseSent();
    if (states === this.#states) this.#observer.onAnswer();
    invocation.answer.fail(posted.error);
    if (posted.error.errorType === 'Function.ResponseSizeTooLarge') throw new RuntimeApiError('RequestEntityTooLarge');
    sendOk(response);
  }

  async #initError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const states = this.#states;
    states.enter('InitError');
    const posted = await this.#postedError(request, 'Runtime.Unknown');
    if (states === this.#states) this.#observer.onInitError(posted);
    sendOk(response);
  }

  /** The error document, unchanged: Lambda gives its very bytes to who invoked. */
  async #postedError(request: IncomingMessage, unknown: string): Promise<PostedError> {
    const header = String(request.headers[RUNTIME_API_HEADERS.errorType] ?? '');
    const errorType = /^(Runtime|Function)\.[A-Z][a-zA-Z]+$/.test(header) ? header : unknown;
    try {
      const bytes = await readWhole(
        new PostedResponse(request),
        this.#errorLimitBytes,
        'Function.ResponseSizeTooLarge',
      );
      const document = Buffer.from(bytes).toString();
      return { errorType, error: new FunctionError(errorTypeOf(document) ?? errorType, document) };
    } catch (error) {
      const tooLarge = error instanceof AwsError && error.code === 'Function.ResponseSizeTooLarge';
      if (tooLarge) return { errorType: 'Function.ResponseSizeTooLarge', error: responseTooLarge() };
      throw new RuntimeApiError('TruncatedHTTPRequest');
    }
  }

  #invocation(requestId: string): Invocation {
    const invocation = this.#current?.invocation;
    if (invocation?.requestId !== requestId) throw new RuntimeApiError('InvalidRequestID');
    return invocation;
  }
}

function notSupported(path: string): RuntimeApiErrorType {
  if (path.startsWith('/2020-01-01/extension/')) return 'Extension.NotSupported';
  if (path === '/2020-08-15/logs') return 'Logs.NotSupported';
  return path === '/2022-07-01/telemetry' ? 'Telemetry.NotSupported' : 'NotFound';
}

const sendOk = (response: ServerResponse) => sendJson(response, 202, { status: 'OK' });

const sendError = (response: ServerResponse, { status, errorType, message }: RuntimeApiError) =>
  sendJson(response, status, { errorMessage: message, errorType });

function sendJson(response: ServerResponse, status: number, document: object): void {
  if (response.destroyed || response.headersSent) return;
  const text = `${JSON.stringify(document)}\n`;
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
