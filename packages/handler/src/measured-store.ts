import type { DownloadRecord } from './download-record.ts';
import type { ObjectMetadata, ObjectRead, ObjectStore } from './object-store/object-store.ts';
import { type Attempt, answerWithin, attemptGet, type StorePatience, withRetries } from './store-attempt.ts';

/** A store for one request: with retries, time limits and a count of what it took. */
export class MeasuredStore {
  readonly #record: DownloadRecord;
  readonly #signal: AbortSignal;
  readonly #patience: StorePatience;
  readonly #store: ObjectStore;
  #startedMs: number | undefined;

  constructor(store: ObjectStore, patience: StorePatience, record: DownloadRecord, signal: AbortSignal) {
    this.#store = store;
    this.#patience = patience;
    this.#record = record;
    this.#signal = signal;
  }

  head(key: string): Promise<ObjectMetadata> {
    const { openTimeoutMs } = this.#patience;
    return this.#ask(() =>
      answerWithin(openTimeoutMs, new AbortController(), this.#signal, (signal) => this.#store.head(key, signal)),
    );
  }

  get(read: ObjectRead): Promise<Attempt> {
    return this.#ask(() => attemptGet(this.#store, read, this.#patience, this.#signal));
  }

  async #ask<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const startedMs = this.#startedMs ?? performance.now();
    this.#startedMs = startedMs;
    const counted = () => {
      this.#record.storeRequests += 1;
      return ask();
    };
    const onRetry = () => {
      this.#record.retries += 1;
    };
    try {
      return await withRetries(this.#patience, this.#signal, counted, onRetry);
    } finally {
      this.#record.storeLatencyMs = Math.round(performance.now() - startedMs);
    }
  }
}
