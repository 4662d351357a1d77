import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm, createDigest } from './checksum.ts';
import { combineCrc, isCombinable } from './crc-combine.ts';

async function digest(algorithm: ChecksumAlgorithm, ...chunks: readonly Uint8Array[]): Promise<Buffer> {
  const hash = await createDigest(algorithm);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}

// The check values of the catalogue of CRCs (https://reveng.sourceforge.io/crc-catalogue), and of FIPS 180-4.
it.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
] as const)('%s of 123456789', async (algorithm, value) => {
  expect((await digest(algorithm, Buffer.from('123456789'))).toString('hex')).toBe(value);
  expect((await digest(algorithm, Buffer.from('1234'), Buffer.from('56789'))).toString('hex')).toBe(value);
});

describe.each(CHECKSUM_ALGORITHMS.filter(isCombinable))('%s', (algorithm) => {
  it('is put together from its parts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), async (head, tail) => {
        const [headValue, tailValue] = [await digest(algorithm, head), await digest(algorithm, tail)];
        const combined = combineCrc(algorithm, headValue, tailValue, tail.byteLength);
        expect(combined.equals(await digest(algorithm, head, tail))).toBe(true);
      }),
    );
  });
});
