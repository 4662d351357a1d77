import { PRELUDE_DELIMITER } from '@spillway/wire';

/** Looks for the prelude's delimiter in the head of a stream, for the log's sake: reading it is the gateway's work. */
export class PreludeSearch {
  readonly #limitBytes: number;
  #readBytes = 0;
  #zeros = 0;
  #found = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Whether the bytes so far, up to the limit, hold no delimiter. */
  get failed(): boolean {
    return !this.#found;
  }

  read(chunk: Uint8Array): void {
    if (this.#found || this.#readBytes >= this.#limitBytes) return;
    for (const byte of chunk.subarray(0, this.#limitBytes - this.#readBytes)) {
      this.#zeros = byte === 0 ? this.#zeros + 1 : 0;
      if (this.#zeros === PRELUDE_DELIMITER.byteLength) {
        this.#found = true;
        return;
      }
    }
    this.#readBytes += chunk.byteLength;
  }
}
