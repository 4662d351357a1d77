import { writeFile } from 'node:fs/promises';
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Written as it is. */
  readonly name: string;
  readonly content: string;
  /** With the file type; a plain file by default. */
  readonly mode?: number;
}

export const writeZip = (path: string, entries: readonly ZipEntry[]): Promise<void> =>
  writeFile(path, zipOf(...entries));

/** A zip, also one that no tool would make. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function zipOf(...entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100644 } of entries) {
    const data = deflateRawSync(content);
    // Version, flags (UTF-8), deflate, time, date, checksum, sizes, lengths of name and extra field.
    const shared = fields([20, 2], [0x800, 2], [8, 2], [0, 2], [0x21, 2], [crc32(content), 4], [data.length, 4]);
    const lengths = fields([Buffer.byteLength(content), 4], [Buffer.byteLength(name), 2], [0, 2]);
    const file = Buffer.concat([fields([0x04034b50, 4]), shared, lengths, Buffer.from(name), data]);
    const attributes = fields([0, 2], [0, 2], [0, 2], [(mode << 16) >>> 0, 4], [offset, 4]);
    const head = fields([0x02014b50, 4], [(3 << 8) | 20, 2]);
    directory.push(Buffer.concat([head, shared, lengths, attributes, Buffer.from(name)]));
    files.push(file);
    offset += file.length;
  }
  const count = entries.length;
  const sizeBytes = Buffer.concat(directory).length;
  const end = fields([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [sizeBytes, 4], [offset, 4], [0, 2]);
  return Buffer.concat([...files, ...directory, end]);
}

function fields(...values: readonly (readonly [value: number, sizeBytes: number])[]): Buffer {
  return Buffer.concat(
    values.map(([value, sizeBytes]) => {
      const field = Buffer.alloc(sizeBytes);
      field.writeUIntLE(value, 0, sizeBytes);
      return field;
    }),
  );
}
