import { createHash } from 'node:crypto';
import type { Body } from '@spillway/wire';
import { type ChecksumAlgorithm, createDigest } from './checksum.ts';

export interface HashedBody {
  readonly body: Body;
  /** After the last byte. `eTag` is the MD5 in hex, the checksum's value base64. */
  digests(): {
    readonly eTag: string;
    readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
  };
}

/** Bytes that are in the store already, with the digests that an upload of them would have. */
export async function hashed(source: Body, algorithm: ChecksumAlgorithm): Promise<HashedBody> {
  const md5 = createHash('md5');
  const digest = await createDigest(algorithm);
  const body = async function* () {
    for await (const chunk of source) {
      md5.update(chunk);
      digest.update(chunk);
      yield chunk;
    }
  };
  return {
    body: body(),
    digests: () => ({
      eTag: md5.digest('hex'),
      checksum: { algorithm, value: digest.digest().toString('base64') },
    }),
  };
}
