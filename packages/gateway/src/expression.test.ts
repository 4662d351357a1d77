import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExpression, MATCH_TIMEOUT_MS, matchesWhole } from './expression.ts';

test.each([
  ['Bearer \\w+', 'Bearer x', true],
  ['Bearer \\w+', 'xBearer x', false],
  ['Bearer \\w+', 'Bearer x!', false],
  ['a|b', 'b', true],
  ['a|b', 'ab', false],
  ['^x-[a-z]+$', 'x-y', true],
  ['[^]{3,}?', 'a\nb', true],
  ['a\\', 'a', SyntaxError],
  ['(?=.*\\d)(?=.*[a-z]).{4,}', 'abc1', true],
  ['(\\w+)-\\1', 'ab-ab', true],
  ['[^.]+\\.[^.]+\\.[^.]*', 'a.b.', true],
  ['[^.]+\\.[^.]+\\.[^.]*', 'a.b', false],
])('%s against %s: %s', (expression, text, expected) => {
  if (typeof expected === 'boolean') expect(matchesWhole(expression, text)).toBe(expected);
  else expect(() => matchesWhole(expression, text)).toThrow(expected);
});

test.each(['^(a+)+$', '(?:a|a)*b', '(.*)*\\1x', '(?:a?){40}a{40}b', 'a*a*a*a*a*a*a*b'])(
  '%s is given up',
  (expression) => {
    const startedAt = performance.now();
    expect(matchesWhole(expression, `${'a'.repeat(500)}!`)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(MATCH_TIMEOUT_MS * 20);
    expect(matchesWhole(expression, 'b!')).toBe(false);
  },
);

test('one repetition is never given up, however long the text is', () => {
  const ends = ['!', 'a!', ''];
  for (const expression of ['a+', 'Bearer [-\\w.]*', '.*x', '[a\\]]{2,}?b', '\\w+\\.']) {
    for (const end of ends) expect(matchesWhole(expression, `${'a'.repeat(100_000)}${end}`)).toBeTypeOf('boolean');
  }
});

test('says what JavaScript says, whichever way it is matched', () => {
  const part = fc.constantFrom(
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    '\\w',
    'a*',
    'b+?',
    'a?',
    'a{1,2}',
    '(a|b)',
    '(a)*',
    '|',
    '(?!b)',
  );
  const expressions = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(expressions, fc.string({ unit: fc.constantFrom('a', 'b', '!'), maxLength: 6 }), (expression, text) => {
      expect(matchesWhole(expression, text)).toBe(new RegExp(`^(?:${expression})$`).test(text));
    }),
  );
});

test('what is no expression', () => {
  expect(['a+', '', '(?<n>a)'].map(isExpression)).toEqual([true, true, true]);
  expect(['(', '[a', '(?<n>', 'a++'].map(isExpression)).toEqual([false, false, false, false]);
});
