import { canonicalBase64, isChecksum } from './checksum-value.ts';
import type { Checksums } from './object-store/object-store.ts';

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
  const digests = DIGEST_KEYS.flatMap(([name, key]) => {
    const value = values[name];
    return type === 'FULL_OBJECT' && isChecksum(name, value) ? [`${key}=:${canonicalBase64(value)}:`] : [];
  });
  const crcs = CRCS.filter((name) => !isRange && isChecksum(name, values[name], type));
  return {
    ...(digests.length === 0 ? {} : { 'Repr-Digest': digests.join(', ') }),
    ...Object.fromEntries(crcs.map((name) => [`x-amz-checksum-${name.toLowerCase()}`, values[name] ?? ''])),
    ...(crcs.length === 0 ? {} : { 'x-amz-checksum-type': type }),
  };
}
