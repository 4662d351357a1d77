import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atMost, type Body, bodyOf, concatBytes, exactly, readWhole } from './body.ts';

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

/** What a receiver got before the end or the error. */
async function received(body: Body): Promise<{ readonly bytes: Uint8Array; readonly error?: unknown }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk.slice());
  } catch (error) {
    return { bytes: concatBytes(chunks), error };
  }
  return { bytes: concatBytes(chunks) };
}

const chunksOfBytes = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 });

describe('atMost', () => {
  it('passes a body of just the limit', async () => {
    expect(await received(atMost(3, bodyOf(bytes(1, 2), bytes(3))))).toEqual({ bytes: bytes(1, 2, 3) });
  });

  it('passes the bytes up to the limit, then fails', async () => {
    const { bytes: got, error } = await received(atMost(3, bodyOf(bytes(1, 2), bytes(3, 4))));
    expect(got).toEqual(bytes(1, 2, 3));
    expect(error).toMatchObject({ code: 'Function.ResponseSizeTooLarge' });
  });
});

describe('exactly', () => {
  it('passes a body of its length unchanged, however it is cut', () =>
    fc.assert(
      fc.asyncProperty(chunksOfBytes, async (chunks) => {
        const whole = concatBytes(chunks);
        expect(await received(exactly(whole.byteLength, bodyOf(...chunks)))).toEqual({ bytes: whole });
      }),
    ));

  it('never gives as many bytes as promised when the body is longer, shorter or fails', () =>
    fc.assert(
      fc.asyncProperty(chunksOfBytes, fc.integer({ min: 1, max: 200 }), async (chunks, lengthBytes) => {
        const whole = concatBytes(chunks);
        fc.pre(whole.byteLength !== lengthBytes);
        const { bytes: got, error } = await received(exactly(lengthBytes, bodyOf(...chunks)));
        expect(error).toMatchObject({ code: 'IncompleteBody' });
        expect(got.byteLength).toBeLessThan(lengthBytes);
      }),
    ));

  it('holds back the last byte when the source fails behind it', async () => {
    async function* failing(): Body {
      yield bytes(1, 2, 3);
      throw new Error('late');
    }
    const { bytes: got, error } = await received(exactly(3, failing()));
    expect(got).toEqual(bytes(1, 2));
    expect(error).toMatchObject({ message: 'late' });
  });
});

describe('readWhole', () => {
  it('copies chunks whose buffer is used again', async () => {
    async function* reusing(): Body {
      const buffer = new Uint8Array(1);
      for (const value of [1, 2, 3]) {
        buffer[0] = value;
        yield buffer;
      }
    }
    expect(await readWhole(reusing(), 3, 'RequestTooLarge')).toEqual(bytes(1, 2, 3));
  });

  it('copies Node.js’s Buffers, too, whose slice() does not', async () => {
    async function* reusing(): Body {
      const buffer = Buffer.alloc(1);
      for (const value of [1, 2, 3]) {
        buffer[0] = value;
        yield buffer;
      }
    }
    expect(await readWhole(reusing(), 3, 'RequestTooLarge')).toEqual(bytes(1, 2, 3));
  });

  it('fails past its limit', async () => {
    await expect(readWhole(bodyOf(bytes(1, 2)), 1, 'RequestTooLarge')).rejects.toMatchObject({ status: 413 });
  });
});
