/** The largest event that CloudWatch Logs takes, bytes. A longer line becomes several events. */
const MAX_EVENT_BYTES = 262_144 - 26;

const LINE_FEED = 0x0a;

/** Cuts what a function prints into events: one line, one event, with its line feed. */
export class OutputLines {
  readonly #onLine: (line: string) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      this.#keep(bytes.subarray(start, end + 1));
      this.flush();
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
  }

  /** What was printed without a line feed becomes an event of its own. */
  flush(): void {
    if (this.#restBytes === 0) return;
    const line = Buffer.concat(this.#rest, this.#restBytes);
    this.#rest = [];
    this.#restBytes = 0;
    this.#onLine(line.toString());
  }

  #keep(bytes: Buffer): void {
    let rest = bytes;
    while (this.#restBytes + rest.byteLength > MAX_EVENT_BYTES) {
      const cut = characterBorder(rest, MAX_EVENT_BYTES - this.#restBytes);
      this.#push(rest.subarray(0, cut));
      rest = rest.subarray(cut);
      this.flush();
    }
    this.#push(rest);
  }

  #push(bytes: Buffer): void {
    if (bytes.byteLength === 0) return;
    this.#rest.push(bytes);
    this.#restBytes += bytes.byteLength;
  }
}

/** The last place at or before `index` where a UTF-8 character begins, if there is one near. */
function characterBorder(bytes: Buffer, index: number): number {
  let border = index;
  while (border > index - 4 && border > 0 && ((bytes[border] ?? 0) & 0xc0) === 0x80) border -= 1;
  return border > 0 && border > index - 4 ? border : index;
}
