import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Body } from '@spillway/wire';
import { BrokenResponse } from './broken-response.ts';
import { canonicalBase64, isChecksum } from './checksum-value.ts';
import { Crc } from './crc-tables.ts';
import type { ChecksumAlgorithm, Checksums } from './object-store/object-store.ts';

interface Digest {
  update(chunk: Uint8Array): void;
  /** Base64, once. */
  digest(): string;
}

/** The cheapest first. An object has one of them as a rule. */
const DIGESTS: readonly (readonly [ChecksumAlgorithm, () => Digest])[] = [
  ['CRC32', crc32Digest],
  ['CRC32C', () => new Crc('CRC32C')],
  ['CRC64NVME', () => new Crc('CRC64NVME')],
  ['SHA256', () => hash('sha256')],
  ['SHA512', () => hash('sha512')],
  ['MD5', () => hash('md5')],
];

/**
 * Passes a whole object through and holds it against the store's checksum of it, over all the attempts that it took. The end of a
 * body that does not match is an error. Without a checksum of the full object, or with a text that is none, nothing is checked.
 * @throws BrokenResponse `checksum`
 */
export function verifiedBody(checksums: Checksums | undefined, body: Body): Body {
  if (checksums?.type !== 'FULL_OBJECT') return body;
  for (const [algorithm, create] of DIGESTS) {
    const expected = checksums.values[algorithm];
    if (isChecksum(algorithm, expected)) return verify(create(), canonicalBase64(expected), body);
  }
  return body;
}

async function* verify(digest: Digest, expected: string, body: Body): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) {
    digest.update(chunk);
    yield chunk;
  }
  const actual = digest.digest();
  if (actual === expected) return;
  throw new BrokenResponse('checksum', `The bytes have the checksum ${actual}; the store says ${expected}.`);
}

function crc32Digest(): Digest {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

function hash(name: string): Digest {
  const hash = createHash(name);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
}
