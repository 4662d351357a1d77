/**
 * A body whose pieces lie in a buffer that is used again: it is read into anew when all pieces were taken, and the one after the last
 * is asked for. Can be read once.
 */
export class LentBody implements AsyncIterable<Uint8Array> {
  readonly #onFree: () => void;
  readonly #pieces: Uint8Array[] = [];
  #state: 'open' | 'ended' | { readonly error: Error } = 'open';
  #isInUse = false;
  #isUnwanted = false;
  #isRead = false;
  #wake: () => void = () => {};

  /** `onFree`: the buffer may be read into again. */
  constructor(onFree: () => void) {
    this.#onFree = onFree;
  }

  /** Bytes of the buffer are still needed. */
  get isInUse(): boolean {
    return this.#isInUse;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Somebody has begun to read it. */
  get isRead(): boolean {
    return this.#isRead;
  }

  add(piece: Uint8Array): void {
    if (this.#isUnwanted) return;
    this.#isInUse = true;
    const last = this.#pieces.pop();
    this.#pieces.push(...(last === undefined ? [piece] : joined(last, piece)));
    this.#wake();
  }

  /** There are no more pieces than were added. */
  end(): void {
    this.#settle('ended');
  }

  /** As `end()`, but that the reader gets the error behind the pieces. */
  fail(error: Error): void {
    this.#settle({ error });
  }

  /** What came and what comes is thrown away. */
  discard(): void {
    if (this.#isUnwanted) return;
    this.#isUnwanted = true;
    this.#pieces.length = 0;
    this.#free();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#isRead = true;
    try {
      while (true) {
        const piece = this.#pieces.shift();
        if (piece !== undefined) yield piece;
        else if (this.#isUnwanted || this.#state === 'ended') return;
        else if (this.#state !== 'open') throw this.#state.error;
        else await this.#more();
      }
    } finally {
      this.discard();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#free();
    });
  }

  /** Told but once: the buffer may hold another body's bytes by then. */
  #free(): void {
    if (!this.#isInUse) return;
    this.#isInUse = false;
    this.#onFree();
  }

  #settle(state: 'ended' | { readonly error: Error }): void {
    if (this.#state === 'open') this.#state = state;
    this.#wake();
  }
}

/**
 * Two pieces as one, where they lie in one buffer with nothing but the ends of chunks between them: the shorter one is moved. Each piece is a
 * write to whoever gets it.
 */
function joined(first: Uint8Array, second: Uint8Array): readonly Uint8Array[] {
  const { buffer, byteOffset: start, byteLength: firstBytes } = first;
  const gapBytes = second.byteOffset - (start + firstBytes);
  if (second.buffer !== buffer || gapBytes < 0) return [first, second];
  const moves = firstBytes < second.byteLength;
  const span = new Uint8Array(buffer, start, firstBytes + gapBytes + second.byteLength);
  if (moves) span.copyWithin(gapBytes, 0, firstBytes);
  else span.copyWithin(firstBytes, firstBytes + gapBytes);
  return [moves ? span.subarray(gapBytes) : span.subarray(0, -gapBytes || undefined)];
}
