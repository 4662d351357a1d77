import { AwsError, type Body } from '@spillway/wire';

export interface AwsChunkedOptions {
  /** Each chunk has a signature, which is read and not verified. */
  readonly isSigned: boolean;
  /** Names, lower case, that `x-amz-trailer` announced. */
  readonly trailerNames: readonly string[];
  /** `x-amz-decoded-content-length`. */
  readonly decodedBytes?: number;
  /** Called once, after the last byte of the body. */
  readonly onTrailers: (trailers: ReadonlyMap<string, string>) => void;
}

/** Only the last chunk may be smaller. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
const MIN_CHUNK_BYTES = 8192;
/** Longest line beside the data: a size and a signature, or a trailer. */
const MAX_LINE_BYTES = 16_384;

/**
 * Takes the data out of `aws-chunked` framing: `size[;chunk-signature=…] CRLF data CRLF … 0 CRLF [trailer CRLF …] CRLF`.
 * @throws AwsError `IncompleteBody` (cut off, not well formed, other than its announced length), `InvalidChunkSizeError`,
 * `MalformedTrailerError`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* decodeAwsChunked(
  body: Body,
  options: AwsChunkedOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new AwsChunkedDecoder(options);
  for await (const bytes of body) yield* decoder.push(bytes);
  decoder.end();
}

class AwsChunkedDecoder {
  readonly #options: AwsChunkedOptions;
  readonly #trailers = new Map<string, string>();
  #awaits: 'size' | 'data' | 'data-end' | 'trailer' | 'nothing' = 'size';
  #line = '';
  #restBytes = 0;
  #chunkBytes = Number.POSITIVE_INFINITY;
  #decodedBytes = 0;
  #chunkNumber = 0;

  constructor(options: AwsChunkedOptions) {
    this.#options = options;
  }

  *push(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (let offset = 0; offset < bytes.byteLength; ) {
      if (this.#awaits === 'data') {
        const data = bytes.subarray(offset, offset + this.#restBytes);
        offset += data.byteLength;
        this.#restBytes -= data.byteLength;
        if (this.#restBytes === 0) this.#awaits = 'data-end';
        yield data;
        continue;
      }
      offset = this.#readLine(bytes, offset);
    }
  }

  end(): void {
    const { decodedBytes, onTrailers } = this.#options;
    if (this.#awaits !== 'nothing') throw incomplete('The aws-chunked body ended before its last chunk.');
    if (decodedBytes !== undefined && decodedBytes !== this.#decodedBytes) {
      throw incomplete(`The body has ${this.#decodedBytes} bytes, x-amz-decoded-content-length says ${decodedBytes}.`);
    }
    onTrailers(this.#trailers);
  }

  #readLine(bytes: Uint8Array, offset: number): number {
    const lineFeed = bytes.indexOf(0x0a, offset);
    const end = lineFeed < 0 ? bytes.byteLength : lineFeed + 1;
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + offset, end - offset).toString('latin1');
    if (this.#line.length > MAX_LINE_BYTES) throw incomplete('A line of the aws-chunked framing is too long.');
    if (lineFeed < 0) return end;
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) throw incomplete('A line of the aws-chunked framing does not end in CRLF.');
    this.#take(line.slice(0, -2));
    return end;
  }

  #take(line: string): void {
    if (this.#awaits === 'size') this.#takeSize(line);
    else if (this.#awaits === 'data-end' && line === '') this.#awaits = 'size';
    else if (this.#awaits === 'trailer' && line === '') this.#endTrailers();
    else if (this.#awaits === 'trailer') this.#takeTrailer(line);
    else throw incomplete('The aws-chunked body is not well formed.');
  }

  #takeSize(line: string): void {
    const [, size, signature] = /^([0-9a-f]{1,13})(;chunk-signature=[0-9a-f]{64})?$/i.exec(line) ?? [];
    if (size === undefined || (this.#options.isSigned && signature === undefined)) {
      throw incomplete('A chunk of the aws-chunked body does not begin with its size.');
    }
    const chunkBytes = Number.parseInt(size, 16);
    if (chunkBytes > 0 && this.#chunkBytes < MIN_CHUNK_BYTES) {
      throw new AwsError('InvalidChunkSizeError', {
        details: { Chunk: this.#chunkNumber, BadChunkSize: this.#chunkBytes },
      });
    }
    this.#chunkNumber += 1;
    this.#chunkBytes = chunkBytes;
    this.#restBytes = chunkBytes;
    this.#decodedBytes += chunkBytes;
    this.#awaits = chunkBytes === 0 ? 'trailer' : 'data';
  }

  #takeTrailer(line: string): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const isExpected = this.#options.trailerNames.includes(name) || name === 'x-amz-trailer-signature';
    if (colon < 0 || !isExpected) throw new AwsError('MalformedTrailerError');
    this.#trailers.set(name, line.slice(colon + 1).trim());
  }

  #endTrailers(): void {
    if (this.#options.trailerNames.some((name) => !this.#trailers.has(name)))
      throw new AwsError('MalformedTrailerError');
    this.#awaits = 'nothing';
  }
}

const incomplete = (message: string) => new AwsError('IncompleteBody', { message });
