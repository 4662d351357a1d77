import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyOf, concatBytes, readWhole } from './body.ts';
import { encodePrelude, splitPrelude } from './prelude.ts';
import { PRELUDE_DELIMITER } from './runtime-api.ts';

const LIMIT_BYTES = 16_384;
const encode = (text: string) => new TextEncoder().encode(text);
const whole = (body: AsyncIterable<Uint8Array>) => readWhole(body, 1_000_000, 'InternalError');

/** Cuts `bytes` at these places. */
function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.byteLength + 1)))].sort((a, b) => a - b);
  return [...places, bytes.byteLength].map((place, index) => bytes.slice(index === 0 ? 0 : places[index - 1], place));
}

describe('splitPrelude', () => {
  it('finds prelude and payload in any chunking', () =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.string()),
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat()),
        async (headers, payload, cuts) => {
          const stream = concatBytes([encodePrelude({ statusCode: 200, headers }), payload]);
          const split = await splitPrelude(bodyOf(...cutAt(stream, cuts)), LIMIT_BYTES);
          expect(JSON.parse(split.preludeText)).toEqual({ statusCode: 200, headers: { ...headers } });
          expect(await whole(split.payload)).toEqual(payload);
        },
      ),
    ));

  it('finds them byte by byte', async () => {
    const stream = concatBytes([encode('{}'), PRELUDE_DELIMITER, encode('\0\0payload')]);
    const split = await splitPrelude(bodyOf(...cutAt(stream, [...stream.keys()])), LIMIT_BYTES);
    expect(split.preludeText).toBe('{}');
    expect(await whole(split.payload)).toEqual(encode('\0\0payload'));
  });

  it('copies what comes in one Buffer that is used again', async () => {
    const stream = concatBytes([encode('{"statusCode":200}'), PRELUDE_DELIMITER]);
    async function* reusing() {
      const buffer = Buffer.alloc(1);
      for (const byte of stream) {
        buffer[0] = byte;
        yield buffer;
      }
    }
    expect((await splitPrelude(reusing(), LIMIT_BYTES)).preludeText).toBe('{"statusCode":200}');
  });

  it.each([
    [LIMIT_BYTES - 8, true],
    [LIMIT_BYTES - 7, false],
  ])('takes metadata of %d bytes: %s', async (sizeBytes, fits) => {
    const split = splitPrelude(bodyOf(encode('x'.repeat(sizeBytes)), PRELUDE_DELIMITER), LIMIT_BYTES);
    if (fits) await expect(split).resolves.toBeDefined();
    else await expect(split).rejects.toMatchObject({ code: 'PreludeDelimiterMissing' });
  });

  it('fails when the stream ends before the delimiter does, and returns the source', async () => {
    await expect(splitPrelude(bodyOf(encode('{}'), new Uint8Array(7)), LIMIT_BYTES)).rejects.toMatchObject({
      code: 'PreludeDelimiterMissing',
      status: 500,
    });
  });

  it('passes return() on to a source whose payload was never read', async () => {
    let returned = false;
    async function* source() {
      try {
        yield encodePrelude({});
        yield encode('never read');
      } finally {
        returned = true;
      }
    }
    const { payload } = await splitPrelude(source(), LIMIT_BYTES);
    await payload[Symbol.asyncIterator]().return?.();
    expect(returned).toBe(true);
  });
});
