import { expect, test } from 'vitest';
import { readParameters } from './parameters.ts';
import { parseTemplate } from './parse-template.ts';
import { Problems } from './problems.ts';
import { plain } from './template-node.ts';

const top = { file: 't', line: 1, column: 1 };

function read(text: string, given: Record<string, string> = {}) {
  const problems = new Problems(false);
  const values = readParameters(parseTemplate(text, 't', problems), given, top, problems);
  return {
    values: Object.fromEntries([...values].map(([name, node]) => [name, plain(node)])),
    errors: problems.errors.map(({ line, message }) => `${line}: ${message}`),
  };
}

test('takes given values, else defaults', () => {
  const text =
    'A: {Type: String, Default: a}\nB: {Type: Number, Default: 5}\nC: {Type: CommaDelimitedList, Default: "x, y"}';
  expect(read(text, { A: 'given' })).toEqual({ values: { A: 'given', B: '5', C: ['x', 'y'] }, errors: [] });
});

test.each([
  ['A: {Type: String}', {}, '1: Parameter A has no value: it has no Default, and none was given.'],
  [
    'A: {Type: String, AllowedValues: [x, y]}',
    { A: 'z' },
    '1: Parameter A is "z", which its AllowedValues does not allow.',
  ],
  [
    'A: {Type: String, AllowedPattern: "[a-z]+"}',
    { A: 'Z' },
    '1: Parameter A is "Z", which its AllowedPattern does not allow.',
  ],
  ['A: {Type: Number, MaxValue: 3}', { A: '4' }, '1: Parameter A is "4", which its MaxValue does not allow.'],
  ['A: {Type: Number}', { A: 'four' }, '1: Parameter A is "four", which is no number.'],
  [
    'A: {Type: String, MinLength: 2, ConstraintDescription: two}',
    { A: 'x' },
    '1: Parameter A is "x", which its MinLength does not allow (two).',
  ],
  [
    'A: {Type: String, Default: a}',
    { B: 'b' },
    '1: A value was given for parameter B, which the template does not declare.',
  ],
])('refuses %s with %j', (text, given, message) => {
  expect(read(text, given).errors).toEqual([message]);
});

test('refuses types that only AWS can look up', () => {
  const { errors } = read('A: {Type: "AWS::SSM::Parameter::Value<String>", Default: /x}');
  expect(errors[0]).toContain('AWS::SSM::Parameter::Value<String>, which is not supported');
});
