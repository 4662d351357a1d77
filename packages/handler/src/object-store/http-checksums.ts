import type { IncomingHttpHeaders } from 'node:http';
import { CHECKSUM_ALGORITHMS, type Checksums } from './object-store.ts';
import { storedChecksums } from './stored-checksums.ts';

const DIGEST_KEYS = { 'sha-256': 'SHA256', 'sha-512': 'SHA512', md5: 'MD5' } as const;

/** `Repr-Digest` (RFC 9530) of a whole representation, or else S3's own headers. */
export function httpChecksums(headers: IncomingHttpHeaders): Checksums | undefined {
  const digests = String(headers['repr-digest'] ?? '').matchAll(/(?:^|,)\s*(sha-256|sha-512|md5)=:([\w+/]+={0,2}):/g);
  const found = [...digests].map(([, key, value]) => [DIGEST_KEYS[key as keyof typeof DIGEST_KEYS], value]);
  if (found.length > 0) return { type: 'FULL_OBJECT', values: Object.fromEntries(found) };
  const values = CHECKSUM_ALGORITHMS.flatMap((name) => {
    const value = headers[`x-amz-checksum-${name.toLowerCase()}`];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return storedChecksums(values, String(headers['x-amz-checksum-type']));
}
