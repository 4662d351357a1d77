import type { IncomingMessage } from 'node:http';
import { toBody } from '@spillway/http';
import { AwsError, type Body, PRELUDE_CONTENT_TYPE, RUNTIME_API_HEADERS } from '@spillway/wire';
import { FailedStreamSearch } from './failed-stream.ts';

/** What a runtime's trailers say of a stream that failed. */
export interface TrailerError {
  readonly errorType: string;
  /** The error document; empty when the runtime sent none. */
  readonly document: string;
}

export interface PostedResponseOptions {
  /** Called before any reader learns of the end. */
  readonly onEnd?: () => void;
  /** A stream that Lambda Web Adapter ends with the text of an error counts as broken off there. */
  readonly breaksFailedStreams?: boolean;
}

/**
 * The body of a runtime's POST on its way to who invoked: the one place where those bytes pass. It is read as it is asked for, so
 * the function feels how fast its reader is. Once nobody wants it, the rest is read and thrown away, because a runtime that can't
 * finish its POST never asks for its next event.
 */
export class PostedResponse implements AsyncIterableIterator<Uint8Array> {
  readonly contentType: string;
  /** Settles when the POST was read to its end, by whomever: true when it was whole. */
  readonly ended: Promise<boolean>;
  readonly #request: IncomingMessage;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #options: PostedResponseOptions;
  readonly #failedStreamSearch: FailedStreamSearch | undefined;
  #settleEnded: (whole: boolean) => void = () => {};
  #rejectRead: ((reason: unknown) => void) | undefined;
  #abandoned: { readonly reason: unknown } | undefined;
  /** A chunk is with the reader, who may still be writing it. */
  #isChunkOut = false;
  #isDiscarding = false;
  #sizeBytes = 0;
  #isEnded = false;

  constructor(request: IncomingMessage, options: PostedResponseOptions = {}) {
    this.#request = request;
    this.#options = options;
    this.contentType = request.headers['content-type'] ?? '';
    if (this.contentType === PRELUDE_CONTENT_TYPE) this.#failedStreamSearch = new FailedStreamSearch();
    const body: Body = toBody(request, { truncated: 'Runtime.TruncatedResponse' });
    this.#source = body[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
  }

  /** Bytes read so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Read to its end, or broken off. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Somebody waits for bytes that the function has not sent. */
  get waitsForFunction(): boolean {
    return this.#rejectRead !== undefined;
  }

  /** Undefined for a stream that went well; known at its end. */
  get trailerError(): TrailerError | undefined {
    const errorType = this.#request.trailers[RUNTIME_API_HEADERS.errorType];
    if (!errorType) return undefined;
    const document = Buffer.from(this.#request.trailers[RUNTIME_API_HEADERS.errorBody] ?? '', 'base64').toString();
    return { errorType, document };
  }

  /** What Lambda Web Adapter wrote at the end of the body of an app that broke in mid stream. */
  get failureText(): string | undefined {
    return this.#failedStreamSearch?.errorMessage;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws AwsError `Runtime.TruncatedResponse` when the runtime broke off; the reason of `abandon()` or `breakOff()`. */
  next(): Promise<IteratorResult<Uint8Array>> {
    this.#isChunkOut = false;
    if (this.#abandoned) return this.#afterAbandon();
    return new Promise((resolve, reject) => {
      this.#rejectRead = reject;
      this.#read().then(resolve, reject);
    });
  }

  /** The reader has enough. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.abandon(undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The reader wants no more, nor the chunk that it has. A read that waits, and each one after it, throws `reason`; undefined ends them. */
  abandon(reason: unknown): void {
    this.#isChunkOut = false;
    this.#giveUp(reason);
  }

  /**
   * The function failed: as `abandon()`, but that the reader, who does not know it yet, keeps the chunk that it has until it asks for the
   * next one. Until then nothing is read, for it would take that chunk's place.
   */
  breakOff(reason: unknown): void {
    this.#giveUp(reason);
  }

  #giveUp(reason: unknown): void {
    if (this.#isEnded) return;
    if (!this.#abandoned) {
      this.#abandoned = { reason };
      this.#rejectRead?.(reason ?? new AwsError('Runtime.TruncatedResponse'));
    }
    const { socket } = this.#request;
    if (!this.#isChunkOut || socket.destroyed) void this.#discard();
    else socket.once('close', this.#discard);
  }

  async #read(): Promise<IteratorResult<Uint8Array>> {
    try {
      const result = await this.#source.next();
      if (!result.done) this.#passes(result.value);
      else if (this.#options.breaksFailedStreams && this.failureText !== undefined)
        throw new AwsError('Runtime.TruncatedResponse');
      else this.#end(true);
      return result;
    } catch (error) {
      this.#end(false);
      throw error;
    } finally {
      this.#rejectRead = undefined;
    }
  }

  #passes(chunk: Uint8Array): void {
    this.#isChunkOut = this.#abandoned === undefined;
    this.#sizeBytes += chunk.byteLength;
    this.#failedStreamSearch?.read(chunk);
  }

  #end(whole: boolean): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#options.onEnd?.();
    this.#settleEnded(whole);
  }

  readonly #discard = async (): Promise<void> => {
    this.#request.socket.off('close', this.#discard);
    if (this.#isDiscarding) return;
    this.#isDiscarding = true;
    try {
      while (!this.#isEnded) await this.#read();
    } catch {
      // The runtime broke off; `ended` says so.
    }
  };

  #afterAbandon(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#isEnded) void this.#discard();
    const reason = this.#abandoned?.reason;
    return reason === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(reason);
  }
}
