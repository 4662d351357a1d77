/** `X-Amz-Log-Result` holds no more of a log than this, bytes. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const LOG_TAIL_BYTES = 4096;

/** The end of one invocation's log. */
export class LogTail {
  #text: Buffer = Buffer.alloc(0);

  add(message: string): void {
    this.#text = Buffer.concat([this.#text, Buffer.from(message)]).subarray(-LOG_TAIL_BYTES);
  }

  toBase64(): string {
    return this.#text.toString('base64');
  }
}
