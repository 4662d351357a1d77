import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesWildcard } from './wildcard.ts';

test.each([
  ['', '', true],
  ['*', '', true],
  ['?', '', false],
  ['a*', 'a/b/c', true],
  ['*c', 'a/b/c', true],
  ['a*b*c', 'abbcbc', true],
  ['a*b*c', 'abbcbd', false],
  ['a?c', 'a語c', true],
  ['a?c', 'a😀c', true],
  ['a.c', 'abc', false],
  ['**', 'x\ny', true],
  ['[a]\\', '[a]\\', true],
])('%j fits %j: %j', (pattern, text, fits) => expect(matchesWildcard(pattern, text)).toBe(fits));

test('is what the same pattern as a regular expression says', () => {
  const letters = (alphabet: string) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(letters('ab*?'), letters('ab'), (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matchesWildcard(pattern, text)).toBe(expression.test(text));
    }),
    { numRuns: 2000 },
  );
});

test('takes no long time for any text', () => {
  const startedAt = performance.now();
  expect(matchesWildcard(`${'*/'.repeat(12)}x`, '/'.repeat(60_000))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
