import { type FSWatcher, watch } from 'node:fs';
import { readdir, realpath, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Directories beyond this many are not watched: the kernel's watches are for everybody. */
const MAX_DIRECTORIES = 4096;

/** A file written within this time before a look may be written again without its time changing, ms: the kernel's clock has steps. */
const TIMESTAMP_STEP_MS = 20;

/** File systems that tell nothing of what others write: NFS, SMB (three), 9P, FUSE. From linux/magic.h. */
const SILENT_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546,
]);

const IGNORED_NAMES: ReadonlySet<string> = new Set(['.git']);

export interface CodeWatchOptions {
  /** A directory with all below it, or one file. */
  readonly path: string;
  /** Directories that are no code although they may lie below, such as our own. Real paths. */
  readonly ignoredPaths: readonly string[];
  readonly onChange: () => Promise<void> | void;
}

/** What was found below a path, as far as it tells whether a file is another one than before. */
interface Look {
  readonly fingerprint: string;
  readonly newestMs: number;
  readonly atMs: number;
}

/**
 * Calls `onChange` when a function's code has changed since the last time it was asked. The kernel tells that something happened in
 * one of the directories; only then the files are looked at. Where it can't (macOS tells late, network file systems tell nothing),
 * they are looked at each time.
 */
export class CodeWatch {
  readonly #options: CodeWatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #last: Look | undefined;
  #isDirty = false;
  #canWatch = process.platform === 'linux';
  #checking: Promise<void> | undefined;
  #nextCheck: Promise<void> | undefined;

  private constructor(options: CodeWatchOptions) {
    this.#options = options;
  }

  static async open(options: CodeWatchOptions): Promise<CodeWatch> {
    const watch = new CodeWatch(options);
    const { type } = await statfs(options.path);
    if (SILENT_FILE_SYSTEMS.has(type)) watch.#canWatch = false;
    watch.#last = await watch.#look();
    return watch;
  }

  /** Sees whatever was written before this call. @throws what `onChange` throws; it is called again then. */
  async refresh(): Promise<void> {
    // What happened before is in the kernel's queue by now: it is read in the next turn of the event loop, which a second immediate
    // is sure to have behind it.
    await eventLoopTurn();
    await eventLoopTurn();
    if (this.#canWatch && !this.#isDirty && !this.#checking) return;
    await this.#checkAnew();
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** A look that has begun may have missed what was written just now: this one begins later, for all who wait for it. */
  #checkAnew(): Promise<void> {
    this.#nextCheck ??= (this.#checking ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        this.#checking = this.#nextCheck;
        this.#nextCheck = undefined;
        return this.#check();
      });
    return this.#nextCheck;
  }

  async #check(): Promise<void> {
    this.#isDirty = false;
    try {
      const before = this.#last;
      this.#last = undefined;
      const now = await this.#look();
      if (!before || isOther(now, before)) await this.#options.onChange();
      this.#last = now;
    } catch (error) {
      this.#isDirty = true;
      throw error;
    } finally {
      if (!this.#nextCheck) this.#checking = undefined;
    }
  }

  async #look(): Promise<Look> {
    const atMs = Date.now();
    const files: string[] = [];
    let newestMs = 0;
    for await (const { path, sizeBytes, modifiedMs, inode } of this.#files()) {
      files.push(`${path} ${sizeBytes} ${modifiedMs} ${inode}`);
      newestMs = Math.max(newestMs, modifiedMs);
    }
    return { fingerprint: files.sort().join('\n'), newestMs, atMs };
  }

  async *#files(): AsyncGenerator<CodeFile> {
    const seen = new Set<string>();
    const pending = [this.#options.path];
    for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) {
        if (path === this.#options.path) this.#watch(join(path, '..'));
        yield { path, sizeBytes: found.size, modifiedMs: found.mtimeMs, inode: found.ino };
      }
      if (found?.isDirectory()) pending.push(...(await this.#entries(path, seen)));
    }
  }

  /** Watched before it is read, so that nothing falls between. A directory that links lead to twice is read once. */
  async #entries(directory: string, seen: Set<string>): Promise<readonly string[]> {
    const real = await realpath(directory).catch(() => directory);
    if (seen.has(real) || this.#options.ignoredPaths.includes(real)) return [];
    seen.add(real);
    this.#watch(directory);
    const names = await readdir(directory).catch(() => []);
    return names.filter((name) => !IGNORED_NAMES.has(name)).map((name) => join(directory, name));
  }

  #watch(directory: string): void {
    if (!this.#canWatch || this.#watchers.has(directory)) return;
    if (this.#watchers.size >= MAX_DIRECTORIES) {
      this.#giveUp();
      return;
    }
    try {
      const watcher = watch(directory, { persistent: false }, () => {
        this.#isDirty = true;
      });
      watcher.on('error', () => this.#giveUp());
      this.#watchers.set(directory, watcher);
    } catch (error) {
      // Gone again: its parent's event tells. Otherwise no watch is left to be had.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#giveUp();
    }
  }

  /** Looks at the files each time from now on. */
  #giveUp(): void {
    this.#canWatch = false;
    this.close();
  }
}

const isOther = (now: Look, before: Look) =>
  now.fingerprint !== before.fingerprint || now.newestMs > before.atMs - TIMESTAMP_STEP_MS;

interface CodeFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly inode: number;
}

const eventLoopTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
