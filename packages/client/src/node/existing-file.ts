import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Checksum } from '../checksum.ts';
import { DownloadError } from '../download-error.ts';
import type { Source } from '../source.ts';
import { hashFile } from './part-file.ts';

/** Undefined when nothing has the name. @throws DownloadError for what no download may take the place of */
export async function existingFile(file: string): Promise<Stats | undefined> {
  const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stats?.isFile() === false) throw new DownloadError('FileExists', `${file} is there, and no regular file`);
  return stats;
}

/**
 * Holds a file that is there already to what the server, or the caller, says of it.
 * @returns the checksum that proves them the same
 * @throws DownloadError FileExists when they differ, or nothing tells
 */
export async function requireSameFile<C extends Checksum>(
  file: string,
  fileBytes: number,
  source: Source,
  checksum: C | undefined,
  signal: AbortSignal,
): Promise<C | undefined> {
  const differs = (reason: string) => new DownloadError('FileExists', `${file} is there already, ${reason}`);
  if (source.sizeBytes !== undefined && source.sizeBytes !== fileBytes) {
    throw differs(`and has ${fileBytes} bytes, not ${source.sizeBytes}`);
  }
  const hashOf = (algorithm: Checksum['algorithm']) => hashWhole(file, algorithm, fileBytes, signal);
  if (checksum !== undefined) {
    if ((await hashOf(checksum.algorithm)) === checksum.hex) return checksum;
    throw differs(
      `with another ${checksum.algorithm} than the ${'source' in checksum ? checksum.source : 'caller'} gives`,
    );
  }
  // S3's ETag of an object in one part is its MD5. Another ETag proves nothing.
  const [, md5] = /^"([0-9a-f]{32})"$/.exec(source.version.etag ?? '') ?? [];
  if (md5 !== undefined && (await hashOf('md5')) === md5) return undefined;
  throw differs('and the server gives no checksum that could tell whether it is the same');
}

async function hashWhole(
  file: string,
  algorithm: Checksum['algorithm'],
  sizeBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const handle = await open(file);
  try {
    return await hashFile(handle, algorithm, sizeBytes, signal);
  } finally {
    await handle.close();
  }
}
