import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSubstitution, type SubstitutionPart } from './substitution.ts';

test('splits text and variables', () => {
  expect(parseSubstitution(`a-\${AWS::Region}-\${Fn.Arn}`)).toEqual([
    { kind: 'text', text: 'a-' },
    { kind: 'variable', name: 'AWS::Region' },
    { kind: 'text', text: '-' },
    { kind: 'variable', name: 'Fn.Arn' },
  ]);
});

test(`takes \${!x} for the text \${x}`, () => {
  expect(parseSubstitution(`\${!stageVariables.fn}`)).toEqual([{ kind: 'text', text: `\${stageVariables.fn}` }]);
});

test('leaves text without variables alone, whatever dollars and braces it holds', () => {
  const text = fc.string().filter((value) => !/\$\{[^${}]*\}/.test(value));
  fc.assert(
    fc.property(text, (value) => {
      expect(parseSubstitution(value)).toEqual(value === '' ? [] : [{ kind: 'text', text: value }]);
    }),
  );
});

test('reads back what it was made of', () => {
  const plainText = fc.stringMatching(/^[a-z/:.-]{1,10}$/);
  const part: fc.Arbitrary<SubstitutionPart> = fc.oneof(
    plainText.map((text) => ({ kind: 'text', text }) as const),
    fc.stringMatching(/^[A-Z][A-Za-z0-9.]{0,10}$/).map((name) => ({ kind: 'variable', name }) as const),
  );
  const isMerged = (parts: readonly SubstitutionPart[]) =>
    parts.every(({ kind }, index) => kind === 'variable' || parts[index - 1]?.kind !== 'text');
  fc.assert(
    fc.property(fc.array(part).filter(isMerged), (parts) => {
      const template = parts.map((item) => (item.kind === 'text' ? item.text : `\${${item.name}}`)).join('');
      expect(parseSubstitution(template)).toEqual(parts);
    }),
  );
});
