import type { Body } from '@spillway/wire';
import { ExecutionError } from './execution-error.ts';
import type { FailureName } from './failures.ts';

export interface IntegrationCallOptions {
  /** From now to the end of the response, ms; `Infinity` for no end. */
  readonly timeoutMs: number;
  /** Longest silence of the integration, ms; `Infinity` for none. */
  readonly idleTimeoutMs: number;
  /** The failure that stands for a response over Lambda's limit. */
  readonly tooLarge: FailureName;
  /** Aborted when the client leaves. */
  readonly client: AbortSignal;
}

/** The call of one integration: its time limits, and what the access log says about it. */
export class IntegrationCall {
  readonly idleTimeoutMs: number;
  readonly tooLarge: FailureName;
  timeToAllHeadersMs: number | undefined;
  timeToFirstContentMs: number | undefined;
  latencyMs: number | undefined;
  /** Body bytes that the integration has sent. */
  contentBytes = 0;
  /** What the service answered: 200 from Lambda also when the function failed. */
  integrationStatus: number | undefined;
  /** What function or HTTP backend said. */
  status: number | undefined;
  /** Of the function that was called. */
  functionName: string | undefined;
  /** Of Lambda's answer. */
  requestId: string | undefined;
  readonly #startedAtMs = performance.now();
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #onClientLeft = () => this.abort(this.#client.reason);
  #timeout: NodeJS.Timeout | undefined;

  constructor({ timeoutMs, idleTimeoutMs, tooLarge, client }: IntegrationCallOptions) {
    this.idleTimeoutMs = idleTimeoutMs;
    this.tooLarge = tooLarge;
    this.#client = client;
    if (client.aborted) this.#onClientLeft();
    client.addEventListener('abort', this.#onClientLeft, { once: true });
    if (Number.isFinite(timeoutMs)) this.#timeout = setTimeout(() => this.#timedOut(timeoutMs), timeoutMs);
  }

  /** Aborted when the call is over before its end: a time limit, a client that left, a response that nobody reads. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  readonly onIdle = (): void => {
    this.abort(
      new ExecutionError('idleTimeout', { detail: `the integration was silent for ${this.idleTimeoutMs} ms` }),
    );
  };

  #timedOut(timeoutMs: number): void {
    const failure = this.timeToAllHeadersMs === undefined ? 'integrationTimeout' : 'streamTimeout';
    this.abort(new ExecutionError(failure, { detail: `the integration was not done after ${timeoutMs} ms` }));
  }

  /** Waits for what the integration owes, no longer than the idle timeout. @throws the signal's reason when that is aborted first. */
  waitFor<Value>(promise: Promise<Value>): Promise<Value> {
    const { signal } = this;
    const idle = Number.isFinite(this.idleTimeoutMs) ? setTimeout(this.onIdle, this.idleTimeoutMs) : undefined;
    return new Promise<Value>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    }).finally(() => clearTimeout(idle));
  }

  allHeaders(): void {
    this.timeToAllHeadersMs ??= this.elapsedMs();
  }

  /** From here on only the idle timeout holds. */
  liftTimeout(): void {
    clearTimeout(this.#timeout);
  }

  /** Passes the response's bytes through and takes the times of the first and of the last. */
  async *timed(body: Body): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of body) {
      this.timeToFirstContentMs ??= this.elapsedMs();
      this.contentBytes += chunk.byteLength;
      yield chunk;
    }
    this.latencyMs = this.elapsedMs();
  }

  /** The call is over, well or not. */
  close(): void {
    clearTimeout(this.#timeout);
    this.#client.removeEventListener('abort', this.#onClientLeft);
    this.latencyMs ??= this.elapsedMs();
  }

  /** Since the call began, ms. */
  elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAtMs);
  }
}
