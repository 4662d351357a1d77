import { randomUUID } from 'node:crypto';
import { copyFile, type FileHandle, link, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Body } from '@spillway/wire';
import { storageError, syncDirectory } from './durable-file.ts';
import type { Segment } from './stored-object.ts';

/** The bytes of a bucket: files that are written once and removed when no object names them and no one reads them any more. */
export class DataFiles {
  readonly #directory: string;
  readonly #readers = new Map<string, number>();
  readonly #discarded = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Stores a whole body. Nothing is left of one that fails. @throws the body's error; AwsError `InternalError` on a full disk. */
  async write(body: Body): Promise<Segment> {
    const dataId = randomUUID();
    try {
      const file = await open(this.#path(dataId), 'wx');
      let sizeBytes = 0;
      try {
        for await (const chunk of body) {
          await writeAll(file, chunk);
          sizeBytes += chunk.byteLength;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await syncDirectory(this.#directory);
      return { dataId, sizeBytes };
    } catch (error) {
      await this.#remove(dataId);
      throw storageError(error);
    }
  }

  /** Takes over bytes of another bucket: as a second name of the same file where the disk has such, since files never change. */
  async adopt(other: DataFiles, { dataId, sizeBytes }: Segment): Promise<Segment> {
    const [source, adopted] = [other.#path(dataId), randomUUID()];
    await link(source, this.#path(adopted)).catch(() => copyFile(source, this.#path(adopted)));
    await syncDirectory(this.#directory);
    return { dataId: adopted, sizeBytes };
  }

  open(dataId: string): Promise<FileHandle> {
    return open(this.#path(dataId), 'r');
  }

  /** Keeps the files until `release`, even if their object is replaced. */
  retain(segments: readonly Segment[]): void {
    for (const { dataId } of segments) this.#readers.set(dataId, (this.#readers.get(dataId) ?? 0) + 1);
  }

  async release(segments: readonly Segment[]): Promise<void> {
    for (const { dataId } of segments) {
      const readers = (this.#readers.get(dataId) ?? 1) - 1;
      if (readers > 0) {
        this.#readers.set(dataId, readers);
        continue;
      }
      this.#readers.delete(dataId);
      if (this.#discarded.delete(dataId)) await this.#remove(dataId);
    }
  }

  /** Removes the files, each when its last reader is done. No object may name them any more. */
  async discard(segments: readonly Segment[]): Promise<void> {
    for (const { dataId } of segments) {
      if (this.#readers.has(dataId)) this.#discarded.add(dataId);
      else await this.#remove(dataId);
    }
  }

  /** Removes what a crash left: files that no object or upload names. */
  async removeAllBut(dataIds: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (!dataIds.has(name)) await this.#remove(name);
    }
  }

  #path(dataId: string): string {
    return join(this.#directory, dataId);
  }

  #remove(dataId: string): Promise<void> {
    return rm(this.#path(dataId), { force: true });
  }
}

/** A file takes fewer bytes than it is given when the disk fills up. */
async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength; ) {
    offset += (await file.write(chunk, offset)).bytesWritten;
  }
}
