import type { DownloadRecord } from './download-record.ts';
import type { Deadline } from './invocation-deadline.ts';
import {
  type ObjectMetadata,
  type ObjectRead,
  type ObjectStore,
  type PresignOptions,
  StoreError,
} from './object-store/object-store.ts';
import { type Attempt, answerLimit, attemptGet, type StorePatience, withRetries } from './store-attempt.ts';
import { within } from './time-limit.ts';

/** A store for one request: with retries, time limits and a count of what it took. */
export class MeasuredStore {
  readonly #record: DownloadRecord;
  readonly #deadline: Deadline;
  readonly #patience: StorePatience;
  readonly #store: ObjectStore;
  #startedMs: number | undefined;

  constructor(store: ObjectStore, patience: StorePatience, record: DownloadRecord, deadline: Deadline) {
    this.#store = store;
    this.#patience = patience;
    this.#record = record;
    this.#deadline = deadline;
  }

  head(key: string): Promise<ObjectMetadata> {
    const limit = answerLimit(this.#patience.openTimeoutMs);
    const { signal } = this.#deadline;
    return this.#ask(() => within(limit, new AbortController(), signal, (either) => this.#store.head(key, either)));
  }

  get(read: ObjectRead): Promise<Attempt> {
    return this.#ask(() => attemptGet(this.#store, read, this.#patience, this.#deadline.signal));
  }

  async presign(key: string, options: PresignOptions): Promise<string> {
    const limit = answerLimit(this.#patience.openTimeoutMs);
    const url = await within(limit, new AbortController(), this.#deadline.signal, () =>
      this.#store.presign?.(key, options),
    );
    if (url === undefined) throw new StoreError('misconfigured', 'The store presigns no URLs.');
    return url;
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
      return await withRetries(this.#patience, this.#deadline, counted, onRetry);
    } finally {
      this.#record.storeLatencyMs = Math.round(performance.now() - startedMs);
    }
  }
}
