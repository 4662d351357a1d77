import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseContentRange, parseLength, parseUnsatisfiedRange } from './content-range.ts';

it('reads back every range that can be', () => {
  const sizes = fc.tuple(fc.nat(), fc.nat(), fc.nat());
  fc.assert(
    fc.property(sizes, ([start, length, rest]) => {
      const end = start + length + 1;
      const text = `bytes ${start}-${end - 1}/${end + rest}`;
      expect(parseContentRange(text)).toEqual({ start, end, sizeBytes: end + rest });
    }),
  );
});

it('knows no size behind an asterisk', () => {
  expect(parseContentRange('bytes 0-9/*')).toEqual({ start: 0, end: 10, sizeBytes: undefined });
});

it.each([
  null,
  '',
  'bytes 9-0/10',
  'bytes 0-10/10',
  'bytes */10',
  'items 0-9/10',
  'bytes 0-9',
  'bytes 0-9/10, bytes 0-9/10',
  'bytes 0-99999999999999999999/999999999999999999999',
])('takes %j for no range', (text) => {
  expect(parseContentRange(text)).toBeUndefined();
});

it('reads the size of a 416, and lengths', () => {
  expect(parseUnsatisfiedRange('bytes */0')).toBe(0);
  expect(parseUnsatisfiedRange('bytes */*')).toBeUndefined();
  expect(parseLength('12')).toBe(12);
  expect(parseLength('-1')).toBeUndefined();
  expect(parseLength('1, 1')).toBeUndefined();
  expect(parseLength(null)).toBeUndefined();
});
