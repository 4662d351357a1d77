import { join, resolve } from 'node:path';
import { DownloadError } from '../download-error.ts';
import { type Destination, type Earlier, type ExpectedChecksum, fetchObject } from '../fetch-object.ts';
import { Intervals } from '../intervals.ts';
import { settingsOf, type TransferOptions } from '../options.ts';
import type { Summary } from '../progress.ts';
import type { Source } from '../source.ts';
import type { Version } from '../version.ts';
import { existingFile, requireSameFile } from './existing-file.ts';
import { followingFetch } from './following-fetch.ts';
import { PartFile } from './part-file.ts';
import { holderOf, type PartState, publicUrl, readPartState } from './part-state.ts';

export interface DownloadToFileOptions extends TransferOptions {
  /** Where the file goes. Default: the server's name for it, made safe, in `directory`. */
  readonly file?: string;
  /** Where the server's name is looked up and put; the working directory by default. Not used with `file`. */
  readonly directory?: string;
  /** Replaces a file that is there and differs. It is replaced at the end, in one step. Default false. */
  readonly force?: boolean;
  /** Told where the file goes, as soon as that is known. */
  readonly onFile?: (file: string) => void;
}

export interface DownloadedFile extends Summary {
  readonly file: string;
  /** It was there already, and was only verified. */
  readonly wasThere: boolean;
}

/**
 * Downloads to a file, in parallel ranges. The bytes go to `FILE.part`, with `FILE.part.json` beside it, and under the file's own name
 * only when all are there, on disk and verified. Called again after an abort, a crash or a lost network it goes on where it was, if
 * the object is still the same.
 * @throws DownloadError, the reason of `signal`, or the system's own error for the file
 */
export async function downloadToFile(url: string | URL, options: DownloadToFileOptions = {}): Promise<DownloadedFile> {
  const settings = settingsOf({ fetch: followingFetch, ...options });
  const address = new URL(url).href;
  const destination = new FileDestination(address, options, settings.signal);
  try {
    await destination.prepare();
    const { source, summary } = await fetchObject(address, settings, destination);
    await destination.finish(source.sizeBytes ?? summary.sizeBytes);
    return { ...summary, file: destination.file, wasThere: destination.wasThere };
  } finally {
    await destination.close();
  }
}

/** Files that this process downloads to. */
const inUse = new Set<string>();

class FileDestination implements Destination {
  readonly #url: string;
  readonly #options: DownloadToFileOptions;
  readonly #signal: AbortSignal;
  #file: string | undefined;
  #part: PartFile | undefined;
  earlier: Earlier | undefined;
  wasThere = false;

  constructor(url: string, options: DownloadToFileOptions, signal: AbortSignal) {
    this.#url = url;
    this.#options = options;
    this.#signal = signal;
  }

  get file(): string {
    return this.#file ?? '';
  }

  /** Looks up what there is, where the file's name is known. */
  async prepare(): Promise<void> {
    if (this.#options.file === undefined) return;
    await this.#claim(resolve(this.#options.file));
    const state = await this.#state();
    // A file that is there is held against the whole object, not against a part.
    if (state === undefined || (await existingFile(this.file)) !== undefined) return;
    const [missing] = new Intervals(state.done).missingOf(state.sizeBytes);
    this.earlier = { version: state.version, sizeBytes: state.sizeBytes, missing };
  }

  async open(source: Source, checksum: ExpectedChecksum | undefined): Promise<PartFile | undefined> {
    if (this.#file === undefined) await this.#claim(resolve(join(this.#options.directory ?? '.', source.fileName)));
    this.#options.onFile?.(this.file);
    const existing = await existingFile(this.file);
    if (existing !== undefined && this.#options.force !== true) {
      await requireSameFile(this.file, existing.size, source, checksum, this.#signal);
      this.wasThere = true;
      return undefined;
    }
    await this.#part?.leave();
    this.#part = undefined;
    // Time has passed since the claim: the server was asked.
    await this.#requireUnheld();
    const state = await this.#state();
    const sizeBytes = this.#isNamed(source.version) ? source.sizeBytes : undefined;
    const identity = { url: publicUrl(this.#url), version: source.version, sizeBytes };
    this.#part = await PartFile.open(this.file, identity, state && isOf(state, source) ? state : undefined);
    return this.#part;
  }

  async finish(sizeBytes: number): Promise<void> {
    const part = this.#part;
    if (part === undefined) return;
    if (this.#options.force !== true && (await existingFile(this.file)) !== undefined) {
      throw new DownloadError('FileExists', `${this.file} has come to be there in the meantime`);
    }
    this.#part = undefined;
    await part.finish(sizeBytes);
  }

  async close(): Promise<void> {
    await this.#part?.leave();
    if (this.#file !== undefined) inUse.delete(this.#file);
  }

  async #claim(file: string): Promise<void> {
    if (inUse.has(file)) throw new DownloadError('FileInUse', `this process downloads to ${file} already`);
    inUse.add(file);
    this.#file = file;
    await this.#requireUnheld();
  }

  /** @throws DownloadError FileInUse */
  async #requireUnheld(): Promise<void> {
    const state = await readPartState(this.file);
    const holder = state && (await holderOf(this.file, state));
    if (holder === undefined) return;
    throw new DownloadError('FileInUse', `process ${holder} downloads to ${this.file} already`);
  }

  async #state(): Promise<PartState | undefined> {
    const state = await readPartState(this.file);
    return state?.url === publicUrl(this.#url) && this.#isNamed(state.version) ? state : undefined;
  }

  /** Whether a state can say what it is of. It has no query: where that names the object, nothing but an ETag tells it from another. */
  #isNamed({ etag }: Version): boolean {
    return etag !== undefined || new URL(this.#url).search === '';
  }
}

/** Whether bytes of an earlier run are of this version. Nothing but a strong validator tells. */
const isOf = (state: PartState, { version, sizeBytes }: Source): boolean =>
  state.version.isStrong && version.isStrong && state.sizeBytes === sizeBytes && isSame(state.version, version);

const isSame = (one: Version, other: Version): boolean =>
  one.etag === undefined ? one.lastModified === other.lastModified : one.etag === other.etag;
