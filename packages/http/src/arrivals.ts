import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** The most that waits here while its reader is busy, and the largest piece that the reader is given, bytes. */
const BATCH_BYTES = 131_072;

/**
 * What a stream has brought and nobody has taken yet. A socket brings 64 KiB at the most at a time, and many times in one turn of the
 * event loop; who writes them on in one piece saves more than the copy costs. A lone chunk is passed as it is.
 */
export class Arrivals {
  readonly #stream: Readable;
  readonly #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  #batch: Uint8Array | undefined;
  #isEnded = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  /** Reads from now on. */
  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd).on('error', this.#onError);
  }

  /** The next piece, valid until the one after it is asked for; undefined at the end. @throws the stream's error. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#sizeBytes === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // All that this turn of the event loop brings.
      if (!this.#isEnded) await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#sizeBytes > 0) return this.#take();
    if (this.#error !== undefined) throw this.#error;
    return undefined;
  }

  /**
   * Reads no more. The rest of a request is thrown away as it comes, since a client that is still sending would not see its answer
   * on a connection that was reset; any other stream is destroyed.
   */
  close(): void {
    this.#stream.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd);
    if (this.#stream.readableEnded) return;
    if (isRequest(this.#stream)) this.#stream.resume();
    else this.#stream.destroy();
  }

  #take(): Uint8Array {
    const [first = new Uint8Array()] = this.#chunks;
    const piece = this.#chunks.length === 1 ? first : this.#join();
    this.#chunks.length = 0;
    this.#sizeBytes = 0;
    if (this.#stream.isPaused()) this.#stream.resume();
    return piece;
  }

  #join(): Uint8Array {
    if (this.#batch === undefined || this.#batch.byteLength < this.#sizeBytes) {
      this.#batch = Buffer.allocUnsafeSlow(Math.max(BATCH_BYTES + 65_536, this.#sizeBytes));
    }
    let offset = 0;
    for (const chunk of this.#chunks) {
      this.#batch.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return this.#batch.subarray(0, offset);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.byteLength;
    if (this.#sizeBytes >= BATCH_BYTES) this.#stream.pause();
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#isEnded = true;
    this.#wake?.();
  };

  readonly #onError = (error: unknown): void => {
    this.#error = error;
    this.#onEnd();
  };
}

const isRequest = (stream: Readable) => stream instanceof IncomingMessage && stream.method !== null;
