import { createCRC32, createCRC64, createMD5, createSHA1, createSHA256, createSHA512, type IHasher } from 'hash-wasm';
import type { ChecksumAlgorithm } from './checksum.ts';

/** Takes an object's bytes in order. */
export interface Hash {
  update(chunk: Uint8Array): void;
  /** The checksum in lower-case hexadecimal. Once, at the end. */
  digestHex(): string;
}

/** Reflected polynomials. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC64NVME_POLYNOMIAL = '9a6c9329ac4bc9b5';

const HASHERS: Readonly<Record<ChecksumAlgorithm, () => Promise<IHasher>>> = {
  'sha-256': createSHA256,
  'sha-512': createSHA512,
  crc64nvme: () => createCRC64(CRC64NVME_POLYNOMIAL),
  crc32c: () => createCRC32(CRC32C_POLYNOMIAL),
  crc32: () => createCRC32(),
  'sha-1': createSHA1,
  md5: createMD5,
};

/** A hash that works in every browser. */
export async function createHash(algorithm: ChecksumAlgorithm): Promise<Hash> {
  const hasher = (await HASHERS[algorithm]()).init();
  return {
    update: (chunk) => void hasher.update(chunk),
    digestHex: () => hasher.digest('hex'),
  };
}
