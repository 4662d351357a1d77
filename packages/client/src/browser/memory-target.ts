import type { ChecksumAlgorithm } from '../checksum.ts';
import { DownloadError } from '../download-error.ts';
import { createHash } from '../hash.ts';
import { Intervals } from '../intervals.ts';
import type { Target } from '../target.ts';

/** The whole object in memory: where there is no disk to write to. */
export class MemoryTarget implements Target {
  readonly done: Intervals = new Intervals();
  readonly #limitBytes: number;
  #bytes: Uint8Array<ArrayBuffer>;

  /** @throws DownloadError TooLargeForMemory */
  constructor(sizeBytes: number | undefined, limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#requireRoom(sizeBytes ?? 0);
    this.#bytes = new Uint8Array(sizeBytes ?? 0);
  }

  async write(chunks: readonly Uint8Array[], offset: number): Promise<void> {
    let position = offset;
    for (const chunk of chunks) {
      this.#put(chunk, position);
      position += chunk.byteLength;
    }
  }

  #put(chunk: Uint8Array, offset: number): void {
    const end = offset + chunk.byteLength;
    if (end > this.#bytes.byteLength) {
      this.#requireRoom(end);
      const larger = new Uint8Array(Math.min(this.#limitBytes, Math.max(end, 2 * this.#bytes.byteLength)));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, offset);
  }

  moved(): void {}

  async reset(): Promise<void> {
    this.done.clear();
  }

  async digestHex(algorithm: ChecksumAlgorithm, sizeBytes: number): Promise<string> {
    const hash = await createHash(algorithm);
    hash.update(this.#bytes.subarray(0, sizeBytes));
    return hash.digestHex();
  }

  toBlob(sizeBytes: number): Blob {
    return new Blob([this.#bytes.subarray(0, sizeBytes)]);
  }

  #requireRoom(sizeBytes: number): void {
    if (sizeBytes <= this.#limitBytes) return;
    throw new DownloadError(
      'TooLargeForMemory',
      `the object has ${sizeBytes} bytes or more, and ${this.#limitBytes} are the most that is kept in memory: give a FileSystemFileHandle, or raise memoryLimitBytes`,
    );
  }
}
