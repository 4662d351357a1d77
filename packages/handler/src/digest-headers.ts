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

/** RFC 9530's names. It has none for a CRC that S3 uses but CRC32C, which it calls deprecated. */
const DIGEST_KEYS = [
  ['SHA256', 'sha-256'],
  ['SHA512', 'sha-512'],
  ['MD5', 'md5'],
] as const;
const CRCS = ['CRC32', 'CRC32C', 'CRC64NVME'] as const;

/**
 * What a client can check the whole object with. `Repr-Digest` for hashes of all bytes, on a range as well; S3's own headers, with
 * their type, for CRCs, but not on a range: S3's clients would hold them against the range.
 * @see https://www.rfc-editor.org/rfc/rfc9530#section-3
 */
export function digestHeaders(checksums: Checksums | undefined, isRange: boolean): Record<string, string> {
  if (checksums === undefined) return {};
  const { type, values } = checksums;
  const digests = DIGEST_KEYS.filter(([name]) => type === 'FULL_OBJECT' && isChecksum(name, values[name]));
  const crcs = CRCS.filter((name) => !isRange && isChecksum(name, values[name], type));
  return {
    ...(digests.length === 0
      ? {}
      : { 'Repr-Digest': digests.map(([name, key]) => `${key}=:${values[name]}:`).join(', ') }),
    ...Object.fromEntries(crcs.map((name) => [`x-amz-checksum-${name.toLowerCase()}`, values[name] ?? ''])),
    ...(crcs.length === 0 ? {} : { 'x-amz-checksum-type': type }),
  };
}

function isChecksum(name: ChecksumAlgorithm, value = '', type: Checksums['type'] = 'FULL_OBJECT'): boolean {
  const [, base64 = '', parts] = /^([\w+/]+={0,2})(-\d{1,5})?$/.exec(value) ?? [];
  const isWhole = parts === undefined || type === 'COMPOSITE';
  return isWhole && Buffer.from(base64, 'base64').byteLength === LENGTHS[name];
}
