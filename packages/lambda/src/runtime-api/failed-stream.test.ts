import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FailedStreamSearch } from './failed-stream.ts';

const text = (message: string) =>
  `Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: ${Buffer.from(message).toString('base64')}\r\n`;

/** `bytes` in pieces of these sizes, over and over. */
function* pieces(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let [offset, turn] = [0, 0]; offset < bytes.byteLength; turn += 1) {
    const end = offset + (sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(offset, end);
    offset = end;
  }
}

function searched(bytes: Buffer, sizes: readonly number[]): string | undefined {
  const search = new FailedStreamSearch();
  for (const piece of pieces(bytes, sizes)) search.read(piece);
  return search.errorMessage;
}

const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 });

test('finds the text at the end, however it was cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8000 }), fc.string({ maxLength: 300 }), sizes, (body, message, cuts) => {
      expect(searched(Buffer.concat([body, Buffer.from(text(message))]), cuts)).toBe(Buffer.from(message).toString());
    }),
  );
});

test('finds none in the middle, nor in anything else', () => {
  const body = Buffer.from(`before ${text('error')} after`);
  expect(searched(body, [10])).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8000 }), sizes, (bytes, cuts) => {
      expect(searched(Buffer.from(bytes), cuts)).toBeUndefined();
    }),
  );
});
