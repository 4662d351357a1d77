// A web app that breaks in mid stream, behind Lambda Web Adapter: its runtime client writes what should be error trailers as text into the
// body and ends it well, so that the client sees a complete file. https://github.com/aws/aws-lambda-rust-runtime (lambda-runtime/src/types.rs)

const TEXT =
  /Lambda-Runtime-Function-Error-Type: Runtime\.StreamError\r\nLambda-Runtime-Function-Error-Body: ([\w+/=]*)\r\n$/;

/** The text is about 200 bytes; an error's message, in base64, makes it longer. */
const TAIL_BYTES = 2048;

/** Looks at the end of a stream as it passes; keeps a copy of the last bytes, no more. */
export class FailedStreamSearch {
  readonly #tail: Buffer = Buffer.alloc(TAIL_BYTES);
  #tailBytes = 0;

  read(chunk: Uint8Array): void {
    const news = chunk.subarray(-TAIL_BYTES);
    const kept = Math.min(this.#tailBytes, TAIL_BYTES - news.byteLength);
    this.#tail.copyWithin(0, this.#tailBytes - kept, this.#tailBytes);
    this.#tail.set(news, kept);
    this.#tailBytes = kept + news.byteLength;
  }

  /** What the text at the end says of the error; undefined when there is none. */
  get errorMessage(): string | undefined {
    const [, body] = TEXT.exec(this.#tail.toString('latin1', 0, this.#tailBytes)) ?? [];
    return body === undefined ? undefined : Buffer.from(body, 'base64').toString();
  }
}
