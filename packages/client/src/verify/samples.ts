/** Kept of the beginning, where a transfer of our own is cut and resumed. */
export const HEAD_SAMPLE_BYTES = 2_097_152;
/** Kept of the middle, and of the end. */
export const SAMPLE_BYTES = 65_536;

interface Sample {
  readonly start: number;
  readonly bytes: Uint8Array;
  filledBytes: number;
}

/** Parts of the object as they came in one stream, to hold ranges against: so much memory, whatever its size. */
export class Samples {
  readonly #samples: readonly Sample[];

  /** @param sizeBytes undefined when the server does not tell: then the beginning is all that is kept */
  constructor(sizeBytes: number | undefined) {
    const size = sizeBytes ?? HEAD_SAMPLE_BYTES;
    const starts = sizeBytes === undefined ? [] : [middleOf(size), Math.max(0, size - SAMPLE_BYTES)];
    this.#samples = [
      sample(0, Math.min(size, HEAD_SAMPLE_BYTES)),
      ...starts.map((start) => sample(start, Math.min(size - start, SAMPLE_BYTES))),
    ];
  }

  add(offset: number, chunk: Uint8Array): void {
    for (const kept of this.#samples) {
      const start = Math.max(offset, kept.start);
      const end = Math.min(offset + chunk.byteLength, kept.start + kept.bytes.byteLength);
      if (start >= end) continue;
      kept.bytes.set(chunk.subarray(start - offset, end - offset), start - kept.start);
      kept.filledBytes += end - start;
    }
  }

  /** Whether these are the bytes from `start` on; undefined where none were kept. */
  matches(start: number, bytes: Uint8Array): boolean | undefined {
    const kept = this.#samples.find(
      (candidate) => candidate.start <= start && start + bytes.byteLength <= candidate.start + candidate.filledBytes,
    );
    if (kept === undefined) return undefined;
    const offset = start - kept.start;
    return bytes.every((byte, index) => byte === kept.bytes[offset + index]);
  }
}

/** Where the sample of the middle begins. */
export const middleOf = (sizeBytes: number): number => Math.floor(sizeBytes / 2);

const sample = (start: number, sizeBytes: number): Sample => ({
  start,
  bytes: new Uint8Array(sizeBytes),
  filledBytes: 0,
});
