/** CRC-32's polynomial, bits reflected: the highest bit is x^0. https://www.rfc-editor.org/rfc/rfc1952#section-8 */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;

/** The CRC32 of one text followed by another of `secondBytes`, from those of both. */
export function joinedCrc32(first: number, second: number, secondBytes: number): number {
  return (product(powerOfX(secondBytes * 8), first) ^ second) >>> 0;
}

/** x^`exponent` modulo the polynomial, by squares: an exponent may have more than 32 bits. */
function powerOfX(exponent: number): number {
  let power = ONE;
  let square = ONE >>> 1;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = product(power, square);
    square = product(square, square);
  }
  return power;
}

function product(one: number, two: number): number {
  let sum = 0;
  let shifted = two;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((one & bit) !== 0) sum ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL;
  }
  return sum >>> 0;
}
