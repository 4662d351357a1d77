import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStatusCodes } from './status-codes.ts';

const silent = () => {};

describe('parseStatusCodes', () => {
  it('reads codes and ranges', () => {
    const codes = fc.integer({ min: 0, max: 999 });
    const ranges = fc.array(fc.tuple(codes, codes), { minLength: 1 });
    fc.assert(
      fc.property(ranges, codes, (given, status) => {
        const text = given.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(' , ');
        const expected = given.some(([first, last]) => first <= status && status <= last);
        expect(parseStatusCodes(text, silent)(status)).toBe(expected);
      }),
    );
  });

  it.each([
    ['', []],
    ['200,', []],
    ['abc', ['Failed to parse status code: abc']],
    ['70000', ['Failed to parse status code: 70000']],
    ['200 - 299', ['Failed to parse status code range: 200 - 299']],
    ['5-4-3', ['Failed to parse status code range: 5-4-3']],
    ['-', ['Failed to parse status code range: -']],
  ])('warns of what it skips in %j', (text, warnings) => {
    const logged: string[] = [];
    parseStatusCodes(text, (_, message) => logged.push(message));
    expect(logged).toEqual(warnings);
  });
});
