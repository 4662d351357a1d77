/** Algorithms that a download can be checked with: RFC 9530's keys, and S3's checksums that have none there. */
export const CHECKSUM_ALGORITHMS = ['sha-256', 'sha-512', 'crc64nvme', 'crc32c', 'crc32', 'sha-1', 'md5'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** The checksum of a whole object. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In lower-case hexadecimal. */
  readonly hex: string;
}

const SIZE_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  'sha-256': 32,
  'sha-512': 64,
  crc64nvme: 8,
  crc32c: 4,
  crc32: 4,
  'sha-1': 20,
  md5: 16,
};

/** Whether it has the form of a checksum by its algorithm. */
export const isChecksum = ({ algorithm, hex }: Checksum): boolean =>
  /^[0-9a-f]*$/.test(hex) && hex.length === 2 * SIZE_BYTES[algorithm];

/** The one to check by: algorithms as they stand in `CHECKSUM_ALGORITHMS`. */
export function strongest(checksums: readonly Checksum[]): Checksum | undefined {
  const rank = ({ algorithm }: Checksum) => CHECKSUM_ALGORITHMS.indexOf(algorithm);
  return [...checksums].sort((one, other) => rank(one) - rank(other))[0];
}

const DIGEST_KEYS: Readonly<Record<string, ChecksumAlgorithm>> = {
  'sha-256': 'sha-256',
  'sha-512': 'sha-512',
  sha: 'sha-1',
  md5: 'md5',
  crc32c: 'crc32c',
};

/**
 * The checksums of a `Repr-Digest`. It is of the whole object on a 206 as well; Content-Digest, of the message alone, is not read.
 * @see https://www.rfc-editor.org/rfc/rfc9530#section-3
 */
export function reprDigests(headers: Headers): readonly Checksum[] {
  return (headers.get('repr-digest') ?? '').split(',').flatMap((member) => {
    const [, key = '', base64 = ''] = /^\s*([a-z0-9*][a-z0-9_.*-]*)\s*=\s*:([A-Za-z0-9+/=]*):/.exec(member) ?? [];
    return checksumOf(DIGEST_KEYS[key], base64);
  });
}

const AMZ_HEADERS: Readonly<Record<string, ChecksumAlgorithm>> = {
  'x-amz-checksum-sha256': 'sha-256',
  'x-amz-checksum-sha512': 'sha-512',
  'x-amz-checksum-crc64nvme': 'crc64nvme',
  'x-amz-checksum-crc32c': 'crc32c',
  'x-amz-checksum-crc32': 'crc32',
  'x-amz-checksum-sha1': 'sha-1',
  'x-amz-checksum-md5': 'md5',
};

/**
 * S3's own checksums on a whole answer or a HEAD. Not to be read on a 206: S3 puts the checksum of one part there when the range is
 * that part. A COMPOSITE one is over the parts' checksums and proves nothing about the bytes.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function amzChecksums(headers: Headers): readonly Checksum[] {
  const type = headers.get('x-amz-checksum-type')?.trim().toUpperCase() ?? 'FULL_OBJECT';
  if (type !== 'FULL_OBJECT') return [];
  return Object.entries(AMZ_HEADERS).flatMap(([name, algorithm]) => checksumOf(algorithm, headers.get(name)));
}

function checksumOf(algorithm: ChecksumAlgorithm | undefined, base64: string | null): readonly Checksum[] {
  const hex = toHex(base64?.trim() ?? '');
  if (algorithm === undefined || hex === undefined) return [];
  const checksum = { algorithm, hex };
  return isChecksum(checksum) ? [checksum] : [];
}

function toHex(base64: string): string | undefined {
  try {
    return Array.from(atob(base64), (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  } catch {
    return undefined;
  }
}
