import { ioBuffer } from '@spillway/http';

const MIB = 1_048_576;
const MAX_BUFFER_BYTES = MIB;
const MIN_BUFFER_BYTES = 65_536;
/** Of all streams of the process together: 1 MiB for each of 16, 256 KiB for 64. Above 256 streams each still gets the least. */
const TOTAL_BYTES = 16 * MIB;

/**
 * The buffers that objects are read into: big ones, since speed is a matter of bytes a read, and smaller ones as streams multiply.
 * Sizes are powers of two from 64 KiB to 1 MiB.
 */
export class ReadBuffers {
  readonly #totalBytes: number;
  readonly #free = new Map<number, Uint8Array[]>();
  #freeBytes = 0;
  #leases = 0;
  #leasedBytes = 0;

  constructor(totalBytes: number = TOTAL_BYTES) {
    this.#totalBytes = totalBytes;
  }

  /** For one stream, until its `release()`. */
  lease(): BufferLease {
    this.#leases += 1;
    let buffer: Uint8Array | undefined;
    return {
      buffer: (wantedBytes) => {
        const sizeBytes = this.#sizeBytes(wantedBytes, buffer?.byteLength ?? 0);
        if (buffer !== undefined && buffer.byteLength !== sizeBytes) {
          this.#give(buffer);
          buffer = undefined;
        }
        buffer ??= this.#take(sizeBytes);
        return buffer;
      },
      release: () => {
        this.#leases -= 1;
        if (buffer !== undefined) this.#give(buffer);
        buffer = undefined;
      },
    };
  }

  #sizeBytes(wantedBytes: number, heldBytes: number): number {
    // Those who came first give back what is above their share at their next read; until then there is only the rest.
    const restBytes = this.#totalBytes - this.#leasedBytes + heldBytes;
    const share = Math.min(this.#totalBytes / this.#leases, restBytes, MAX_BUFFER_BYTES);
    let sizeBytes = MIN_BUFFER_BYTES;
    while (sizeBytes * 2 <= share && sizeBytes < wantedBytes) sizeBytes *= 2;
    return sizeBytes;
  }

  #take(sizeBytes: number): Uint8Array {
    this.#leasedBytes += sizeBytes;
    const buffer = this.#free.get(sizeBytes)?.pop();
    if (buffer === undefined) return ioBuffer(sizeBytes);
    this.#freeBytes -= sizeBytes;
    return buffer;
  }

  #give(buffer: Uint8Array): void {
    const sizeBytes = buffer.byteLength;
    this.#leasedBytes -= sizeBytes;
    // A quarter is enough to spare the next streams their page faults; the rest goes back to the system.
    if (this.#freeBytes + sizeBytes > this.#totalBytes / 4) return;
    this.#freeBytes += sizeBytes;
    const free = this.#free.get(sizeBytes);
    if (free === undefined) this.#free.set(sizeBytes, [buffer]);
    else free.push(buffer);
  }
}

export interface BufferLease {
  /** The buffer for the next read, of this stream's share now, and not much more than `wantedBytes`. The one before is void. */
  buffer(wantedBytes: number): Uint8Array;
  release(): void;
}

/** One for the process. */
export const readBuffers: ReadBuffers = new ReadBuffers();
