// CRC32C and CRC64NVME, byte by byte: Node.js has neither, and the SDK's own run slower or are no part of Lambda's runtime.

/** Two 32-bit halves, since numbers have no 64-bit operators. For CRC32C the high half is zero. */
interface Table {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** Reflected polynomials. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const POLYNOMIALS = { CRC32C: 0x82f63b78n, CRC64NVME: 0x9a6c9329ac4bc9b5n } as const;
type Name = keyof typeof POLYNOMIALS;

const tables = new Map<Name, Table>();

function tableOf(name: Name): Table {
  const known = tables.get(name);
  if (known !== undefined) return known;
  const table = { low: new Uint32Array(256), high: new Uint32Array(256) };
  for (let index = 0; index < 256; index += 1) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ POLYNOMIALS[name] : value >> 1n;
    table.low[index] = Number(value & 0xffffffffn);
    table.high[index] = Number(value >> 32n);
  }
  tables.set(name, table);
  return table;
}

/** A CRC over bytes that come in pieces. */
export class Crc {
  readonly #name: Name;
  readonly #table: Table;
  #low = 0xffffffff;
  #high = 0xffffffff;

  constructor(name: Name) {
    this.#name = name;
    this.#table = tableOf(name);
  }

  update(chunk: Uint8Array): void {
    const { low: lowTable, high: highTable } = this.#table;
    const is64 = this.#name === 'CRC64NVME';
    let low = this.#low;
    let high = is64 ? this.#high : 0;
    for (let offset = 0; offset < chunk.length; offset += 1) {
      const index = (low ^ (chunk[offset] ?? 0)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (lowTable[index] ?? 0);
      high = (high >>> 8) ^ (highTable[index] ?? 0);
    }
    this.#low = low;
    this.#high = high;
  }

  /** Base64 of the big-endian value. */
  digest(): string {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes.subarray(this.#name === 'CRC64NVME' ? 0 : 4).toString('base64');
  }
}
