import { describe, expect, it } from 'vitest';
import { amzChecksums, type ChecksumAlgorithm, reprDigests, strongest } from './checksum.ts';
import { createHash } from './hash.ts';
import { createNodeHash } from './node/node-hash.ts';

// The check values of the catalogue of CRCs (https://reveng.sourceforge.io/crc-catalogue), and of the hashes' own standards.
const CHECK_VALUES: readonly (readonly [ChecksumAlgorithm, string])[] = [
  ['crc32', 'cbf43926'],
  ['crc32c', 'e3069283'],
  ['crc64nvme', 'ae8b14860a799888'],
  ['md5', '25f9e794323b453885f5181f1b624d0b'],
  ['sha-1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['sha-256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
];

describe.each([
  ['in browsers', createHash],
  ['in Node.js', createNodeHash],
])('%s', (_, create) => {
  it.each(CHECK_VALUES)('%s of 123456789', async (algorithm, hex) => {
    const hash = await create(algorithm);
    hash.update(Buffer.from('1234'));
    hash.update(Buffer.from('56789'));
    expect(hash.digestHex()).toBe(hex);
  });
});

const SHA256 = Buffer.from('15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225', 'hex').toString(
  'base64',
);

describe('reprDigests', () => {
  it('reads what it knows, and passes over the rest', () => {
    const headers = new Headers({
      'Repr-Digest': `unixsum=:AAA=:, sha-256=:${SHA256}:;x=1, md5=:JfnnlDI7RTiF9RgfG2JNCw==:`,
    });
    expect(reprDigests(headers).map(({ algorithm }) => algorithm)).toEqual(['sha-256', 'md5']);
    expect(strongest(reprDigests(headers))?.hex).toBe(CHECK_VALUES[5]?.[1]);
  });

  it.each(['', 'sha-256', `sha-256=${SHA256}`, 'sha-256=:AAAA:', 'sha-256=:!!!:', `SHA-256=:${SHA256}:`])(
    'finds none in %j',
    (value) => {
      expect(reprDigests(new Headers({ 'Repr-Digest': value }))).toEqual([]);
    },
  );
});

describe('amzChecksums', () => {
  it('reads a FULL_OBJECT checksum', () => {
    const headers = new Headers({ 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=', 'x-amz-checksum-type': 'FULL_OBJECT' });
    expect(amzChecksums(headers)).toEqual([{ algorithm: 'crc64nvme', hex: 'ae8b14860a799888' }]);
  });

  it('leaves a COMPOSITE one alone, with its type and without', () => {
    expect(
      amzChecksums(new Headers({ 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-type': 'COMPOSITE' })),
    ).toEqual([]);
    expect(amzChecksums(new Headers({ 'x-amz-checksum-crc32': 'y/Q5Jg==-3' }))).toEqual([]);
  });
});
