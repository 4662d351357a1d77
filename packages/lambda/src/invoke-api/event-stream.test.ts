import { EventStreamCodec } from '@smithy/eventstream-codec';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventStream } from './event-stream.ts';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);

async function decoded(frames: AsyncIterable<Uint8Array>) {
  const events: { type: unknown; contentType: unknown; body: Buffer }[] = [];
  for await (const frame of frames) {
    const { headers, body } = codec.decode(frame);
    expect(headers[':message-type']?.value).toBe('event');
    events.push({
      type: headers[':event-type']?.value,
      contentType: headers[':content-type']?.value,
      body: Buffer.from(body),
    });
  }
  return events;
}

async function* bodyOf(chunks: readonly Uint8Array[], failure?: Error) {
  yield* chunks;
  if (failure) throw failure;
}

test('keeps every byte, in frames that AWS SDKs decode', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 200_000 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(chunks, async (given) => {
      const events = await decoded(eventStream(bodyOf(given), async () => ({ LogResult: 'x' })));
      const last = events.pop();
      expect(last).toEqual({
        type: 'InvokeComplete',
        contentType: 'application/json',
        body: Buffer.from('{"LogResult":"x"}'),
      });
      expect(events.every(({ type, body }) => type === 'PayloadChunk' && body.byteLength <= 65_536)).toBe(true);
      expect(Buffer.concat(events.map(({ body }) => body)).equals(Buffer.concat(given))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('asks for a piece only when the frames of the one before are taken', async () => {
  const asked: string[] = [];
  async function* payload() {
    for (const name of ['first', 'second']) {
      asked.push(name);
      yield Buffer.alloc(100_000);
    }
  }
  const frames = eventStream(payload(), async () => ({}));
  await frames.next();
  await frames.next();
  expect(asked).toEqual(['first']);
  await frames.next();
  expect(asked).toEqual(['first', 'second']);
});

test('tells how the payload ended', async () => {
  const failure = new Error('broken');
  const events = await decoded(
    eventStream(bodyOf([Buffer.from('a')], failure), async (error) => ({ ErrorDetails: (error as Error).message })),
  );
  expect(events.map(({ body }) => body.toString())).toEqual(['a', '{"ErrorDetails":"broken"}']);
});

test('has no last event when that cannot be told', async () => {
  const frames = eventStream(bodyOf([Buffer.from('a')], new Error('client left')), async (error) => {
    throw error;
  });
  await expect(decoded(frames)).rejects.toThrow('client left');
});
