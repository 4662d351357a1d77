import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRange } from './range.ts';

describe('readRange', () => {
  it.each([
    ['bytes=0-0', 10, { start: 0, end: 0 }],
    ['bytes=0-', 10, { start: 0, end: 9 }],
    ['bytes=3-99999999999999999999999', 10, { start: 3, end: 9 }],
    ['bytes=-3', 10, { start: 7, end: 9 }],
    ['bytes=-30', 10, { start: 0, end: 9 }],
    ['BYTES=007-008', 10, { start: 7, end: 8 }],
    [undefined, 10, undefined],
    ['bytes=5-2', 10, undefined],
    ['bytes=0-0,2-3', 10, undefined],
    ['items=0-5', 10, undefined],
    ['bytes=', 10, undefined],
    ['bytes=-', 10, undefined],
    ['bytes=a-b', 10, undefined],
    ['bytes=-5', 0, undefined],
  ])('%s of %d bytes', (header, sizeBytes, range) => {
    expect(readRange(header, sizeBytes)).toEqual(range);
  });

  it.each([
    ['bytes=10-', 10],
    ['bytes=10-20', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=99999999999999999999999-', 10],
  ])('%s of %d bytes is not satisfiable', (header, sizeBytes) => {
    expect(() => readRange(header, sizeBytes)).toThrow(
      expect.objectContaining({
        code: 'InvalidRange',
        details: { RangeRequested: header, ActualObjectSize: sizeBytes },
      }),
    );
  });

  it('gives what slicing gives, for any bounds', () => {
    const sizes = fc.integer({ min: 1, max: 200 });
    const bounds = fc.nat({ max: 300 });
    fc.assert(
      fc.property(sizes, bounds, bounds, fc.constantFrom('both', 'from', 'last'), (sizeBytes, one, other, kind) => {
        const bytes = [...Array(sizeBytes).keys()];
        const [first, last] = [Math.min(one, other), Math.max(one, other)];
        const [header, expected] = {
          both: [`bytes=${first}-${last}`, bytes.slice(first, last + 1)],
          from: [`bytes=${first}-`, bytes.slice(first)],
          last: [`bytes=-${last}`, last === 0 ? [] : bytes.slice(-last)],
        }[kind] as [string, number[]];
        if (expected.length === 0) {
          expect(() => readRange(header, sizeBytes)).toThrow('not satisfiable');
          return;
        }
        const range = readRange(header, sizeBytes);
        expect(range && bytes.slice(range.start, range.end + 1)).toEqual(expected);
      }),
    );
  });

  it('never throws anything but InvalidRange', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (text, sizeBytes) => {
        try {
          const range = readRange(`bytes=${text}`, sizeBytes);
          if (range !== undefined) expect(range.start <= range.end && range.end < sizeBytes).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'InvalidRange' });
        }
      }),
    );
  });
});
