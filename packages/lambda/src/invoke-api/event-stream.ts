// The answer of InvokeWithResponseStream on the wire. Same as AWS, by the service's model: PayloadChunk events with the bytes as the function
// sends them, prelude and delimiter included, then one InvokeComplete. Chosen, as AWS does not say: one PayloadChunk for each read from the
// runtime's socket, of 64 KiB at most; `Unhandled` as ErrorCode of every failure but a response that is too large.
import { EventStreamCodec, type MessageHeaders } from '@smithy/eventstream-codec';
import type { Body } from '@spillway/wire';

export const EVENT_STREAM_CONTENT_TYPE = 'application/vnd.amazon.eventstream';

const MAX_CHUNK_BYTES = 65_536;

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStreamCompleteEvent.html */
export interface InvokeComplete {
  readonly ErrorCode?: string;
  readonly ErrorDetails?: string;
  /** Base64. */
  readonly LogResult?: string;
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
  (text) => Buffer.from(text),
);

/**
 * Frames `payload`, each piece as it comes. `complete` is told how the payload ended: undefined for well.
 * @throws what `complete` throws: a payload whose end can't be told leaves the stream without its last event.
 */
export async function* eventStream(
  payload: Body,
  complete: (failure: unknown) => Promise<InvokeComplete>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let failure: unknown;
  try {
    for await (const chunk of payload) yield* payloadChunks(chunk);
  } catch (error) {
    failure = error;
  }
  yield event('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(await complete(failure))));
}

function* payloadChunks(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.byteLength; start += MAX_CHUNK_BYTES) {
    yield event('PayloadChunk', 'application/octet-stream', bytes.subarray(start, start + MAX_CHUNK_BYTES));
  }
}

function event(eventType: string, contentType: string, body: Uint8Array): Uint8Array {
  const headers: MessageHeaders = {
    ':message-type': { type: 'string', value: 'event' },
    ':event-type': { type: 'string', value: eventType },
    ':content-type': { type: 'string', value: contentType },
  };
  return codec.encode({ headers, body });
}
