import { createHash, randomBytes } from 'node:crypto';
import { bodyOf, readWhole } from '@spillway/wire';
import { expect, test } from 'vitest';
import { Crc } from './crc-tables.ts';
import type { ChecksumAlgorithm } from './object-store/object-store.ts';
import { verifiedBody } from './verified-body.ts';

const CHECK = Buffer.from('123456789');
const hash = (name: string) => createHash(name).update(CHECK).digest('base64');

/** Of the text 123456789, as catalogues of CRCs give them. */
const VALUES: readonly (readonly [ChecksumAlgorithm, string])[] = [
  ['CRC32', Buffer.from('cbf43926', 'hex').toString('base64')],
  ['CRC32C', Buffer.from('e3069283', 'hex').toString('base64')],
  ['CRC64NVME', 'rosUhgp5mIg='],
  ['SHA256', hash('sha256')],
  ['SHA512', hash('sha512')],
  ['MD5', hash('md5')],
];

test.each(VALUES)('%s is held against the bytes, in whatever pieces', async (algorithm, value) => {
  const checksums = { type: 'FULL_OBJECT', values: { [algorithm]: value } } as const;
  const pieces = () => bodyOf(CHECK.subarray(0, 2), CHECK.subarray(2, 2), CHECK.subarray(2));
  expect(Buffer.from(await readWhole(verifiedBody(checksums, pieces()), 100, 'InternalError'))).toEqual(CHECK);
  const other = verifiedBody(checksums, bodyOf(randomBytes(9)));
  await expect(readWhole(other, 100, 'InternalError')).rejects.toMatchObject({ reason: 'checksum' });
});

/** Bit by bit, from the definition. */
function slowCrc(polynomial: bigint, bits: bigint, bytes: Uint8Array): bigint {
  const ones = (1n << bits) - 1n;
  let register = ones;
  for (const byte of bytes) {
    register ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) register = register & 1n ? (register >> 1n) ^ polynomial : register >> 1n;
  }
  return register ^ ones;
}

test.each([
  ['CRC32C', 0x82f63b78n, 32n],
  ['CRC64NVME', 0x9a6c9329ac4bc9b5n, 64n],
] as const)('%s is the one of the definition, for pieces of all lengths', (name, polynomial, bits) => {
  const crc = new Crc(name);
  const bytes = randomBytes(400);
  for (let offset = 0, length = 0; offset < bytes.byteLength; offset += length, length += 1)
    crc.update(bytes.subarray(offset, offset + length));
  const hex = slowCrc(polynomial, bits, bytes)
    .toString(16)
    .padStart(Number(bits) / 4, '0');
  expect(crc.digest()).toBe(Buffer.from(hex, 'hex').toString('base64'));
});

test('a composite checksum says nothing of the bytes in a row', async () => {
  const body = bodyOf(CHECK);
  expect(verifiedBody({ type: 'COMPOSITE', values: { CRC32: 'AAAAAA==-2' } }, body)).toBe(body);
  expect(verifiedBody(undefined, body)).toBe(body);
});
