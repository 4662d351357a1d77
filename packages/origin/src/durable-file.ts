import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AwsError, UsageError } from '@spillway/wire';

/** Ends the names of files that are not yet what they will be. A start removes them. */
export const TEMPORARY_SUFFIX = '.tmp';

const FULL_DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Replaces the file at `path` with `text`: whoever reads, now or after a power cut, sees the old or the new one, whole.
 * @throws AwsError `InternalError` when the disk is full; the old file stays.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporaryPath = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
  try {
    await withFile(temporaryPath, 'wx', async (file) => {
      await file.writeFile(text);
      await file.sync();
    });
    await rename(temporaryPath, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw storageError(error);
  }
}

/** Makes created, renamed and removed names in `path` outlive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows has no such thing: a directory can't be opened there.
  if (process.platform === 'win32') return;
  await withFile(path, 'r', (directory) => directory.sync());
}

async function withFile<T>(path: string, flags: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/**
 * The JSON in a file that we wrote; undefined when there is none. Synchronous, since a start reads thousands, and waits for nothing else.
 * @throws UsageError when it is damaged.
 */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${path} is damaged: ${error.message}. Remove it, and store again what it belonged to.`, {
      cause: error,
    });
  }
}

/** Node's error as the one that S3 has for it. */
export function storageError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AwsError || code === undefined || !FULL_DISK_CODES.has(code)) return error;
  return new AwsError('InternalError', {
    message: `The disk of the local store is full (${code}). Nothing was stored; what was stored before is unchanged.`,
    advice: 'Free some space, or choose a state directory on another disk.',
    cause: error,
  });
}
