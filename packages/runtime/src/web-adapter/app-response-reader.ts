/** Status line and headers of an answer. */
export interface AppResponseHead {
  readonly statusCode: number;
  /** Names and values in turn, as they came; one character for each byte. */
  readonly rawHeaders: readonly string[];
}

export interface AppResponseReaderOptions {
  /** Of the request: an answer to HEAD has no body, whatever its headers say. */
  readonly method: string;
  /** Of status line and headers, and of trailers. */
  readonly maxHeaderBytes: number;
  readonly onHead: (head: AppResponseHead) => void;
  /** A part of what was read: valid as long as that is. */
  readonly onBody: (piece: Uint8Array) => void;
  /** `mayStay`: the connection can serve another request. */
  readonly onEnd: (mayStay: boolean) => void;
}

/** What the next bytes are. */
type Part = 'line' | 'length' | 'chunk' | 'until-close' | 'end';

const LINE_FEED = 0x0a;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?$/;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/s;
/** Anything but text may be a body that was taken for headers. */
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Reads one HTTP/1.1 response from the bytes of a connection, without copying its body.
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export class AppResponseReader {
  readonly #options: AppResponseReaderOptions;
  #part: Part = 'line';
  #onLine: (line: string) => void = (line) => this.#statusLine(line);
  #line = '';
  #lineBytes = 0;
  #head: { statusCode: number; minorVersion: string; rawHeaders: string[] } | undefined;
  #leftBytes = 0;
  #mayStay = true;
  #isEndTold = false;

  constructor(options: AppResponseReaderOptions) {
    this.#options = options;
  }

  /** @throws Error for what is no HTTP/1.1 response. */
  read(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.byteLength > 0 && this.#part !== 'end') rest = rest.subarray(this.#step(rest));
    // Nobody asked for what comes behind an answer, and more of it would be taken for the next one.
    if (this.#part === 'end') this.#tellEnd(rest.byteLength === 0);
  }

  /** The app closed the connection. Whether that is the end of a whole response. */
  close(): boolean {
    if (this.#part === 'until-close') {
      this.#end(false);
      this.#tellEnd(false);
    }
    return this.#part === 'end';
  }

  /** Bytes taken. */
  #step(bytes: Uint8Array): number {
    if (this.#part === 'line') return this.#readLine(bytes);
    const piece = this.#part === 'until-close' ? bytes : bytes.subarray(0, this.#leftBytes);
    this.#leftBytes -= piece.byteLength;
    this.#options.onBody(piece);
    if (this.#leftBytes === 0 && this.#part === 'chunk') this.#readLines((line) => this.#chunkEnd(line));
    if (this.#leftBytes === 0 && this.#part === 'length') this.#end(true);
    return piece.byteLength;
  }

  #readLine(bytes: Uint8Array): number {
    const feed = bytes.indexOf(LINE_FEED);
    const taken = feed < 0 ? bytes.byteLength : feed + 1;
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

  #statusLine(line: string): void {
    const [, minorVersion, statusCode] = STATUS_LINE.exec(line) ?? [];
    if (minorVersion === undefined) throw new Error('invalid HTTP version parsed');
    this.#head = { statusCode: Number(statusCode), minorVersion, rawHeaders: [] };
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
    this.#head?.rawHeaders.push(name, value);
  }

  #headEnd(): void {
    const head = this.#head ?? { statusCode: 0, minorVersion: '1', rawHeaders: [] };
    const { statusCode, minorVersion, rawHeaders } = head;
    // 100 Continue and its like go before the answer.
    if (statusCode < 200 && statusCode !== 101) {
      this.#readLines((line) => this.#statusLine(line));
      return;
    }
    const connection = values(rawHeaders, 'connection').join().toLowerCase();
    this.#mayStay = minorVersion === '1' ? !connection.includes('close') : connection.includes('keep-alive');
    const frame = this.#frame(head);
    this.#options.onHead({ statusCode, rawHeaders });
    frame();
  }

  /** How the body ends. https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
  #frame({ statusCode, rawHeaders }: AppResponseHead): () => void {
    if (statusCode === 101) return () => this.#end(false);
    if (this.#options.method === 'HEAD' || statusCode === 204 || statusCode === 304) return () => this.#end(true);
    const codings = values(rawHeaders, 'transfer-encoding').join().toLowerCase();
    if (/(?:^|,)\s*chunked\s*$/.test(codings)) return () => this.#readLines((line) => this.#chunkSize(line));
    const length = codings === '' ? contentLength(values(rawHeaders, 'content-length')) : undefined;
    if (length === undefined) return () => this.#untilClose();
    return () => (length === 0 ? this.#end(true) : this.#take('length', length));
  }

  #untilClose(): void {
    this.#part = 'until-close';
    this.#leftBytes = Number.POSITIVE_INFINITY;
  }

  #take(part: 'length' | 'chunk', sizeBytes: number): void {
    this.#part = part;
    this.#leftBytes = sizeBytes;
  }

  #chunkSize(line: string): void {
    const [, digits = ''] = /^([0-9a-f]{1,13})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
    if (digits === '') throw new Error('Invalid chunk size line');
    const sizeBytes = Number.parseInt(digits, 16);
    if (sizeBytes > 0) this.#take('chunk', sizeBytes);
    else this.#readLines((trailer) => trailer === '' && this.#end(true));
  }

  #chunkEnd(line: string): void {
    if (line !== '') throw new Error('Invalid chunk end');
    this.#readLines((size) => this.#chunkSize(size));
  }

  #end(mayStay: boolean): void {
    this.#part = 'end';
    this.#mayStay &&= mayStay;
  }

  #tellEnd(nothingBehind: boolean): void {
    if (this.#isEndTold) return;
    this.#isEndTold = true;
    this.#options.onEnd(this.#mayStay && nothingBehind);
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

/** Of all headers of that name. */
function values(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** @throws Error for lengths that are none, or that disagree. */
function contentLength(lengths: readonly string[]): number | undefined {
  const different = new Set(lengths.flatMap((value) => value.split(',')).map((value) => value.trim()));
  const [length, ...others] = different;
  if (length === undefined) return undefined;
  if (others.length > 0 || !/^\d{1,15}$/.test(length)) throw new Error('invalid content-length parsed');
  return Number(length);
}
