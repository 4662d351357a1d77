import type { ChecksumAlgorithm } from '../checksum.ts';
import { createHash } from '../hash.ts';
import { Intervals } from '../intervals.ts';
import type { Target } from '../target.ts';

/** A file of the File System API: one that the user chose, or one of the page's own (OPFS). */
export class FileHandleTarget implements Target {
  readonly done: Intervals = new Intervals();
  readonly #handle: FileSystemFileHandle;
  /** Writes go to a copy that takes the file's place when it is closed; writes at offsets of one stream come one after another. */
  #writable: FileSystemWritableFileStream | undefined;
  #isClosed = false;

  constructor(handle: FileSystemFileHandle) {
    this.#handle = handle;
  }

  async write(chunk: Uint8Array, position: number): Promise<void> {
    this.#writable ??= await this.#handle.createWritable();
    await this.#writable.write({ type: 'write', position, data: chunk as Uint8Array<ArrayBuffer> });
  }

  moved(): void {}

  async reset(): Promise<void> {
    await this.abort();
    this.done.clear();
    if (!this.#isClosed) return;
    this.#isClosed = false;
    await (await this.#handle.createWritable()).close();
  }

  /** What is written can be read no sooner than the file is closed. One that proves wrong is emptied by `reset()`. */
  async digestHex(algorithm: ChecksumAlgorithm, sizeBytes: number, signal: AbortSignal): Promise<string> {
    const file = await this.close();
    return hashBlob(file.slice(0, sizeBytes), algorithm, signal);
  }

  async close(): Promise<File> {
    if (!this.#isClosed) {
      const writable = this.#writable ?? (await this.#handle.createWritable());
      this.#writable = undefined;
      await writable.close();
      this.#isClosed = true;
    }
    return this.#handle.getFile();
  }

  /** Drops what was written. */
  async abort(): Promise<void> {
    const writable = this.#writable;
    this.#writable = undefined;
    await writable?.abort().catch(() => {});
  }
}

/** @throws the reason of `signal` */
export async function hashBlob(blob: Blob, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<string> {
  const hash = await createHash(algorithm);
  const reader = blob.stream().getReader();
  while (true) {
    signal.throwIfAborted();
    const { done, value } = await reader.read();
    if (done) return hash.digestHex();
    hash.update(value);
  }
}
