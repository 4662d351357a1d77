import { concatBytes } from '@spillway/wire';
import type { ChecksumAlgorithm } from '../checksum.ts';
import { createHash } from '../hash.ts';
import { Intervals } from '../intervals.ts';
import type { Target } from '../target.ts';

/** What is used of the browser's `FileSystemFileHandle`, which types without the DOM lack. */
export interface FileHandleLike {
  createWritable(): Promise<{
    write(data: {
      readonly type: 'write';
      readonly position: number;
      readonly data: Uint8Array<ArrayBuffer>;
    }): Promise<void>;
    close(): Promise<void>;
    abort(): Promise<void>;
  }>;
  getFile(): Promise<Blob>;
}

/** A file of the File System API: one that the user chose, or one of the page's own (OPFS). */
export class FileHandleTarget implements Target {
  readonly done: Intervals = new Intervals();
  readonly #handle: FileHandleLike;
  /** Writes go to a copy that takes the file's place when it is closed; writes at offsets of one stream come one after another. */
  #opening: ReturnType<FileHandleLike['createWritable']> | undefined;
  #isClosed = false;

  constructor(handle: FileHandleLike) {
    this.#handle = handle;
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    this.#opening ??= this.#handle.createWritable();
    const writable = await this.#opening;
    await writable.write({ type: 'write', position, data: concatBytes(chunks) });
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

  async close(): Promise<Blob> {
    if (!this.#isClosed) {
      const writable = await (this.#opening ?? this.#handle.createWritable());
      this.#opening = undefined;
      await writable.close();
      this.#isClosed = true;
    }
    return this.#handle.getFile();
  }

  /** Drops what was written. */
  async abort(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    await opening?.then((writable) => writable.abort()).catch(() => {});
  }
}

/** @throws the reason of `signal` */
async function hashBlob(blob: Blob, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<string> {
  const hash = await createHash(algorithm);
  const reader = blob.stream().getReader();
  while (true) {
    signal.throwIfAborted();
    const { done, value } = await reader.read();
    if (done) return hash.digestHex();
    hash.update(value);
  }
}
