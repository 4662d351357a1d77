import { closeSync, type Dirent, openSync, readSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isAtOrBelow } from './sandbox/mount-table.ts';

/** A larger tree is searched this far, entries. */
const MAX_ENTRIES = 50_000;

/** What a tree of code needs of the machine that it runs on. */
export interface CodeScan {
  /** Libraries, compiled modules of Python and Node.js. Absolute paths. */
  readonly compiledModules: readonly string[];
  /** Links that lead out of the tree. Absolute paths. */
  readonly outwardLinks: readonly string[];
}

/** Looks through the directory `root`, a real path. */
export async function scanCode(root: string): Promise<CodeScan> {
  const compiledModules: string[] = [];
  const outwardLinks: string[] = [];
  for await (const { path, entry } of entriesBelow(root)) {
    if (entry.isSymbolicLink() && (await leadsOut(path, root))) outwardLinks.push(path);
    if (entry.isFile() && /\.(so|node)$/.test(entry.name)) compiledModules.push(path);
  }
  return { compiledModules, outwardLinks };
}

async function* entriesBelow(root: string): AsyncGenerator<{ readonly path: string; readonly entry: Dirent }> {
  const pending = [root];
  let seen = 0;
  for (let directory = pending.pop(); directory !== undefined && seen < MAX_ENTRIES; directory = pending.pop()) {
    for (const entry of await readdir(directory, { withFileTypes: true }).catch((): Dirent[] => [])) {
      seen += 1;
      const path = join(directory, entry.name);
      if (entry.isDirectory() && entry.name !== '.git') pending.push(path);
      yield { path, entry };
    }
  }
}

/** One that leads nowhere leads nowhere inside either. */
async function leadsOut(link: string, root: string): Promise<boolean> {
  const target = await realpath(link).catch(() => undefined);
  return target !== undefined && !isAtOrBelow(target, root);
}

/** The machine that a program or a library is made for, as Lambda calls it; undefined for what is no ELF file, or for another machine. */
export function elfArchitecture(path: string): string | undefined {
  const head = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, head) < head.length || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
    return { 62: 'x86_64', 183: 'arm64' }[head.readUInt16LE(18)];
  } finally {
    closeSync(file);
  }
}
