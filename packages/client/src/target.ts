import type { ChecksumAlgorithm } from './checksum.ts';
import type { Intervals } from './intervals.ts';

/** Where the bytes of one version go. */
export interface Target {
  /** What is there; those who write add to it. */
  readonly done: Intervals;
  /** Writes chunks one after another. Resolves when they may be used again. */
  write(chunks: readonly Uint8Array[], offset: number): Promise<void>;
  /** Bytes were written since. */
  moved(): void;
  /** Throws everything away: another version begins. */
  reset(): Promise<void>;
  /** The checksum of the first `sizeBytes`, in order, in hexadecimal. */
  digestHex(algorithm: ChecksumAlgorithm, sizeBytes: number, signal: AbortSignal): Promise<string>;
}
