import { atMost, type Body, type Limits, PRELUDE_CONTENT_TYPE, paced } from '@spillway/wire';
import { trailerFailure } from './buffered-answer.ts';
import { asFunctionError } from './function-errors.ts';
import type { Answer, ReceivedResponse } from './invocation.ts';
import { PreludeSearch } from './prelude-search.ts';
import type { PostedResponse } from './runtime-api/posted-response.ts';

/**
 * The answer of InvokeWithResponseStream: the response as the function sends it, at Lambda's pace, never held. Who reads too slowly
 * slows the function down; who leaves does not: the rest is thrown away as fast as it comes.
 */
export class StreamedAnswer implements Answer {
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#abort(this.#signal?.reason);
  readonly #preludeSearch: PreludeSearch;
  readonly #begun: Promise<PostedResponse | undefined>;
  #begin: (response: PostedResponse | undefined) => void = () => {};
  #failBeforeBegin: (error: unknown) => void = () => {};
  #response: PostedResponse | undefined;
  /** Why nobody wants the bytes of a response that may still come. */
  #over: { readonly reason: unknown } | undefined;

  constructor(limits: Limits, signal?: AbortSignal) {
    this.#limits = limits;
    this.#signal = signal;
    this.#preludeSearch = new PreludeSearch(limits.preludeBytes);
    this.#begun = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#failBeforeBegin = reject;
    });
    this.#begun.catch(() => {});
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get response(): PostedResponse | undefined {
    return this.#response;
  }

  /** Can be read once. */
  get body(): Body {
    return { [Symbol.asyncIterator]: () => this.#iterator() };
  }

  async respond(response: PostedResponse): Promise<ReceivedResponse> {
    this.#response = response;
    if (this.#over) response.abandon(this.#over.reason);
    this.#begin(response);
    const whole = await response.ended;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    const { sizeBytes, contentType, trailerError } = response;
    const lacksPrelude =
      whole &&
      trailerError === undefined &&
      !this.#over &&
      (sizeBytes === 0 || (contentType === PRELUDE_CONTENT_TYPE && this.#preludeSearch.failed));
    return { outcome: whole ? 'complete' : 'truncated', sizeBytes, contentType, lacksPrelude };
  }

  fail(error: unknown): void {
    this.#end(error);
    this.#response?.breakOff(error);
  }

  /** The reader's own will: it does not wait for it to read on. */
  #abort(reason: unknown): void {
    this.#end(reason);
    this.#response?.abandon(reason);
  }

  #end(reason: unknown): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#over ??= { reason };
    this.#failBeforeBegin(reason);
  }

  #iterator(): AsyncIterator<Uint8Array> {
    const stream = this.#stream();
    return {
      next: () => stream.next(),
      // Not awaited: a generator queues its return behind a read that may wait for ever.
      return: () => {
        this.#leave();
        void stream.return().catch(() => {});
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #leave(): void {
    this.#over ??= { reason: undefined };
    this.#begin(undefined);
    this.#response?.abandon(undefined);
  }

  async *#stream(): AsyncGenerator<Uint8Array, void, undefined> {
    const {
      lambdaStreamedResponseBytes: limitBytes,
      lambdaStreamBurstBytes,
      lambdaStreamBytesPerSecond,
    } = this.#limits;
    const pace = { burstBytes: lambdaStreamBurstBytes, bytesPerSecond: lambdaStreamBytesPerSecond };
    try {
      const response = await this.#begun;
      if (response) yield* paced(pace, atMost(limitBytes, this.#payload(response)), this.#signal);
    } catch (error) {
      throw asFunctionError(error, limitBytes);
    }
  }

  async *#payload(response: PostedResponse): AsyncGenerator<Uint8Array, void, undefined> {
    const searchesPrelude = response.contentType === PRELUDE_CONTENT_TYPE;
    for await (const chunk of response) {
      if (searchesPrelude) this.#preludeSearch.read(chunk);
      yield chunk;
    }
    if (response.trailerError) throw trailerFailure(response.trailerError);
  }
}
