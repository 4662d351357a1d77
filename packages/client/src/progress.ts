import type { Checksum } from './checksum.ts';
import type { Counts } from './exchange.ts';

/** What a download tells while it goes on. */
export type DownloadEvent =
  /** What the server said of the object. `resumedBytes` are there from an earlier run. */
  | {
      readonly type: 'source';
      readonly sizeBytes: number | undefined;
      readonly mode: TransferMode;
      readonly resumedBytes: number;
    }
  /** A few times a second, and at the end. */
  | {
      readonly type: 'progress';
      readonly doneBytes: number;
      readonly sizeBytes: number | undefined;
      /** Ranges on their way at once. */
      readonly concurrency: number;
    }
  /** One stream in place of ranges, and why. */
  | { readonly type: 'fallback'; readonly reason: string }
  | { readonly type: 'retry'; readonly reason: string; readonly delayMs: number }
  /** Bytes of an earlier run that are no longer what was written, and are fetched again. */
  | { readonly type: 'discarded'; readonly lostBytes: number }
  | { readonly type: 'restart'; readonly reason: string }
  | { readonly type: 'verifying'; readonly checksum: Checksum };

export type TransferMode = 'ranges' | 'stream';

/** What became of a download, and what it cost. */
export interface Summary extends Readonly<Counts> {
  readonly sizeBytes: number;
  readonly mode: TransferMode;
  /** Bytes that were there from an earlier run. */
  readonly resumedBytes: number;
  /** What the bytes were checked with; undefined when neither the server nor the caller gave a checksum. */
  readonly verified: (Checksum & { readonly source: 'caller' | 'server' }) | undefined;
  readonly elapsedMs: number;
}

const PROGRESS_INTERVAL_MS = 100;

/** Lets one event pass in a while. */
export class ProgressMeter {
  readonly #report: () => void;
  #reportedAtMs: number = Number.NEGATIVE_INFINITY;

  constructor(report: () => void) {
    this.#report = report;
  }

  moved(): void {
    const nowMs = performance.now();
    if (nowMs - this.#reportedAtMs < PROGRESS_INTERVAL_MS) return;
    this.#reportedAtMs = nowMs;
    this.#report();
  }
}
