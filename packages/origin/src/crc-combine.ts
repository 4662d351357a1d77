import type { ChecksumAlgorithm } from './checksum.ts';

/** The reflected polynomials of the checksums that can be put together from those of the parts, without reading a byte again. */
const POLYNOMIALS: Partial<Record<ChecksumAlgorithm, readonly [bits: number, polynomial: bigint]>> = {
  CRC32: [32, 0xedb88320n],
  CRC32C: [32, 0x82f63b78n],
  CRC64NVME: [64, 0x9a6c9329ac4bc9b5n],
};

export const isCombinable = (algorithm: ChecksumAlgorithm): boolean => POLYNOMIALS[algorithm] !== undefined;

/**
 * The checksum of `head` and `tail` together, from theirs and the length of the tail in bytes: the head's is moved over the tail, that
 * is multiplied by x^(8 × length) modulo the polynomial, then the tail's is added.
 */
export function combineCrc(algorithm: ChecksumAlgorithm, head: Buffer, tail: Buffer, tailBytes: number): Buffer {
  const [bits, polynomial] = POLYNOMIALS[algorithm] ?? [0, 0n];
  if (bits === 0) throw new TypeError(`${algorithm} can't be combined.`);
  const multiply = (one: bigint, other: bigint) => multiplyModulo(one, other, bits, polynomial);
  // Reflected: the highest bit is x^0, so x^1 is the bit below it.
  let power = 1n << BigInt(bits - 2);
  let shift = 1n << BigInt(bits - 1);
  for (let exponent = BigInt(tailBytes) * 8n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) shift = multiply(shift, power);
    power = multiply(power, power);
  }
  const combined = multiply(toBigInt(head), shift) ^ toBigInt(tail);
  return Buffer.from(combined.toString(16).padStart(bits / 4, '0'), 'hex');
}

function multiplyModulo(one: bigint, other: bigint, bits: number, polynomial: bigint): bigint {
  let product = 0n;
  let factor = other;
  for (let bit = bits - 1; bit >= 0; bit -= 1) {
    if ((one >> BigInt(bit)) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}

const toBigInt = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
