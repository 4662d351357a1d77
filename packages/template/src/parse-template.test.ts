import { expect, test } from 'vitest';
import { parseTemplate } from './parse-template.ts';
import { Problems } from './problems.ts';
import { entryOf, plain, valueAt } from './template-node.ts';

function parse(text: string) {
  const problems = new Problems(false);
  return { node: parseTemplate(text, 't.yaml', problems), errors: problems.errors };
}

function parsed(text: string) {
  const { node, errors } = parse(text);
  expect(errors).toEqual([]);
  if (node === undefined) throw new Error('Nothing was read.');
  return node;
}

test('writes short forms out', () => {
  const node = parsed(`a: !Ref B\nb: !GetAtt C.Arn\nc: !Join ["", [!Sub "\${X}", y]]\nd: !Condition E\n`);
  expect(plain(node)).toEqual({
    a: { Ref: 'B' },
    b: { 'Fn::GetAtt': 'C.Arn' },
    c: { 'Fn::Join': ['', [{ 'Fn::Sub': `\${X}` }, 'y']] },
    d: { Condition: 'E' },
  });
});

test('knows the place of every key and value', () => {
  const node = parsed('Resources:\n  Fn:\n    Type: X\n');
  const fn = entryOf(valueAt(node, 'Resources'), 'Fn');
  expect(fn?.at).toEqual({ file: 't.yaml', line: 2, column: 3 });
  expect(valueAt(fn?.value, 'Type')?.at).toEqual({ file: 't.yaml', line: 3, column: 11 });
});

test('reads JSON with tabs, escapes and places', () => {
  const node = parsed('{\n\t"a": ["\\u65e5\\ud83d\\ude00", "b\\/c"],\n\t"n": 1e3\n}');
  expect(plain(node)).toEqual({ a: ['日😀', 'b/c'], n: 1000 });
  expect(entryOf(node, 'n')?.at).toMatchObject({ line: 3, column: 2 });
});

test('takes dates and times for text, and keeps every digit of a long number', () => {
  expect(plain(parsed('d: 2012-10-17\nt: 12:30\nn: 123456789012345678901\nb: yes\nc: y\n'))).toEqual({
    d: '2012-10-17',
    t: '12:30',
    n: '123456789012345678901',
    b: true,
    c: 'y',
  });
});

test('follows aliases and merge keys; the own key wins', () => {
  const node = parsed('x: &x {a: 1, b: 2}\ny: *x\nz:\n  <<: *x\n  b: 3\n');
  expect(plain(node)).toMatchObject({ y: { a: 1, b: 2 }, z: { a: 1, b: 3 } });
});

test('refuses aliases that grow without end', () => {
  const levels = Array.from(
    { length: 12 },
    (_, index) => `l${index + 1}: &l${index + 1} [${'*l'.concat(String(index), ', ').repeat(9)}]`,
  );
  const { errors } = parse(`l0: &l0 [x]\n${levels.join('\n')}\n`);
  expect(errors.some(({ message }) => /values/.test(message))).toBe(true);
});

test.each([
  ['a:\n  b: 1\n c: 2\n', 3],
  ['a: 1\na: 2\n', 2],
  ['{"a": [1, 2}', 1],
  ['a: "x\nb: y\n', 3],
])('names the place of a syntax error in %j', (text, line) => {
  const { node, errors } = parse(text);
  expect(node).toBeUndefined();
  expect(errors[0]).toMatchObject({ file: 't.yaml', line });
  expect(errors[0]?.column).toBeGreaterThan(0);
});

test('a lone dot is text, as in CodeUri: .', () => {
  expect(parse('CodeUri: .\nOther: .nan\n').node).toMatchObject({ kind: 'map' });
  expect(JSON.stringify(parse('CodeUri: .').node, (_, value) => (value instanceof Map ? [...value] : value))).toContain(
    '"."',
  );
});

test('says that JSON has no comments', () => {
  for (const comment of ['// mine', '/* mine */']) {
    const { errors } = parse(`{\n  ${comment}\n  "Resources": {"A": {"/x": 1, "//y": 2}}\n}`);
    expect(errors).toEqual([{ file: 't.yaml', line: 2, column: 3, message: 'JSON has no comments: remove this one.' }]);
  }
});

test.each(['\uFEFF', ''])('takes a byte order mark %j, Windows line ends and tabs in JSON', (mark) => {
  expect(plain(parsed(`${mark}a:\r\n  b: 1\r\nc: |\r\n  x\r\n  y\r\n`))).toEqual({ a: { b: 1 }, c: 'x\ny\n' });
  expect(plain(parsed(`${mark}{\r\n\t"a":"b\\/c",\r\n\t"d":[1,\r\n\t\t2]\r\n}\r\n`))).toEqual({ a: 'b/c', d: [1, 2] });
});
