// CRC32C and CRC64NVME, eight bytes at a time: Node.js has neither, and the SDK's own run slower or are no part of Lambda's runtime.

/** The tables of eight bytes in a row, as two 32-bit halves, since numbers have no 64-bit operators. For CRC32C the high half is zero. */
interface Tables {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** Reflected polynomials. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const POLYNOMIALS = { CRC32C: 0x82f63b78n, CRC64NVME: 0x9a6c9329ac4bc9b5n } as const;
type Name = keyof typeof POLYNOMIALS;

const tables = new Map<Name, Tables>();

function tablesOf(name: Name): Tables {
  const known = tables.get(name);
  if (known !== undefined) return known;
  const low = new Int32Array(8 * 256);
  const high = new Int32Array(8 * 256);
  for (let index = 0; index < 256; index += 1) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ POLYNOMIALS[name] : value >> 1n;
    low[index] = Number(BigInt.asIntN(32, value));
    high[index] = Number(value >> 32n);
  }
  // Each further table is the one before, a zero byte later.
  for (let index = 256; index < low.length; index += 1) {
    const [before, beforeHigh] = [low[index - 256] as number, high[index - 256] as number];
    low[index] = ((before >>> 8) | (beforeHigh << 24)) ^ (low[before & 0xff] as number);
    high[index] = (beforeHigh >>> 8) ^ (high[before & 0xff] as number);
  }
  const made = { low, high };
  tables.set(name, made);
  return made;
}

/** The eight entries that the bytes of a register and their places select. */
function step(table: Int32Array, low: number, high: number): number {
  return (
    (table[1792 + (low & 0xff)] as number) ^
    (table[1536 + ((low >>> 8) & 0xff)] as number) ^
    (table[1280 + ((low >>> 16) & 0xff)] as number) ^
    (table[1024 + (low >>> 24)] as number) ^
    (table[768 + (high & 0xff)] as number) ^
    (table[512 + ((high >>> 8) & 0xff)] as number) ^
    (table[256 + ((high >>> 16) & 0xff)] as number) ^
    (table[high >>> 24] as number)
  );
}

/** A CRC over bytes that come in pieces. */
export class Crc {
  readonly #name: Name;
  readonly #tables: Tables;
  #low = -1;
  #high: number;

  constructor(name: Name) {
    this.#name = name;
    this.#tables = tablesOf(name);
    this.#high = name === 'CRC64NVME' ? -1 : 0;
  }

  update(chunk: Uint8Array): void {
    const { low: lowTable, high: highTable } = this.#tables;
    const words = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let low = this.#low;
    let high = this.#high;
    let offset = 0;
    for (const end = chunk.length - 7; offset < end; offset += 8) {
      const first = low ^ words.getInt32(offset, true);
      const second = high ^ words.getInt32(offset + 4, true);
      low = step(lowTable, first, second);
      high = step(highTable, first, second);
    }
    for (; offset < chunk.length; offset += 1) {
      const index = (low ^ words.getUint8(offset)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (lowTable[index] as number);
      high = (high >>> 8) ^ (highTable[index] as number);
    }
    this.#low = low;
    this.#high = high;
  }

  /** Base64 of the big-endian value. */
  digest(): string {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes.subarray(this.#name === 'CRC64NVME' ? 0 : 4).toString('base64');
  }
}
