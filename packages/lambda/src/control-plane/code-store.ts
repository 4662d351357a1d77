import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Body } from '@spillway/wire';
import type { StoredCode } from './function-document.ts';

const TEMPORARY_SUFFIX = '.tmp';

/** Zips of functions and layers, as files named by their SHA-256. */
export class CodeStore {
  readonly #directory: string;
  /** Being written, or not yet named by a document: how often. */
  readonly #pinned = new Map<string, number>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<CodeStore> {
    await mkdir(directory, { recursive: true });
    for (const name of await readdir(directory)) {
      if (name.endsWith(TEMPORARY_SUFFIX)) await rm(join(directory, name), { force: true });
    }
    return new CodeStore(directory);
  }

  /**
   * Stores a zip, to outlive the process, and hands it to `use`. Unless a document names it by the end of `use`, it may go again.
   * `measure` tells how large its content is, before the file has its name, and refuses what is no good.
   */
  async store<T>(
    content: Body,
    measure: (path: string) => Promise<number>,
    use: (code: StoredCode) => Promise<T>,
  ): Promise<T> {
    const temporaryPath = join(this.#directory, `${randomUUID()}${TEMPORARY_SUFFIX}`);
    try {
      const written = await writeFile(temporaryPath, content);
      const code: StoredCode = { kind: 'stored', ...written, unzippedBytes: await measure(temporaryPath) };
      return await this.#pin(code.sha256, async () => {
        await rename(temporaryPath, this.path(code));
        await syncDirectory(this.#directory);
        return use(code);
      });
    } finally {
      await rm(temporaryPath, { force: true });
    }
  }

  path({ sha256 }: Pick<StoredCode, 'sha256'>): string {
    return join(this.#directory, `${Buffer.from(sha256, 'base64').toString('hex')}.zip`);
  }

  /** Removes what nothing names. `named`: the SHA-256 of each zip in use. At one go, so that nothing gets its name meanwhile. */
  sweep(named: Iterable<string>): void {
    const kept = new Set([...named, ...this.#pinned.keys()].map((sha256) => this.path({ sha256 })));
    for (const name of readdirSync(this.#directory)) {
      const path = join(this.#directory, name);
      if (name.endsWith('.zip') && !kept.has(path)) rmSync(path, { force: true });
    }
  }

  async #pin<T>(sha256: string, use: () => Promise<T>): Promise<T> {
    this.#pinned.set(sha256, (this.#pinned.get(sha256) ?? 0) + 1);
    try {
      return await use();
    } finally {
      const rest = (this.#pinned.get(sha256) ?? 1) - 1;
      if (rest === 0) this.#pinned.delete(sha256);
      else this.#pinned.set(sha256, rest);
    }
  }
}

async function writeFile(path: string, content: Body): Promise<Pick<StoredCode, 'sha256' | 'sizeBytes'>> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      sizeBytes += chunk.byteLength;
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('base64'), sizeBytes };
}

/** Makes created and renamed names outlive a power cut. */
async function syncDirectory(path: string): Promise<void> {
  // Windows has no such thing: a directory can't be opened there.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
