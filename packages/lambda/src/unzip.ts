import { createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '@spillway/wire';
import type { Entry, ZipFile } from 'yauzl';

const FILE_TYPE_MASK = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/**
 * Unpacks the zip at `path` into `directory`, mode bits too.
 * @throws UsageError for what is no zip, and for an entry that would leave the directory.
 */
export async function unzip(path: string, directory: string): Promise<void> {
  try {
    // Most functions are directories, and a start has no time to lose.
    const { openPromise } = await import('yauzl');
    const zip = await openPromise(path, { autoClose: false });
    try {
      const links: SymbolicLink[] = [];
      for await (const entry of zip.eachEntry()) links.push(...(await unpack(zip, entry, directory)));
      // Last, so that nothing is written through them.
      for (const { target, link } of links) await symlink(link, target);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Could not unzip ${path}: ${(error as Error).message}. Check that it is a whole zip file.`, {
      cause: error,
    });
  }
}

/** How many bytes a zip holds, unpacked. @throws Error for what is no zip, or holds nothing. */
export async function unzippedBytes(path: string): Promise<number> {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(path, { autoClose: false });
  try {
    let sizeBytes = 0;
    if (zip.entryCount === 0) throw new Error('The zip is empty.');
    for await (const entry of zip.eachEntry()) sizeBytes += entry.uncompressedSize;
    return sizeBytes;
  } finally {
    zip.close();
  }
}

interface SymbolicLink {
  readonly target: string;
  readonly link: string;
}

/** Writes a file or a directory. A symbolic link is given back, to be made at the end. */
async function unpack(zip: ZipFile, entry: Entry, directory: string): Promise<readonly SymbolicLink[]> {
  const target = inside(directory, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return [];
  }
  await mkdir(dirname(target), { recursive: true });
  // The upper half of the attributes holds the mode when the zip was made on Unix; 0 when it was not.
  const mode = entry.externalFileAttributes >>> 16;
  const content = await zip.openReadStreamPromise(entry);
  if ((mode & FILE_TYPE_MASK) === SYMBOLIC_LINK) {
    const link = await text(content);
    inside(directory, join(dirname(entry.fileName), link));
    return [{ target, link }];
  }
  await pipeline(content, createWriteStream(target));
  await chmod(target, mode === 0 ? 0o644 : mode & 0o777);
  return [];
}

/** @throws UsageError when `name` leads out of `directory`. */
function inside(directory: string, name: string): string {
  const target = resolve(directory, name);
  if (target.startsWith(directory + sep)) return target;
  throw new UsageError(`The zip has an entry that leads out of it: ${name}. Make it anew, with relative names only.`);
}
