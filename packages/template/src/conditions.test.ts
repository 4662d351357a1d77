import { expect, test } from 'vitest';
import { Conditions } from './conditions.ts';
import type { Scope } from './intrinsic-functions.ts';
import { parseTemplate } from './parse-template.ts';
import { Problems } from './problems.ts';
import { scalarNode } from './template-node.ts';

function evaluate(text: string, name: string) {
  const problems = new Problems(false);
  const conditions = new Conditions(parseTemplate(text, 't', problems));
  const scope: Scope = {
    problems,
    mappings: undefined,
    ref: (_name, at) => scalarNode(at, 'prod'),
    getAtt: (_logicalId, _attribute, at) => scalarNode(at, ''),
    condition: (other, at) => conditions.isTrue(other, at, scope),
    include: (_location, at) => scalarNode(at, ''),
  };
  const value = conditions.isTrue(name, { file: 't', line: 1, column: 1 }, scope);
  return { value, errors: problems.errors.map(({ message }) => message) };
}

const TEXT = `
IsProd: !Equals [!Ref Stage, prod]
IsTest: !Equals [!Ref Stage, test]
Not: !Not [!Condition IsProd]
And: !And [!Condition IsProd, !Not [!Condition IsTest]]
Or: !Or [!Condition IsTest, !Equals [1, "1"]]
Loop: !Not [!Condition Loop]
Wrong: !Sub x
`;

test.each([
  ['IsProd', true],
  ['IsTest', false],
  ['Not', false],
  ['And', true],
  ['Or', true],
])('%s is %s', (name, value) => {
  expect(evaluate(TEXT, name)).toEqual({ value, errors: [] });
});

test.each([
  ['Loop', 'Condition Loop refers to itself.'],
  ['Missing', 'Condition Missing is not among the Conditions.'],
  ['Wrong', 'A condition is one of Fn::Equals (two values), Fn::And, Fn::Or, Fn::Not and Condition.'],
])('names what is wrong with %s', (name, message) => {
  expect(evaluate(TEXT, name).errors).toEqual([message]);
});
