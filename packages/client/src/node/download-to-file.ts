import { stat } from 'node:fs/promises';
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
import { publicUrl, queryDigest } from './part-address.ts';
import { intactIntervals, PartFile } from './part-file.ts';
import { holderOf, type PartState, readPartState, requireNoForeignPart } from './part-state.ts';

export interface DownloadToFileOptions extends TransferOptions {
  /** Where the file goes; a directory that is there gets one of the server's name. Default: that name, made safe, in `directory`. */
  readonly file?: string;
  /** Where the server's name is looked up and put; the working directory by default. Not used with `file`. */
  readonly directory?: string;
  /**
   * Replaces a file that is there and differs, at the end and in one step; and at once what has the name of its part (`FILE.part`)
   * but was left by no download. Default false.
   */
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
 * the object is still the same and the bytes are still those that were written.
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
  #directory: string;
  #file: string | undefined;
  #part: PartFile | undefined;
  /** As it was read, and what of it is true. */
  #checked: { readonly text: string; readonly state: PartState } | undefined;
  earlier: Earlier | undefined;
  wasThere = false;

  constructor(url: string, options: DownloadToFileOptions, signal: AbortSignal) {
    this.#url = url;
    this.#options = options;
    this.#directory = options.directory ?? '.';
    this.#signal = signal;
  }

  get file(): string {
    return this.#file ?? '';
  }

  /** Looks up what there is, where the file's name is known. */
  async prepare(): Promise<void> {
    const { file } = this.#options;
    if (file !== undefined && (await isDirectory(file))) this.#directory = file;
    else if (file !== undefined) await this.#prepareFile(resolve(file));
  }

  async #prepareFile(file: string): Promise<void> {
    await this.#claim(file);
    const state = await this.#state();
    // A file that is there is held against the whole object, not against a part.
    const sizeBytes = state?.sizeBytes;
    if (state === undefined || sizeBytes === undefined || (await existingFile(this.file)) !== undefined) return;
    const { done, version } = await this.#intact(state);
    const [missing] = new Intervals(done).missingOf(sizeBytes);
    this.earlier = { version, sizeBytes, missing };
  }

  async open(source: Source, checksum: ExpectedChecksum | undefined): Promise<PartFile | undefined> {
    if (this.#file === undefined) await this.#claim(resolve(join(this.#directory, source.fileName)));
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
    if (this.#options.force !== true) await requireNoForeignPart(this.file);
    const state = await this.#state();
    const earlier = state && isOf(state, source) ? await this.#intact(state) : undefined;
    const { version, sizeBytes } = source;
    const identity = { ...this.#address, version, ...(sizeBytes !== undefined && { sizeBytes }) };
    this.#part = await PartFile.open(this.file, identity, earlier);
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
    const { url, query } = this.#address;
    return state?.url === url && state.query === query ? state : undefined;
  }

  get #address(): Pick<PartState, 'url' | 'query'> {
    return { url: publicUrl(this.#url), query: queryDigest(this.#url) };
  }

  /** The state without what somebody else has written to the part since. Read once: it may be long. */
  async #intact(state: PartState): Promise<PartState> {
    const text = JSON.stringify(state);
    if (this.#checked?.text === text) return this.#checked.state;
    const done = await intactIntervals(this.file, state.done, this.#signal);
    const lostBytes = new Intervals(state.done).sizeBytes - new Intervals(done).sizeBytes;
    if (lostBytes > 0) this.#options.onEvent?.({ type: 'discarded', lostBytes });
    this.#checked = { text, state: { ...state, done } };
    return this.#checked.state;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}

/** Whether bytes of an earlier run are of this version. Nothing but a strong validator tells. */
const isOf = (state: PartState, { version, sizeBytes }: Source): boolean =>
  sizeBytes !== undefined &&
  state.version.isStrong &&
  version.isStrong &&
  state.sizeBytes === sizeBytes &&
  isSame(state.version, version);

const isSame = (one: Version, other: Version): boolean =>
  one.etag === undefined ? one.lastModified === other.lastModified : one.etag === other.etag;
