import { randomUUID } from 'node:crypto';
import { AwsError, delay, FunctionError, type Limits } from '@spillway/wire';
import type { Concurrency } from '../concurrency.ts';
import type { InvocationRequest, LambdaInvoker } from '../invoke.ts';

/** Before the second and the third attempt, ms. AWS waits one minute and two. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_DELAYS_MS = [1_000, 2_000] as const;

/** Between attempts of an event that was throttled, ms: twice as long each time, up to the longest. */
const FIRST_THROTTLE_DELAY_MS = 1_000;
const LONGEST_THROTTLE_DELAY_MS = 300_000;

/** Payloads that wait in this process's memory, together, bytes. AWS names no such limit. */
const MAX_WAITING_BYTES = 268_435_456;

/** How long an event may wait, ms. */
const MAX_EVENT_AGE_MS = 21_600_000;

export interface AsynchronousInvocationsOptions {
  readonly limits: Limits;
  readonly invoker: LambdaInvoker;
  readonly concurrency: Concurrency;
  /** One line for the terminal. */
  readonly report: (line: string) => void;
  /** Default 256 MiB. */
  readonly maxWaitingBytes?: number;
}

/**
 * Events on their way to functions whose callers do not wait: two more attempts after a failure, as on Lambda, by the same request id. They
 * are kept in memory only.
 */
export class AsynchronousInvocations {
  readonly #options: AsynchronousInvocationsOptions;
  readonly #stopped = new AbortController();
  #waitingBytes = 0;

  constructor(options: AsynchronousInvocationsOptions) {
    this.#options = options;
  }

  /** @throws AwsError as `Invoker` says, but for throttling: a throttled event waits, unless too many do. */
  add(request: InvocationRequest): void {
    const { invoker, limits } = this.#options;
    const { signal: _callersOwn, ...event } = request;
    invoker.invokedFunction(request);
    refuseTooLarge(event.payload.byteLength, limits.lambdaAsynchronousRequestBytes);
    invoker.checkedEvent(event.payload);
    const { byteLength } = event.payload;
    if (this.#waitingBytes + byteLength > (this.#options.maxWaitingBytes ?? MAX_WAITING_BYTES)) {
      throw new AwsError('TooManyRequestsException', { message: 'Too many asynchronous events wait.' });
    }
    this.#waitingBytes += byteLength;
    // The same at each attempt.
    void this.#run({ ...event, requestId: event.requestId ?? randomUUID() }).finally(() => {
      this.#waitingBytes -= byteLength;
    });
  }

  /** Drops what waits. */
  stop(): void {
    this.#stopped.abort();
  }

  async #run(request: InvocationRequest): Promise<void> {
    const { report } = this.#options;
    const endMs = performance.now() + MAX_EVENT_AGE_MS;
    try {
      for (const delayMs of [...RETRY_DELAYS_MS, undefined]) {
        const failure = await this.#attempt(request, endMs);
        if (failure === undefined) return;
        if (delayMs === undefined) throw failure;
        await this.#wait(delayMs);
      }
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      report(`Function ${request.functionName}: an asynchronous event was dropped: ${(error as Error).message}`);
    }
  }

  /** The function's failure, or undefined. @throws AwsError when the event can't be delivered any more. */
  async #attempt(request: InvocationRequest, endMs: number): Promise<FunctionError | undefined> {
    const { invoker } = this.#options;
    const answer = invoker.bufferedAnswer();
    const { ended } = await this.#started(() => invoker.start(request, answer), request, endMs);
    await ended;
    try {
      await answer.payload;
      return undefined;
    } catch (error) {
      if (error instanceof FunctionError) return error;
      throw error;
    }
  }

  /** Tries until the event is let in. */
  async #started<Started>(start: () => Started, request: InvocationRequest, endMs: number): Promise<Started> {
    for (let delayMs = FIRST_THROTTLE_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_THROTTLE_DELAY_MS)) {
      this.#refuseZeroConcurrency(request);
      try {
        return start();
      } catch (error) {
        if (!mayPass(error) || performance.now() + delayMs > endMs) throw error;
        await this.#wait(delayMs);
      }
    }
  }

  /** No event of such a function waits: AWS sends it to its failure destination with the condition ZeroReservedConcurrency. */
  #refuseZeroConcurrency(request: InvocationRequest): void {
    const { concurrency, invoker } = this.#options;
    if (!concurrency.isZero(invoker.invokedFunction(request).configuration)) return;
    throw new AwsError('TooManyRequestsException', { message: 'its reserved concurrency is 0' });
  }

  #wait(delayMs: number): Promise<void> {
    return delay(delayMs, this.#stopped.signal);
  }
}

function refuseTooLarge(sizeBytes: number, limitBytes: number): void {
  if (sizeBytes <= limitBytes) return;
  throw new AwsError('RequestEntityTooLargeException', {
    message: `${sizeBytes} byte payload is too large for the Event invocation type (limit ${limitBytes} bytes)`,
  });
}

const mayPass = (error: unknown) => error instanceof AwsError && error.code === 'TooManyRequestsException';
