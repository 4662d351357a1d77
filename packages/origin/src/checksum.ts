import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { createCRC32, createCRC64 } from 'hash-wasm';

/** Amazon S3's algorithms, but for those that it added in 2026 (SHA512, MD5, XXHASH…), which are missing here. */
export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export interface Digest {
  update(chunk: Uint8Array): void;
  /** The value, big-endian. Once, after the last `update`. */
  digest(): Buffer;
}

/** Reflected polynomials. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC64NVME_POLYNOMIAL = '9a6c9329ac4bc9b5';

const DIGESTS: Record<ChecksumAlgorithm, () => Digest | Promise<Digest>> = {
  CRC32: crc32Digest,
  CRC32C: async () => wasmDigest(await createCRC32(CRC32C_POLYNOMIAL)),
  CRC64NVME: async () => wasmDigest(await createCRC64(CRC64NVME_POLYNOMIAL)),
  SHA1: () => createHash('sha1'),
  SHA256: () => createHash('sha256'),
};

export const createDigest = async (algorithm: ChecksumAlgorithm): Promise<Digest> => DIGESTS[algorithm]();

/** `x-amz-checksum-crc32` and so on. */
export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** `ChecksumCRC32` and so on. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm}`;

export function checksumAlgorithm(name: string): ChecksumAlgorithm | undefined {
  return CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
}

function crc32Digest(): Digest {
  let value = 0;
  return {
    update(chunk) {
      value = crc32(chunk, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

function wasmDigest(hasher: { update(chunk: Uint8Array): unknown; digest(format: 'binary'): Uint8Array }): Digest {
  return {
    update: (chunk) => void hasher.update(chunk),
    digest: () => Buffer.from(hasher.digest('binary')),
  };
}
