import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAtOrBelow } from '../sandbox/mount-table.ts';

const ADAPTER = 'extensions/lambda-adapter';

/**
 * Our adapter runs on Node.js, which takes some 50 MiB on its own and 130 to buffer 5 MB; a function that has room for AWS's must have room
 * for ours. Measured of AWS's 1.0.0-rc1 on x86-64, resident: 11 MiB idle, 14 after streams of 64 MiB, at most 34 to buffer 5 MB.
 */
export const WEB_ADAPTER_BYTES: number = 14 * 1_048_576;

/** The adapter's file in the layer that this server wrote itself, below its own `directory`. Undefined: the layer is a user's. */
export async function ownWebAdapter(layer: string | undefined, directory: string): Promise<string | undefined> {
  if (layer === undefined) return undefined;
  const [layerPath, ownPath] = await Promise.all([layer, directory].map((path) => realpath(path).catch(() => path)));
  return isAtOrBelow(layerPath ?? '', ownPath ?? '') ? join(layer, ADAPTER) : undefined;
}

/** Whether a file that came from a function's layers is that very one, and not another of its name. */
export async function isSameFile(path: string, other: string): Promise<boolean> {
  const [size, otherSize] = await Promise.all([path, other].map(sizeOf));
  if (size === undefined || size !== otherSize) return false;
  const [bytes, otherBytes] = await Promise.all([path, other].map((each) => readFile(each)));
  return otherBytes !== undefined && bytes?.equals(otherBytes) === true;
}

const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size;
