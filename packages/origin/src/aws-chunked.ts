import type { ChunkSignatures } from '@spillway/http';
import { AwsError, type Body } from '@spillway/wire';

export interface AwsChunkedOptions {
  /** Each chunk has a signature. */
  readonly isSigned: boolean;
  /** Verifies those signatures, and the trailer's. Undefined: they are read, and may say anything. */
  readonly signatures?: ChunkSignatures | undefined;
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

const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

/**
 * Takes the data out of `aws-chunked` framing: `size[;chunk-signature=…] CRLF data CRLF … 0 CRLF [trailer CRLF …] CRLF`. A trailer may also end
 * in LF CRLF, as minio-go writes it.
 * @throws AwsError `IncompleteBody` (cut off, not well formed, other than its announced length), `InvalidChunkSizeError`,
 * `MalformedTrailerError`, `SignatureDoesNotMatch`.
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
  #trailerSignature: string | undefined;
  #awaits: 'size' | 'data' | 'data-end' | 'trailer' | 'trailer-end' | 'nothing' = 'size';
  #line = '';
  #signature = '';
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
        this.#takeData(data);
        yield data;
        continue;
      }
      offset = this.#readLine(bytes, offset);
    }
  }

  end(): void {
    const { decodedBytes, onTrailers } = this.#options;
    if (this.#awaits !== 'nothing' || this.#line !== '')
      throw incomplete('The aws-chunked body does not end with its last chunk.');
    if (decodedBytes !== undefined && decodedBytes !== this.#decodedBytes) {
      throw otherLength(this.#decodedBytes, decodedBytes);
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
    if (line.endsWith('\r\n')) this.#take(line.slice(0, -2));
    else if (this.#awaits === 'trailer') this.#takeTrailer(line.slice(0, -1), 'trailer-end');
    else throw incomplete('A line of the aws-chunked framing does not end in CRLF.');
    return end;
  }

  #take(line: string): void {
    if (this.#awaits === 'size') this.#takeSize(line);
    else if (this.#awaits === 'data-end' && line === '') this.#awaits = 'size';
    else if (this.#awaits === 'trailer-end' && line === '') this.#awaits = 'trailer';
    else if (this.#awaits === 'trailer' && line === '') this.#endTrailers();
    else if (this.#awaits === 'trailer') this.#takeTrailer(line, 'trailer');
    else throw incomplete('The aws-chunked body is not well formed.');
  }

  #takeData(data: Uint8Array): void {
    const { signatures } = this.#options;
    this.#restBytes -= data.byteLength;
    signatures?.update(data);
    if (this.#restBytes > 0) return;
    signatures?.verifyChunk(this.#signature);
    this.#awaits = 'data-end';
  }

  #takeSize(line: string): void {
    const { decodedBytes = Number.POSITIVE_INFINITY, signatures } = this.#options;
    const [, size, signature] = /^([0-9a-f]{1,13})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line) ?? [];
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
    if (this.#decodedBytes > decodedBytes) throw otherLength(this.#decodedBytes, decodedBytes);
    this.#signature = signature ?? '';
    if (chunkBytes === 0) signatures?.verifyChunk(this.#signature);
    this.#awaits = chunkBytes === 0 ? 'trailer' : 'data';
  }

  #takeTrailer(line: string, next: 'trailer' | 'trailer-end'): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    // The signature is of all that came before it, and of each by its one value.
    const isExpected =
      this.#trailerSignature === undefined &&
      (name === TRAILER_SIGNATURE || (this.#options.trailerNames.includes(name) && !this.#trailers.has(name)));
    if (colon < 0 || !isExpected) throw new AwsError('MalformedTrailerError');
    if (name === TRAILER_SIGNATURE) this.#trailerSignature = value;
    else this.#trailers.set(name, value);
    this.#awaits = next;
  }

  #endTrailers(): void {
    const { trailerNames, signatures } = this.#options;
    if (trailerNames.some((name) => !this.#trailers.has(name))) throw new AwsError('MalformedTrailerError');
    signatures?.verifyTrailers(this.#trailers, this.#trailerSignature);
    this.#awaits = 'nothing';
  }
}

const incomplete = (message: string) => new AwsError('IncompleteBody', { message });

const otherLength = (actualBytes: number, announcedBytes: number) =>
  incomplete(`The body has ${actualBytes} bytes, x-amz-decoded-content-length says ${announcedBytes}.`);
