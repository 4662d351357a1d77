import { describe, expect, test } from 'vitest';
import { filterPattern } from './filter-pattern.ts';

describe('a filter pattern', () => {
  test.each([
    ['', 'anything', true],
    ['ERROR', '[ERROR] x', true],
    ['ERROR', '[error] x', false],
    ['a b', 'b then a', true],
    ['a b', 'only a', false],
    ['"a b"', 'a b', true],
    ['"a b"', 'b a', false],
    ['"say \\"hi\\""', 'say "hi"', true],
    ['a -b', 'a', true],
    ['a -b', 'a b', false],
    ['-"b c"', 'b c', false],
    ['?a ?b', 'b', true],
    ['?a ?b', 'c', false],
    ['x ?a', 'x', true],
  ])('%s on %s: %s', (pattern, message, matches) => {
    expect(filterPattern(pattern)(message)).toBe(matches);
  });

  test.each(['{ $.level = "x" }', '[ip, user]', '%err.*%'])('%s is refused by name', (pattern) => {
    expect(() => filterPattern(pattern)).toThrow(/are not supported here/);
  });
});
