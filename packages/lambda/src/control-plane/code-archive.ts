import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { AwsError, type Body, type FunctionConfiguration } from '@spillway/wire';

// A template's code as the zip that Lambda would have of it. Written here, since nothing but reads of functions and PublishVersion ask
// for it: sorted, without times, so that the same files are the same zip.

interface ArchivedFile {
  /** With slashes, and without one at its start. */
  readonly name: string;
  /** With the file type, as stat(2) has it. */
  readonly mode: number;
  read(): Promise<Buffer>;
}

/** `ignoredPaths`: never part of a function's code. Real paths. */
export async function* archiveCode(
  { code, runtime }: FunctionConfiguration,
  ignoredPaths: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  if (code.kind === 'zip') {
    yield await readFile(code.path);
    return;
  }
  const source = code.kind === 'inline' ? inlineFile(code.source, runtime) : filesBelow(code.path, '', ignoredPaths);
  yield* zip(source);
}

async function* inlineFile(source: string, runtime: string): AsyncGenerator<ArchivedFile> {
  const name = runtime.startsWith('python') ? 'index.py' : 'index.js';
  yield { name, mode: 0o100644, read: async () => Buffer.from(source) };
}

async function* filesBelow(
  directory: string,
  prefix: string,
  ignoredPaths: readonly string[],
): AsyncGenerator<ArchivedFile> {
  if (ignoredPaths.includes(directory)) return;
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name);
    const found = await lstat(path);
    const archived = { name: `${prefix}${name}`, mode: found.mode };
    if (found.isDirectory()) {
      if (name !== '.git') yield* filesBelow(path, `${prefix}${name}/`, ignoredPaths);
    } else if (found.isSymbolicLink()) {
      yield { ...archived, read: async () => Buffer.from(await readlink(path)) };
    } else if (found.isFile()) {
      yield { ...archived, read: () => readFile(path) };
    }
  }
}

const deflated = promisify(deflateRaw);

/** The format's own limit, without its extension for more. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
const MAX_FILES = 0xffff;

/** 1980-01-01, the first day that the format knows. */
const NO_DATE = 0x21;

async function* zip(files: AsyncIterable<ArchivedFile>): Body {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const file of files) {
    if (directory.length === MAX_FILES)
      throw new AwsError('ServiceException', { message: 'The code has too many files.' });
    const content = await file.read();
    const data = (await deflated(content)) as Buffer;
    const name = Buffer.from(file.name);
    // Version, flags (UTF-8), deflate, time, date, checksum, sizes, lengths of name and extra field.
    const shared = fields(
      [20, 2],
      [0x800, 2],
      [8, 2],
      [0, 2],
      [NO_DATE, 2],
      [crc32(content), 4],
      [data.byteLength, 4],
      [content.byteLength, 4],
      [name.byteLength, 2],
      [0, 2],
    );
    const entry = Buffer.concat([fields([0x04034b50, 4]), shared, name, data]);
    // Made by Unix; comment, disk, attributes within, mode in the upper half of the others, place.
    const attributes = fields([0, 2], [0, 2], [0, 2], [(file.mode << 16) >>> 0, 4], [offset, 4]);
    directory.push(Buffer.concat([fields([0x02014b50, 4], [(3 << 8) | 20, 2]), shared, attributes, name]));
    offset += entry.byteLength;
    yield entry;
  }
  const entries = Buffer.concat(directory);
  const { length: count } = directory;
  const end = [
    [0x06054b50, 4],
    [0, 4],
    [count, 2],
    [count, 2],
    [entries.byteLength, 4],
    [offset, 4],
    [0, 2],
  ] as const;
  yield Buffer.concat([entries, fields(...end)]);
}

function fields(...values: readonly (readonly [value: number, sizeBytes: number])[]): Buffer {
  const written = values.map(([value, sizeBytes]) => {
    const field = Buffer.alloc(sizeBytes);
    field.writeUIntLE(value, 0, sizeBytes);
    return field;
  });
  return Buffer.concat(written);
}
