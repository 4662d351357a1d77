import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { LentBody } from './lent-body.ts';
import { contentLength, type Framing, headerValues, isChunked, MessageReader } from './message-reader.ts';
import { oneBufferSocket } from './one-buffer-socket.ts';

/** What one read of the connection brings at most. Few large reads into one buffer cost a fraction of many small ones into new ones. */
const READ_BYTES = 524_288;

export interface LendingConnectionOptions {
  /** Of one request; what is larger is left to Node.js to refuse. */
  readonly maxHeaderBytes: number;
  /** Whether the body behind this request line is lent, when it comes in chunks. */
  readonly lends: (requestLine: string) => boolean;
}

/** What Node's server tells of as a request, unless it goes wrong. */
const REQUEST_LINE = /^[A-Z-]+ \S+ HTTP\/1\.[01]$/;

/** No size of a chunk. */
const NO_CHUNK = Buffer.from('-\r\n');

type Done = (error?: Error | null) => void;

/**
 * A connection of an HTTP server of Node.js, around whose parser large bodies go: it would copy them into a new buffer for each 64 KiB. The
 * parser gets heads, trailers and all other bodies as they come, and what is no HTTP; of a lent body, only its end.
 */
export class LendingConnection extends Duplex {
  readonly #options: LendingConnectionOptions;
  readonly #socket: Socket;
  /** Undefined once all that comes is left to Node.js. */
  #reader: MessageReader | undefined;
  #requestLine = '';
  /** Of the head that is being read; undefined behind it. */
  #head: Uint8Array[] | undefined;
  /** Of the last read: what was understood, or will be known to be wrong. */
  #readBytes = 0;
  #trailers: string[] = [];
  /** Of the request that is being read. */
  #lent: LentBody | undefined;
  /** Those of which some may lie in the buffer: a client need not wait for an answer before it sends the next request. */
  #inBuffer: readonly LentBody[] = [];
  #mayPush = true;
  /** Of the requests whose heads were passed on, in turn. */
  readonly #bodies: (LentBody | undefined)[] = [];

  constructor(accepted: Socket, options: LendingConnectionOptions) {
    super({ allowHalfOpen: true });
    this.#options = options;
    this.#readRequest();
    this.#socket = oneBufferSocket(accepted, READ_BYTES, (bytes) => this.#onRead(bytes));
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.on('end', () => this.#onEnd());
    this.#socket.on('close', () => this.destroy());
    this.#socket.resume();
  }

  /** Of the next request that the server told of; undefined for one whose body it has itself. */
  takeBody(): LentBody | undefined {
    return this.#bodies.shift();
  }

  override _read(): void {
    this.#mayPush = true;
    this.#readOn();
  }

  override _write(bytes: Uint8Array, _: BufferEncoding, done: Done): void {
    this.#socket.write(bytes, done);
  }

  override _writev(writes: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    this.#socket.cork();
    for (const { chunk } of writes.slice(0, -1)) this.#socket.write(chunk);
    this.#socket.write(writes.at(-1)?.chunk ?? '', done);
    this.#socket.uncork();
  }

  override _final(done: Done): void {
    this.#socket.end(done);
  }

  /** As sockets have it: Node's server closes with it what is not to be kept open. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#lent?.end();
    this.#socket.destroy();
    done(error);
  }

  #readRequest(): void {
    this.#head = [];
    this.#reader = new MessageReader({
      maxHeaderBytes: this.#options.maxHeaderBytes,
      onStartLine: (line) => this.#onRequestLine(line),
      onHead: (rawHeaders) => this.#onHead(rawHeaders),
      onBody: (piece) => this.#onBody(piece),
      onLines: (bytes) => this.#onLines(bytes),
      onTrailer: (line) => this.#trailers.push(line),
    });
  }

  #onRead(bytes: Uint8Array): boolean {
    this.#readBytes = 0;
    try {
      let rest = bytes;
      while (this.#reader !== undefined && rest.byteLength > 0) {
        rest = rest.subarray(this.#reader.read(rest));
        if (this.#reader.isEnded) this.#onRequestEnd();
      }
      if (rest.byteLength > 0) this.#pass([rest]);
    } catch {
      this.#reader = undefined;
      if (this.#lent !== undefined) this.#refuseLent(this.#lent);
      else this.#pass([...(this.#head ?? []), bytes.subarray(this.#readBytes)]);
    }
    return this.#mayRead;
  }

  /** Of the server's parser, that waits for a chunk. */
  #refuseLent(lent: LentBody): void {
    lent.end();
    this.#pass([NO_CHUNK]);
  }

  #onRequestLine(line: string): void {
    if (!REQUEST_LINE.test(line)) throw new Error('not read here');
    this.#requestLine = line;
  }

  get #mayRead(): boolean {
    return this.#mayPush && !this.#inBuffer.some(({ isInUse }) => isInUse);
  }

  #readOn(): void {
    if (this.#mayRead) this.#socket.resume();
  }

  /** @throws Error for what is left to Node.js: its server may answer such a request itself, and tell nobody. */
  #onHead(rawHeaders: readonly string[]): Framing {
    const has = (name: string) => headerValues(rawHeaders, name).length > 0;
    if (has('expect') || !has('host')) throw new Error('not read here');
    const inChunks = isChunked(rawHeaders);
    const lengthBytes = inChunks ? 0 : (contentLength(rawHeaders) ?? 0);
    if (inChunks && this.#options.lends(this.#requestLine)) {
      this.#lent = new LentBody(() => this.#readOn());
      this.#inBuffer = [...this.#inBuffer.filter(({ isInUse }) => isInUse), this.#lent];
    }
    // Before its head is passed on: the server tells of the request at once.
    this.#bodies.push(this.#lent);
    this.#pass(this.#head ?? []);
    this.#head = undefined;
    return inChunks ? 'chunked' : { lengthBytes };
  }

  #onLines(bytes: Uint8Array): void {
    this.#readBytes += bytes.byteLength;
    if (this.#head !== undefined) this.#head.push(new Uint8Array(bytes));
    else if (this.#lent === undefined) this.#pass([bytes]);
  }

  #onBody(piece: Uint8Array): void {
    this.#readBytes += piece.byteLength;
    if (this.#lent === undefined) this.#pass([piece]);
    else this.#lent.add(piece);
  }

  #onRequestEnd(): void {
    const lent = this.#lent;
    this.#lent = undefined;
    lent?.end();
    if (lent !== undefined) this.#pass([Buffer.from(['0', ...this.#trailers, '', ''].join('\r\n'), 'latin1')]);
    this.#trailers = [];
    this.#readRequest();
  }

  /** To the server, as a copy. */
  #pass(parts: readonly Uint8Array[]): void {
    if (!this.push(Buffer.concat(parts))) this.#mayPush = false;
  }

  #onEnd(): void {
    this.#lent?.end();
    this.push(null);
  }
}
