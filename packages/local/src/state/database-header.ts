import { closeSync, openSync, readSync } from 'node:fs';

/** Of one of the two pages at the start of an LMDB file, from the start of its page, in bytes. */
const MAGIC_OFFSET = 24;
const VERSION_OFFSET = 28;
const PAGE_SIZE_OFFSET = 48;
const ROOT_OFFSETS = [88, 136];
const TRANSACTION_OFFSET = 152;
const META_BYTES = 160;

const MAGIC = 0xbeefc0de;
/** Of lmdb 3. Another one lays out its pages in another way. */
const VERSION = 2;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/**
 * What is wrong with the file, as far as it can be seen without its trees; undefined when nothing is. LMDB itself trusts what it maps into
 * memory: a file that is something else, or was cut off before a page that it reads, ends the process.
 * @see http://www.lmdb.tech/doc/internal_8h.html
 */
export function databaseFault(path: string, sizeBytes: number): string | undefined {
  const first = readMeta(path, 0);
  if (!isMeta(first)) return 'it is no database of this kind';
  const pageSizeBytes = first.readUInt32LE(PAGE_SIZE_OFFSET);
  const second = readMeta(path, pageSizeBytes);
  if (!isMeta(second)) return 'it is cut off';
  const transaction = (meta: Buffer) => meta.readBigUInt64LE(TRANSACTION_OFFSET);
  const newest = transaction(second) > transaction(first) ? second : first;
  const roots = ROOT_OFFSETS.map((offset) => newest.readBigUInt64LE(offset)).filter((page) => page !== NO_PAGE);
  const isCut = roots.some((page) => (page + 1n) * BigInt(pageSizeBytes) > BigInt(sizeBytes));
  return isCut ? 'it is cut off' : undefined;
}

const isMeta = (meta: Buffer) =>
  meta.byteLength === META_BYTES &&
  meta.readUInt32LE(MAGIC_OFFSET) === MAGIC &&
  meta.readUInt32LE(VERSION_OFFSET) === VERSION;

function readMeta(path: string, offset: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(META_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, META_BYTES, offset));
  } finally {
    closeSync(file);
  }
}
