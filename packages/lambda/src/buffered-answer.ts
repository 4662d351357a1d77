import { AwsError, FunctionError, readWhole } from '@spillway/wire';
import { asFunctionError, responseTooLarge } from './function-errors.ts';
import { type Answer, errorTypeOf, type ReceivedResponse } from './invocation.ts';
import type { PostedResponse, TrailerError } from './runtime-api/posted-response.ts';

/** The answer of Invoke: the whole response. A streamed one is collected, prelude and all, as on Lambda. */
export class BufferedAnswer implements Answer {
  /** @throws FunctionError when the function failed; the signal's reason after an abort. */
  readonly payload: Promise<Uint8Array>;
  readonly #limitBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.fail(this.#signal?.reason);
  #response: PostedResponse | undefined;
  #resolve: (payload: Uint8Array) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(limitBytes: number, signal?: AbortSignal) {
    this.#limitBytes = limitBytes;
    this.#signal = signal;
    this.payload = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who invoked may be gone before the function has failed.
    this.payload.catch(() => {});
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get response(): PostedResponse | undefined {
    return this.#response;
  }

  async respond(response: PostedResponse): Promise<ReceivedResponse> {
    this.#response = response;
    const outcome = await this.#read(response);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    return { outcome, sizeBytes: response.sizeBytes, contentType: response.contentType, lacksPrelude: false };
  }

  fail(error: unknown): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#reject(error);
    this.#response?.abandon(error);
  }

  async #read(response: PostedResponse): Promise<ReceivedResponse['outcome']> {
    try {
      const payload = await readWhole(response, this.#limitBytes, 'Function.ResponseSizeTooLarge');
      if (response.trailerError) this.#reject(trailerFailure(response.trailerError));
      else this.#resolve(payload);
      return 'complete';
    } catch (error) {
      const tooLarge = error instanceof AwsError && error.code === 'Function.ResponseSizeTooLarge';
      this.#reject(tooLarge ? responseTooLarge() : asFunctionError(error, this.#limitBytes));
      const whole = await response.ended;
      if (tooLarge) return 'oversized';
      return whole ? 'complete' : 'truncated';
    }
  }
}

/** What a runtime's error trailers mean to who invoked. */
export function trailerFailure({ errorType, document }: TrailerError): FunctionError {
  const payload = document === '' ? JSON.stringify({ errorType, errorMessage: '' }) : document;
  return new FunctionError(errorTypeOf(payload) ?? errorType, payload);
}
