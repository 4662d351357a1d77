import { type Body, delay, withIdleTimeout } from '@spillway/wire';
import { BrokenResponse } from './broken-response.ts';
import { discard } from './object-store/answered-range.ts';
import { type ObjectStore, StoreError } from './object-store/object-store.ts';
import type { ByteRange } from './range.ts';
import { type Attempt, askedToWaitMs, attemptGet, backoffMs, type StorePatience } from './store-attempt.ts';

export interface ResumeOptions {
  readonly store: ObjectStore;
  readonly key: string;
  /** The bytes of the first attempt. */
  readonly range: ByteRange;
  /** Of the whole object, when known. */
  readonly sizeBytes: number | undefined;
  /** A strong entity tag. Without one nothing tells two versions apart, and a broken body stays broken. */
  readonly ifMatch: string | undefined;
  readonly patience: StorePatience;
  readonly signal: AbortSignal;
  /** Called with what ended an attempt, before the next one. */
  readonly onResume: (error: StoreError) => void;
}

/**
 * The bytes of one version of an object. An attempt that breaks off or falls silent is followed by one for the bytes still missing.
 * @throws BrokenResponse `changed`, `origin`; the reason of `signal`.
 */
export async function* resumingBody(
  first: Attempt,
  options: ResumeOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const resumption = new Resumption(options);
  let attempt = first;
  while (true) {
    try {
      for await (const chunk of resumption.bytesOf(attempt)) {
        resumption.received(chunk);
        yield chunk;
      }
      if (resumption.isComplete) return;
      resumption.failed(new StoreError('unavailable', 'The store ended its answer before the last byte.'));
    } catch (error) {
      resumption.failed(error);
    }
    attempt = await resumption.next();
  }
}

/** A body whose length nobody knows: without an end there is nothing to resume to. */
export function unknownLengthBody({ object, abort }: Attempt, { idleTimeoutMs }: StorePatience): Body {
  return withIdleTimeout(idleTimeoutMs, object.body, () => abort(silent(idleTimeoutMs)));
}

class Resumption {
  readonly #options: ResumeOptions;
  #position: number;
  /** Attempts since the last byte, and when the first of them failed. */
  #failures = 0;
  #failedAtMs = 0;
  #lastError: StoreError | undefined;

  constructor(options: ResumeOptions) {
    this.#options = options;
    this.#position = options.range.first;
  }

  get isComplete(): boolean {
    return this.#position > this.#options.range.last;
  }

  bytesOf({ object, abort }: Attempt): Body {
    const { idleTimeoutMs } = this.#options.patience;
    return withIdleTimeout(idleTimeoutMs, object.body, () => abort(silent(idleTimeoutMs)));
  }

  received(chunk: Uint8Array): void {
    this.#position += chunk.byteLength;
    if (chunk.byteLength > 0) this.#failures = 0;
    if (this.#position <= this.#options.range.last + 1) return;
    throw new BrokenResponse('origin', 'The store sent more bytes than it had announced.');
  }

  /** @throws BrokenResponse when another attempt can't help. */
  failed(error: unknown): void {
    const { signal, ifMatch, patience } = this.#options;
    signal.throwIfAborted();
    if (error instanceof BrokenResponse) throw error;
    const failure =
      error instanceof StoreError ? error : new StoreError('unavailable', String(error), { cause: error });
    if (failure.reason === 'changed' || failure.reason === 'unsatisfiable') {
      throw new BrokenResponse('changed', `The object was replaced after ${this.#sent()} were sent.`, failure);
    }
    if (this.#failures === 0) this.#failedAtMs = performance.now();
    this.#failures += 1;
    this.#lastError = failure;
    // When the store wants to be asked later than that, there is nothing to wait for.
    const waitedMs = performance.now() - this.#failedAtMs + askedToWaitMs(failure);
    if (failure.isTransient && ifMatch !== undefined && waitedMs < patience.resumeTimeoutMs) return;
    throw new BrokenResponse('origin', `The store failed after ${this.#sent()}: ${failure.message}`, failure);
  }

  /** Waits, and opens what is still missing. */
  async next(): Promise<Attempt> {
    const { store, key, range, ifMatch, patience, signal, onResume } = this.#options;
    while (true) {
      if (this.#lastError !== undefined) onResume(this.#lastError);
      await delay(Math.max(backoffMs(this.#failures, patience), askedToWaitMs(this.#lastError)), signal);
      const missing = { first: this.#position, last: range.last };
      try {
        return this.#checked(await attemptGet(store, { key, range: missing, ifMatch }, patience, signal));
      } catch (error) {
        this.failed(error);
      }
    }
  }

  /** The rest of the same version, and nothing else. */
  #checked(attempt: Attempt): Attempt {
    const { object } = attempt;
    const { metadata, range } = object;
    const { ifMatch, sizeBytes } = this.#options;
    const isSame = metadata.eTag === ifMatch && (sizeBytes === undefined || metadata.sizeBytes === sizeBytes);
    if (isSame && object.isPartial && range?.first === this.#position) return attempt;
    discard(object);
    if (isSame) throw new BrokenResponse('origin', 'The store does not take ranges, so nothing can be resumed.');
    throw new StoreError('changed', 'The object was replaced.');
  }

  #sent(): string {
    return `${this.#position - this.#options.range.first} bytes`;
  }
}

const silent = (idleTimeoutMs: number) => new StoreError('timeout', `The store sent nothing for ${idleTimeoutMs} ms.`);
