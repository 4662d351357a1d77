import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolve, type Scope } from './intrinsic-functions.ts';
import { parseTemplate } from './parse-template.ts';
import { Problems } from './problems.ts';
import { plain, scalarNode, type TemplateNode } from './template-node.ts';

const MAPPINGS = 'Regions: {eu-west-1: {name: Dublin, list: [a, b]}}';

function evaluate(text: string): { value: unknown; errors: string[] } {
  const problems = new Problems(false);
  const scope: Scope = {
    problems,
    mappings: parseTemplate(MAPPINGS, 't', problems),
    ref: (name, at) => (name === 'AWS::NoValue' ? undefined : scalarNode(at, `ref-${name}`)),
    getAtt: (logicalId, attribute, at) => scalarNode(at, `${logicalId}'s ${attribute}`),
    condition: (name) => name === 'IsOn',
    include: (location, at) => scalarNode(at, `included ${location}`),
  };
  const node: TemplateNode | undefined = parseTemplate(text, 't', problems);
  const value = node === undefined ? undefined : resolve(node, scope);
  return {
    value: value === undefined ? undefined : plain(value),
    errors: problems.errors.map(({ message }) => message),
  };
}

test.each([
  ['!Ref A', 'ref-A'],
  ['!GetAtt A.Arn', "A's Arn"],
  ['Fn::GetAtt: [A, B.C]', "A's B.C"],
  [`!Sub "\${A}/\${B.Arn}/\${!x}"`, `ref-A/B's Arn/\${x}`],
  [`!Sub ["\${A}-\${own}", {own: !Join ["+", [1, 2]]}]`, 'ref-A-1+2'],
  ['!Join ["-", [a, !Ref B, 3]]', 'a-ref-B-3'],
  ['!Split [",", "a,b,"]', ['a', 'b', '']],
  ['!Select [1, !Split [".", "a.b"]]', 'b'],
  ['!Select ["0", [x]]', 'x'],
  ['!If [IsOn, 1, 2]', 1],
  ['!If [IsOff, 1, {a: !Ref B}]', { a: 'ref-B' }],
  ['!FindInMap [Regions, eu-west-1, name]', 'Dublin'],
  ['!FindInMap [Regions, eu-west-1, list]', ['a', 'b']],
  ['!FindInMap [Regions, x, name, {DefaultValue: none}]', 'none'],
  ['!Base64 "héllo"', 'aMOpbGxv'],
  [`Fn::Base64: !Sub "\${A}"`, 'cmVmLUE='],
  ['!Length [a, b, c]', 3],
  ['!ToJsonString {a: [1, true, !Ref B]}', '{"a":[1,true,"ref-B"]}'],
  ['Fn::Transform: {Name: "AWS::Include", Parameters: {Location: a.yaml}}', 'included a.yaml'],
  ['{a: !Ref AWS::NoValue, b: [1, !Ref AWS::NoValue], c: !If [IsOff, 1, !Ref AWS::NoValue]}', { b: [1] }],
])('resolves %s', (text, value) => {
  expect(evaluate(text)).toEqual({ value, errors: [] });
});

test.each([
  ['!Join [",", text]', 'Fn::Join takes a delimiter and a list of texts.'],
  ['!Select [5, [a, b]]', 'Fn::Select cannot take item 5 of a list of 2.'],
  ['!FindInMap [Regions, mars, name]', 'Mappings hold nothing for Regions, mars, name.'],
  ['!If [IsOn, 1]', 'Fn::If takes a condition name and two values.'],
  ['!GetAtt A', 'Fn::GetAtt takes a logical ID and an attribute.'],
  [`!Sub ["\${x}", {x: [1]}]`, 'Variable x in Fn::Sub does not resolve to text.'],
  ['!ImportValue x', 'Fn::ImportValue is not supported: exports of other stacks are not shared. Use a parameter.'],
  ['!Cidr [a, b]', 'Fn::Cidr is not supported.'],
  ['a: {"Fn::ForEach::X": [], b: 1}', 'Fn::ForEach::X beside other keys is not supported.'],
  ['Fn::Transform: {Name: MyMacro}', 'Fn::Transform with MyMacro is not supported: macros run at AWS only.'],
])('names what is wrong with %s', (text, message) => {
  expect(evaluate(text).errors).toEqual([message]);
});

test('refuses dynamic references by name', () => {
  expect(evaluate(`!Sub "{{resolve:ssm:/a/\${B}}}"`).errors[0]).toContain('{{resolve:ssm:/a/ref-B}}');
});

test('Split undoes Join', () => {
  const piece = fc.stringMatching(/^[a-z ]{0,8}$/);
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1 }), (pieces) => {
      const text = JSON.stringify({ 'Fn::Split': ['|', { 'Fn::Join': ['|', pieces] }] });
      expect(evaluate(text)).toEqual({ value: pieces, errors: [] });
    }),
  );
});

test('Sub with a map puts each value in, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (left, right) => {
      fc.pre(!/\{\{resolve:/.test(`${left}-${right}`));
      const text = JSON.stringify({ 'Fn::Sub': [`\${l}-\${r}`, { l: left, r: right }] });
      expect(evaluate(text).value).toBe(`${left}-${right}`);
    }),
  );
});
