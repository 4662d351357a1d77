import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { concatBytes } from '@spillway/wire';
import type { ChecksumAlgorithm } from '../checksum.ts';
import { DownloadError } from '../download-error.ts';
import type { Interval } from '../intervals.ts';
import type { Target } from '../target.ts';
import { createNodeHash } from './node-hash.ts';
import {
  HOLD_INTERVAL_MS,
  type PartState,
  partInode,
  partPath,
  removePartState,
  writePartState,
} from './part-state.ts';
import { type SummedInterval, SummedIntervals } from './summed-intervals.ts';

/** How often what is there is written down while bytes come. */
const SAVE_INTERVAL_MS = 500;
const READ_BYTES = 1_048_576;

/** What a part is of. Without a size nothing can be resumed, and only whose it is is written down. */
export type PartIdentity = Pick<PartState, 'url' | 'query' | 'version' | 'sizeBytes'>;

/** A file that grows beside its place, with a state from which another process can go on. */
export class PartFile implements Target {
  readonly done: SummedIntervals;
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #identity: PartIdentity;
  readonly #hold: ReturnType<typeof setInterval>;
  #savedAtMs: number = performance.now();
  #saving: Promise<void> | undefined;
  #saveError: { readonly error: unknown } | undefined;

  private constructor(file: string, handle: FileHandle, identity: PartIdentity, done: SummedIntervals) {
    this.#file = file;
    this.#handle = handle;
    this.#identity = identity;
    this.done = done;
    this.#hold = setInterval(() => this.#saveSoon(), HOLD_INTERVAL_MS).unref();
  }

  /** @param state what an earlier run of the same version left */
  static async open(file: string, identity: PartIdentity, state: PartState | undefined): Promise<PartFile> {
    if (state === undefined) await removePart(file);
    // A part that is begun is a file of its own: who still writes to the one before it does no harm.
    const begun = state === undefined ? constants.O_CREAT | constants.O_EXCL : 0;
    const handle = await open(partPath(file), constants.O_RDWR | constants.O_NOFOLLOW | begun, 0o666);
    const part = new PartFile(file, handle, identity, new SummedIntervals(state?.done));
    try {
      await part.#save();
    } catch (error) {
      clearInterval(part.#hold);
      await handle.close();
      throw error;
    }
    return part;
  }

  async write(chunks: readonly Uint8Array[], offset: number): Promise<void> {
    if (this.#saveError !== undefined) throw this.#saveError.error;
    const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    const { bytesWritten } = await this.#handle.writev([...chunks], offset);
    // A disk that is full takes less at first, and says so when it is asked again.
    if (bytesWritten < sizeBytes) await this.#writeRest(chunks, offset, bytesWritten);
    this.done.wrote(chunks, offset);
  }

  async #writeRest(chunks: readonly Uint8Array[], offset: number, writtenBytes: number): Promise<void> {
    const rest = concatBytes(chunks).subarray(writtenBytes);
    for (let written = 0; written < rest.byteLength; ) {
      const position = offset + writtenBytes + written;
      written += (await this.#handle.write(rest, written, rest.byteLength - written, position)).bytesWritten;
    }
  }

  moved(): void {
    if (performance.now() - this.#savedAtMs >= SAVE_INTERVAL_MS) this.#saveSoon();
  }

  async reset(): Promise<void> {
    await this.#saving;
    this.done.clear();
    await this.#save();
    await this.#handle.truncate(0);
  }

  async digestHex(algorithm: ChecksumAlgorithm, sizeBytes: number, signal: AbortSignal): Promise<string> {
    // The disk writes while the processor hashes.
    const [hex] = await Promise.all([hashFile(this.#handle, algorithm, sizeBytes, signal), this.#handle.datasync()]);
    return hex;
  }

  /** Puts the whole file in its place, for good. */
  async finish(sizeBytes: number): Promise<void> {
    await this.#stop();
    try {
      await this.#handle.truncate(sizeBytes);
      await this.#handle.sync();
      await this.#requireOwn();
    } finally {
      await this.#handle.close();
    }
    await rename(partPath(this.#file), this.#file);
    await syncDirectory(dirname(this.#file));
    await removePartState(this.#file);
  }

  /** Leaves the part for another run; removes one that has nothing. */
  async leave(): Promise<void> {
    await this.#stop();
    try {
      if (!(await this.#isOwn())) return;
      if (this.done.sizeBytes > 0 && this.#identity.sizeBytes !== undefined) await this.#save();
      else await removePart(this.#file);
    } finally {
      await this.#handle.close();
    }
  }

  async #stop(): Promise<void> {
    clearInterval(this.#hold);
    await this.#saving;
  }

  #saveSoon(): void {
    if (this.#saving !== undefined) return;
    this.#saving = this.#save()
      .catch((error: unknown) => {
        this.#saveError = { error };
      })
      .finally(() => {
        this.#saving = undefined;
      });
  }

  /** Bytes first, then the word that they are there: a state never tells of what a power cut took. */
  async #save(): Promise<void> {
    this.#savedAtMs = performance.now();
    const done = this.#identity.sizeBytes === undefined ? [] : await this.#summed();
    await this.#handle.datasync();
    const inode = await this.#requireOwn();
    await writePartState(this.#file, { ...this.#identity, done, pid: process.pid, inode });
    this.#savedAtMs = performance.now();
  }

  /** Read again where the sum was lost, which only answers cause that contradict themselves. */
  async #summed(): Promise<readonly SummedInterval[]> {
    const known = this.done.toArray().map((interval) => ({ interval, sum: this.done.sumOf(interval) }));
    const summed: SummedInterval[] = [];
    for (const { interval, sum } of known) summed.push(sum ?? (await this.#sumAnew(interval)));
    return summed;
  }

  async #sumAnew(interval: Interval): Promise<SummedInterval> {
    const sum = { ...interval, crc32: await crc32Of(this.#handle, interval) };
    this.done.restore(sum);
    return sum;
  }

  async #isOwn(): Promise<boolean> {
    return (await partInode(this.#file)) === (await this.#inode());
  }

  /** @throws DownloadError FileInUse when another process has begun the same part anew: it is no longer this one's that has the name. */
  async #requireOwn(): Promise<string> {
    const inode = await this.#inode();
    if ((await partInode(this.#file)) === inode) return inode;
    throw new DownloadError('FileInUse', `another process has begun to download to ${this.#file}`);
  }

  async #inode(): Promise<string> {
    return String((await this.#handle.stat({ bigint: true })).ino);
  }
}

async function removePart(file: string): Promise<void> {
  await removePartState(file);
  await rm(partPath(file), { force: true });
}

/**
 * What of an earlier run's part still is what was written to it.
 * @throws the reason of `signal`
 */
export async function intactIntervals(
  file: string,
  done: readonly SummedInterval[],
  signal: AbortSignal,
): Promise<readonly SummedInterval[]> {
  const handle = await open(partPath(file), constants.O_RDONLY | constants.O_NOFOLLOW);
  const intact: SummedInterval[] = [];
  try {
    for (const interval of done) {
      if ((await crc32Of(handle, interval, signal)) === interval.crc32) intact.push(interval);
    }
    return intact;
  } finally {
    await handle.close();
  }
}

async function crc32Of(handle: FileHandle, { start, end }: Interval, signal?: AbortSignal): Promise<number> {
  const buffer = new Uint8Array(READ_BYTES);
  let sum = 0;
  for (let offset = start; offset < end; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, Math.min(READ_BYTES, end - offset), offset);
    if (bytesRead === 0) break;
    sum = crc32(buffer.subarray(0, bytesRead), sum);
    offset += bytesRead;
  }
  return sum;
}

/** The checksum of a file's first `sizeBytes`, in hexadecimal. @throws the reason of `signal` */
export async function hashFile(
  handle: FileHandle,
  algorithm: ChecksumAlgorithm,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const hash = await createNodeHash(algorithm);
  const buffer = new Uint8Array(READ_BYTES);
  for (let offset = 0; offset < sizeBytes; ) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, Math.min(READ_BYTES, sizeBytes - offset), offset);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    offset += bytesRead;
  }
  return hash.digestHex();
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
