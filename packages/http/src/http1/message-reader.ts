/** How the body behind a head ends; `another-head`: there is none, and this head was not the message's last. */
export type Framing = 'none' | 'chunked' | 'until-close' | 'another-head' | { readonly lengthBytes: number };

export interface MessageReaderOptions {
  /** Of start line and headers, and of trailers. */
  readonly maxHeaderBytes: number;
  /** @throws Error for what is no such line. */
  readonly onStartLine: (line: string) => void;
  /** Names and values in turn, as they came; one character for each byte. */
  readonly onHead: (rawHeaders: readonly string[]) => Framing;
  /** A part of what was read: valid as long as that is. */
  readonly onBody: (piece: Uint8Array) => void;
  /** What was read and is no body: start line, headers, sizes and ends of chunks, trailers. Told before it is understood. */
  readonly onLines?: (bytes: Uint8Array) => void;
  readonly onTrailer?: (line: string) => void;
}

/** What the next bytes are. */
type Part = 'line' | 'length' | 'chunk' | 'until-close' | 'end';

const LINE_FEED = 0x0a;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/s;
/** Anything but text may be a body that was taken for headers. */
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Reads one HTTP/1.1 message from the bytes of a connection, without copying its body.
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export class MessageReader {
  readonly #options: MessageReaderOptions;
  #part: Part = 'line';
  #onLine: (line: string) => void = (line) => this.#startLine(line);
  #line = '';
  #lineBytes = 0;
  #rawHeaders: string[] = [];
  #leftBytes = 0;

  constructor(options: MessageReaderOptions) {
    this.#options = options;
  }

  /** The message was read to its end. */
  get isEnded(): boolean {
    return this.#part === 'end';
  }

  /** Takes what belongs to the message, and tells how many bytes those are. @throws Error for what is no HTTP/1.1 message. */
  read(bytes: Uint8Array): number {
    let rest = bytes;
    while (rest.byteLength > 0 && this.#part !== 'end') rest = rest.subarray(this.#step(rest));
    return bytes.byteLength - rest.byteLength;
  }

  /** The connection was closed: a body that ends with it is at its end. */
  close(): void {
    if (this.#part === 'until-close') this.#part = 'end';
  }

  /** Bytes taken. */
  #step(bytes: Uint8Array): number {
    if (this.#part === 'line') return this.#readLine(bytes);
    const piece = this.#part === 'until-close' ? bytes : bytes.subarray(0, this.#leftBytes);
    this.#leftBytes -= piece.byteLength;
    this.#options.onBody(piece);
    if (this.#leftBytes === 0 && this.#part === 'chunk') this.#readLines((line) => this.#chunkEnd(line));
    if (this.#leftBytes === 0 && this.#part === 'length') this.#part = 'end';
    return piece.byteLength;
  }

  #readLine(bytes: Uint8Array): number {
    const feed = bytes.indexOf(LINE_FEED);
    const taken = feed < 0 ? bytes.byteLength : feed + 1;
    this.#options.onLines?.(bytes.subarray(0, taken));
    this.#lineBytes += taken;
    if (this.#lineBytes > this.#options.maxHeaderBytes) throw new Error('message head is too large');
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset, taken).toString('latin1');
    if (feed >= 0) {
      const line = this.#line.replace(/\r?\n$/, '');
      this.#line = '';
      this.#onLine(line);
    }
    return taken;
  }

  #readLines(onLine: (line: string) => void): void {
    this.#part = 'line';
    this.#onLine = onLine;
    this.#lineBytes = 0;
  }

  #startLine(line: string): void {
    this.#options.onStartLine(line);
    this.#onLine = (header) => this.#headerLine(header);
  }

  #headerLine(line: string): void {
    if (line === '') {
      this.#headEnd();
      return;
    }
    const [, name = '', rest = ''] = HEADER_LINE.exec(line) ?? [];
    const value = withoutOuterSpace(rest);
    if (name === '' || CONTROL.test(value)) throw new Error('invalid HTTP header parsed');
    this.#rawHeaders.push(name, value);
  }

  #headEnd(): void {
    const rawHeaders = this.#rawHeaders;
    this.#rawHeaders = [];
    const framing = this.#options.onHead(rawHeaders);
    if (framing === 'another-head') this.#readLines((line) => this.#startLine(line));
    else if (framing === 'chunked') this.#readLines((line) => this.#chunkSize(line));
    else if (framing === 'until-close') this.#take(framing, Number.POSITIVE_INFINITY);
    else if (framing === 'none' || framing.lengthBytes === 0) this.#part = 'end';
    else this.#take('length', framing.lengthBytes);
  }

  #take(part: Part, sizeBytes: number): void {
    this.#part = part;
    this.#leftBytes = sizeBytes;
  }

  #chunkSize(line: string): void {
    const [, digits = ''] = /^0*([0-9a-f]{1,13})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
    if (digits === '') throw new Error('Invalid chunk size line');
    const sizeBytes = Number.parseInt(digits, 16);
    if (sizeBytes > 0) this.#take('chunk', sizeBytes);
    else this.#readLines((trailer) => this.#trailerLine(trailer));
  }

  #chunkEnd(line: string): void {
    if (line !== '') throw new Error('Invalid chunk end');
    this.#readLines((size) => this.#chunkSize(size));
  }

  #trailerLine(line: string): void {
    if (line === '') this.#part = 'end';
    else this.#options.onTrailer?.(line);
  }
}

/** `trim()` takes more than spaces and tabs; a pattern takes time that grows with the square of the spaces. */
function withoutOuterSpace(text: string): string {
  const isSpace = (index: number) => text[index] === ' ' || text[index] === '\t';
  let [start, end] = [0, text.length];
  while (start < end && isSpace(start)) start += 1;
  while (end > start && isSpace(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** Of all headers of that name, in lower case. */
export function headerValues(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** Whether the body comes in chunks: `chunked` is the last coding. */
export function isChunked(rawHeaders: readonly string[]): boolean {
  return /(?:^|,)\s*chunked\s*$/.test(headerValues(rawHeaders, 'transfer-encoding').join().toLowerCase());
}

/** Undefined when there is none. @throws Error for lengths that are none, or that disagree. */
export function contentLength(rawHeaders: readonly string[]): number | undefined {
  const lengths = headerValues(rawHeaders, 'content-length').flatMap((value) => value.split(','));
  const [length, ...others] = new Set(lengths.map((value) => value.trim()));
  if (length === undefined) return undefined;
  if (others.length > 0 || !/^\d{1,15}$/.test(length)) throw new Error('invalid content-length parsed');
  return Number(length);
}
