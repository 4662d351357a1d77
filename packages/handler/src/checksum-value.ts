import type { ChecksumAlgorithm, Checksums } from './object-store/object-store.ts';

/** Bytes of each value. */
const LENGTHS: Record<ChecksumAlgorithm, number> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
};

/** Whether a store's text is a checksum of `type`: base64 of the right length, with the number of parts at most if it is composite. */
export function isChecksum(
  name: ChecksumAlgorithm,
  value: string | undefined,
  type: Checksums['type'] = 'FULL_OBJECT',
): value is string {
  const [, base64 = '', parts] = /^([\w+/]+={0,2})(-\d{1,5})?$/.exec(value ?? '') ?? [];
  const isWhole = parts === undefined || type === 'COMPOSITE';
  return isWhole && Buffer.from(base64, 'base64').byteLength === LENGTHS[name];
}

/** The same value as it is written by the book, which not every server does. */
export const canonicalBase64 = (value: string): string => Buffer.from(value, 'base64').toString('base64');
