// The Lambda Runtime API of one execution environment, on its own port.
//
// Same as AWS, by AWS's own emulator and the documentation: the calls, their statuses, bodies and headers, the states of a runtime and
// what each call does in a wrong one, error trailers of streamed responses.
// The Extensions API is served on the same port (../extensions/extensions-api.ts).
// On purpose: a response that is too large is read to its end before its 413. Missing: the Logs and Telemetry APIs, answered as the
// emulator's stubs do, and SnapStart; each is refused by name.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listener, LOOPBACK_ADDRESS, listen, refuseCrossSite } from '@spillway/http';
import {
  AwsError,
  FunctionError,
  RUNTIME_API_HEADERS,
  RUNTIME_API_VERSION,
  readWhole,
  STREAMING_RESPONSE_MODE,
} from '@spillway/wire';
import { EXTENSIONS_API_PATH, type ExtensionsApi } from '../extensions/extensions-api.ts';
import { invalidResponseMode, responseTooLarge } from '../function-errors.ts';
import { errorTypeOf, type Invocation, type PostedError, type ReceivedResponse } from '../invocation.ts';
import { RuntimeApiError, type RuntimeApiErrorType } from './errors.ts';
import { PostedResponse } from './posted-response.ts';
import { sendError, sendOk } from './replies.ts';
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

export interface RuntimeApiOptions {
  readonly observer: RuntimeObserver;
  /** Of an error document. */
  readonly errorLimitBytes: number;
  readonly extensionsApi: ExtensionsApi;
  /** See {@link PostedResponse}. */
  readonly breaksFailedStreams?: boolean;
}

interface CurrentInvocation {
  readonly invocation: Invocation;
  readonly deadlineMs: number;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export class RuntimeApi {
  readonly #options: RuntimeApiOptions;
  readonly #observer: RuntimeObserver;
  #listener: Listener | undefined;
  #states = new RuntimeStates();
  #current: CurrentInvocation | undefined;
  /** Handed out to nobody yet: the connection that waited for it is gone. */
  #isEventDue = false;
  #waiting: ServerResponse[] = [];
  #hasReportedFailure = false;

  constructor(options: RuntimeApiOptions) {
    this.#options = options;
    this.#observer = options.observer;
  }

  async listen(): Promise<void> {
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response);
    this.#listener = await listen({ port: 0, handle, maxHeaderBytes: MAX_HEADER_BYTES, lends: isInvocationResponse });
  }

  /** Host and port, as `AWS_LAMBDA_RUNTIME_API` has them. */
  get address(): string {
    return `${LOOPBACK_ADDRESS}:${this.#listener?.port ?? 0}`;
  }

  /** The runtime asked for an event that there is not yet. */
  get isReady(): boolean {
    return this.#states.current === 'Ready' && !this.#isEventDue;
  }

  /** The runtime answered the last invocation with an error, or with a response that broke. */
  get hasReportedFailure(): boolean {
    return this.#hasReportedFailure;
  }

  /** A response has begun and was not read to its end. */
  get isResponding(): boolean {
    return this.#states.current === 'InvocationResponse';
  }

  /** Hands out an event. The runtime must be ready. `deadlineMs` is Unix time. */
  invoke(invocation: Invocation, deadlineMs: number): void {
    this.#current = { invocation, deadlineMs };
    this.#hasReportedFailure = false;
    const waiting = this.#waiting.find((response) => !response.destroyed);
    this.#waiting = this.#waiting.filter((response) => response !== waiting);
    this.#isEventDue = waiting === undefined;
    if (waiting) this.#sendEvent(waiting, this.#current);
  }

  /** The invocation's answer is settled: its id is no longer known, its bytes are not held. */
  release(): void {
    this.#current = undefined;
    this.#isEventDue = false;
  }

  /** The process is gone; another one will start from the beginning. */
  reset(): void {
    this.#states = new RuntimeStates();
    this.release();
    this.#waiting = [];
    this.#listener?.server.closeAllConnections();
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      refuseWebPages(request);
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
    if (path.startsWith(EXTENSIONS_API_PATH)) {
      return (_, response) => this.#options.extensionsApi(request, response, path);
    }
    if (call === 'GET /ping') return (_, response) => void response.end('pong');
    const [, requestId = '', verb] = /^POST \/invocation\/([^/]+)\/(response|error)$/.exec(call) ?? [];
    if (verb === 'response') return (_, response) => this.#response(request, response, requestId);
    if (verb === 'error') return (_, response) => this.#error(request, response, requestId);
    throw new RuntimeApiError(notSupported(path));
  }

  #next(response: ServerResponse): void {
    const { current } = this.#states;
    if (this.#current && (current === 'Running' || this.#isEventDue)) {
      this.#isEventDue = false;
      this.#sendEvent(response, this.#current);
      return;
    }
    this.#states.enter('Ready');
    this.#waiting = [...this.#waiting.filter(({ destroyed }) => !destroyed), response];
    if (current !== 'Ready') this.#observer.onNext();
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
      ...(invocation.clientContext ? ['Lambda-Runtime-Client-Context', invocation.clientContext] : []),
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
    const { breaksFailedStreams = false } = this.#options;
    const posted = new PostedResponse(request, { onEnd, breaksFailedStreams });
    const received = await invocation.answer.respond(posted);
    this.#hasReportedFailure = received.outcome === 'truncated' || posted.failureText !== undefined;
    if (states === this.#states) this.#observer.onResponse(received);
    if (received.outcome === 'oversized') throw new RuntimeApiError('RequestEntityTooLarge');
    if (received.outcome === 'truncated') throw new RuntimeApiError('TruncatedHTTPRequest');
    sendOk(response);
  }

  async #error(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const invocation = this.#invocation(requestId);
    const states = this.#states;
    states.enter('InvocationErrorResponse');
    this.#hasReportedFailure = true;
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
        this.#options.errorLimitBytes,
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

/** The bodies that may be large. */
const isInvocationResponse = (requestLine: string) => /^POST \S+\/response /.test(requestLine);

function notSupported(path: string): RuntimeApiErrorType {
  if (path === '/2020-08-15/logs') return 'Logs.NotSupported';
  return path === '/2022-07-01/telemetry' ? 'Telemetry.NotSupported' : 'NotFound';
}

function refuseWebPages(request: IncomingMessage): void {
  try {
    refuseCrossSite(request);
  } catch {
    throw new RuntimeApiError('CrossSiteRequestRefused');
  }
}
