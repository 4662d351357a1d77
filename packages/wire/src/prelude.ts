import { AwsError } from './aws-error.ts';
import { type Body, concatBytes } from './body.ts';
import { PRELUDE_DELIMITER } from './runtime-api.ts';

/**
 * The head of a streamed Lambda response for an HTTP front: a JSON object, then eight NUL bytes, then the payload.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export interface Prelude {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: readonly string[];
}

/** The bytes of prelude and delimiter. */
export function encodePrelude(prelude: Prelude): Uint8Array {
  return concatBytes([new TextEncoder().encode(JSON.stringify(prelude)), PRELUDE_DELIMITER]);
}

/** A stream split at the delimiter: the text before it, not yet parsed, and the payload after it. */
export interface SplitStream {
  readonly preludeText: string;
  readonly payload: Body;
}

/**
 * Splits a streamed response at the first eight NUL bytes, whatever its chunking. The payload must be read or returned.
 * @throws AwsError `PreludeDelimiterMissing` when the delimiter does not end within `limitBytes`, or the stream ends before it.
 */
export async function splitPrelude(body: Body, limitBytes: number): Promise<SplitStream> {
  const source = body[Symbol.asyncIterator]();
  const search = new DelimiterSearch();
  const head: Uint8Array[] = [];
  let headBytes = 0;
  try {
    while (true) {
      const { done, value: chunk } = await source.next();
      if (done) throw new AwsError('PreludeDelimiterMissing', { message: endedAfter(headBytes) });
      const end = search.endIn(chunk);
      if (headBytes + (end ?? chunk.byteLength) > limitBytes) throw beyond(limitBytes);
      // Not slice(), which does not copy where the chunk is a Buffer of Node.js.
      head.push(new Uint8Array(chunk.subarray(0, end)));
      headBytes += chunk.byteLength;
      if (end !== undefined) return { preludeText: textOf(head), payload: payloadFrom(chunk.subarray(end), source) };
    }
  } catch (error) {
    // Not awaited: a source that waits in vain would hold back the error.
    void Promise.resolve(source.return?.()).catch(() => {});
    throw error;
  }
}

/** Finds the delimiter in bytes that come in pieces. */
class DelimiterSearch {
  #zeros = 0;

  /** Offset in `chunk` just behind the delimiter, or undefined when it does not end here. */
  endIn(chunk: Uint8Array): number | undefined {
    for (let index = 0; index < chunk.byteLength; index += 1) {
      this.#zeros = chunk[index] === 0 ? this.#zeros + 1 : 0;
      if (this.#zeros === PRELUDE_DELIMITER.byteLength) return index + 1;
    }
    return undefined;
  }
}

const textOf = (head: readonly Uint8Array[]) =>
  new TextDecoder().decode(concatBytes(head).subarray(0, -PRELUDE_DELIMITER.byteLength));

const endedAfter = (sizeBytes: number) =>
  `The stream ended after ${sizeBytes} bytes without the eight NUL bytes that end the metadata.`;
const beyond = (limitBytes: number) =>
  new AwsError('PreludeDelimiterMissing', {
    message: `The first ${limitBytes} bytes of the stream hold no eight NUL bytes that end the metadata.`,
  });

/** Not a generator: one that was never started would not pass `return()` on to its source. */
function payloadFrom(rest: Uint8Array, source: AsyncIterator<Uint8Array>): Body {
  let restIsDue = rest.byteLength > 0;
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => {
      if (!restIsDue) return source.next();
      restIsDue = false;
      return Promise.resolve({ done: false, value: rest });
    },
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
