import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';

const NAME = 'amazonaws.com';

/** In a text an endpoint of S3 stands close before it, as a whole or put together: `"https://" + bucket + ".s3." + region + ".amazonaws.com"`. */
const BEFORE_NAME = 120;

const ELF = 0x7f454c46;

/** Tables of all endpoints of all services, in which a name means nothing; and what is installed, not written. */
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', 'botocore', 'boto3', 's3transfer', 'aws_cdk']);

/** Larger files are no code, nor a program that fits into a function. */
const MAX_FILE_BYTES = 134_217_728;

/** A larger tree is searched this far, entries. */
const MAX_ENTRIES = 20_000;

/** Whether a function's code, its layers or its variables hold the name of an S3 host. What its packages in node_modules hold does not count. */
export async function namesS3Host(
  directories: readonly string[],
  environment: FunctionConfiguration['environment'],
): Promise<boolean> {
  if (Object.values(environment).some((value) => value.includes(NAME))) return true;
  for (const directory of directories) {
    for await (const path of filesBelow(directory)) if (await holdsName(path)) return true;
  }
  return false;
}

async function* filesBelow(root: string): AsyncGenerator<string> {
  const pending = [root];
  let seen = 0;
  for (let directory = pending.pop(); directory !== undefined && seen < MAX_ENTRIES; directory = pending.pop()) {
    for (const entry of await readdir(directory, { withFileTypes: true }).catch((): Dirent[] => [])) {
      seen += 1;
      if (SKIPPED.has(entry.name)) continue;
      if (entry.isDirectory()) pending.push(join(directory, entry.name));
      else yield join(directory, entry.name);
    }
  }
}

async function holdsName(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile() || stats.size > MAX_FILE_BYTES) return false;
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  const isProgram = bytes.byteLength > 4 && bytes.readUInt32BE(0) === ELF;
  for (let at = bytes.indexOf(NAME); at >= 0; at = bytes.indexOf(NAME, at + 1)) {
    // A compiler keeps the pieces of a name wherever it likes.
    if (isProgram || /\bs3\b/i.test(bytes.toString('latin1', Math.max(0, at - BEFORE_NAME), at))) return true;
  }
  return false;
}
