import type { StreamingHandler } from './awslambda.ts';
import { watchEventLoop } from './before-exit.ts';
import { requestIdOf, tenantIdOf } from './context.ts';
import type { FatalErrors } from './fatal-errors.ts';
import { type BufferedHandler, invokeBuffered } from './invoke-buffered.ts';
import { invokeStreaming } from './invoke-streaming.ts';
import { setLoggingContext } from './log-patch.ts';
import { openResponse } from './response-stream.ts';
import type { NextInvocation, RuntimeApiClient } from './runtime-api-client.ts';
import type { Handler } from './user-function.ts';

/** One event after the other, for as long as the process lives. */
export class InvocationLoop {
  readonly #client: RuntimeApiClient;
  readonly #handler: Handler;
  readonly #fatalErrors: FatalErrors;

  constructor(client: RuntimeApiClient, handler: Handler, fatalErrors: FatalErrors) {
    this.#client = client;
    this.#handler = handler;
    this.#fatalErrors = fatalErrors;
    watchEventLoop();
  }

  /** Handles an event that was asked for, and from then on all that follow. */
  handle(asked: Promise<NextInvocation>): void {
    asked.then((invocation) => this.#invoke(invocation)).catch((error: unknown) => this.#failToHandle(error));
  }

  readonly #next = (): void => void setImmediate(() => this.handle(this.#client.nextInvocation()));

  #invoke(invocation: NextInvocation): Promise<void> | void {
    const requestId = requestIdOf(invocation.headers);
    setLoggingContext(requestId, tenantIdOf(invocation.headers));
    return this.#handler.streaming ? this.#stream(requestId, invocation) : this.#answer(requestId, invocation);
  }

  #answer(requestId: string, invocation: NextInvocation): void {
    const client = this.#client;
    this.#fatalErrors.report = (error) => client.postFatalError(requestId, error);
    invokeBuffered(this.#handler.function as BufferedHandler, invocation, {
      succeed: (response) => void client.postInvocationResponse(requestId, response).then(this.#next),
      fail: (error) => void client.postInvocationError(requestId, error).then(this.#next),
    });
  }

  #stream(requestId: string, invocation: NextInvocation): Promise<void> {
    const response = openResponse(this.#client.openResponse(requestId));
    this.#fatalErrors.report = (error) => {
      response.freeze();
      return this.#client.postFatalError(requestId, error);
    };
    return invokeStreaming(this.#handler.function as StreamingHandler, invocation, response, this.#next);
  }

  #failToHandle(error: unknown): void {
    console.log(`Unexpected Top Level Error: ${String(error)}`);
    this.#fatalErrors.end(error, 129);
  }
}
