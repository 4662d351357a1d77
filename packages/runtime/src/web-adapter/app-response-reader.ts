import { contentLength, type Framing, headerValues, isChunked, MessageReader } from '@spillway/http/http1';

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

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?$/;

/** Reads one HTTP/1.1 response from the bytes of a connection, without copying its body. */
export class AppResponseReader {
  readonly #options: AppResponseReaderOptions;
  readonly #message: MessageReader;
  #statusCode = 0;
  #minorVersion = '1';
  #mayStay = true;
  #isEndTold = false;

  constructor(options: AppResponseReaderOptions) {
    this.#options = options;
    this.#message = new MessageReader({
      maxHeaderBytes: options.maxHeaderBytes,
      onStartLine: (line) => this.#statusLine(line),
      onHead: (rawHeaders) => this.#head(rawHeaders),
      onBody: options.onBody,
    });
  }

  /** @throws Error for what is no HTTP/1.1 response. */
  read(bytes: Uint8Array): void {
    const takenBytes = this.#message.read(bytes);
    // Nobody asked for what comes behind an answer, and more of it would be taken for the next one.
    if (this.#message.isEnded) this.#tellEnd(takenBytes === bytes.byteLength);
  }

  /** The app closed the connection. Whether that is the end of a whole response. */
  close(): boolean {
    this.#message.close();
    if (this.#message.isEnded) this.#tellEnd(false);
    return this.#message.isEnded;
  }

  #statusLine(line: string): void {
    const [, minorVersion, statusCode] = STATUS_LINE.exec(line) ?? [];
    if (minorVersion === undefined) throw new Error('invalid HTTP version parsed');
    this.#statusCode = Number(statusCode);
    this.#minorVersion = minorVersion;
  }

  #head(rawHeaders: readonly string[]): Framing {
    // 100 Continue and its like go before the answer.
    if (this.#statusCode < 200 && this.#statusCode !== 101) return 'another-head';
    const connection = headerValues(rawHeaders, 'connection').join().toLowerCase();
    this.#mayStay = this.#minorVersion === '1' ? !connection.includes('close') : connection.includes('keep-alive');
    const framing = this.#framing(rawHeaders);
    this.#options.onHead({ statusCode: this.#statusCode, rawHeaders });
    return framing;
  }

  /** How the body ends. https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
  #framing(rawHeaders: readonly string[]): Framing {
    const statusCode = this.#statusCode;
    if (statusCode === 101) this.#mayStay = false;
    if (statusCode === 101 || this.#options.method === 'HEAD' || statusCode === 204 || statusCode === 304)
      return 'none';
    if (isChunked(rawHeaders)) return 'chunked';
    const isCoded = headerValues(rawHeaders, 'transfer-encoding').length > 0;
    const lengthBytes = isCoded ? undefined : contentLength(rawHeaders);
    return lengthBytes === undefined ? 'until-close' : { lengthBytes };
  }

  #tellEnd(nothingBehind: boolean): void {
    if (this.#isEndTold) return;
    this.#isEndTold = true;
    this.#options.onEnd(this.#mayStay && nothingBehind);
  }
}
