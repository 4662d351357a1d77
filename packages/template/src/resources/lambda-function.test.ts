import { expect, test } from 'vitest';
import { problemsOf, readText } from '../../test/read-text.ts';

const fn = (code: string, more = '') =>
  `Resources:\n  Fn: {Type: AWS::Lambda::Function, Properties: {Handler: index.handler, Runtime: nodejs22.x, Role: arn:aws:iam::1:role/r, Code: ${code}${more}}}\n`;

test.each([
  ['{ZipFile: "exports.handler = 1"}', { kind: 'inline', source: 'exports.handler = 1' }],
  ['src', { kind: 'directory', path: expect.stringMatching(/shop\/src$/) }],
  ['src/../code.zip', { kind: 'zip', path: expect.stringMatching(/shop\/code\.zip$/) }],
])('takes Code: %s', async (code, expected) => {
  const { functions } = await readText(fn(code), { files: { 'code.zip': 'PK' } });
  expect(functions[0]?.code).toEqual(expected);
});

test.each([
  [fn('{S3Bucket: b, S3Key: k}'), 'Code of Fn is not supported: code in a bucket is not fetched.'],
  [fn('{ImageUri: x}'), 'Code of Fn is not supported: container images are not run.'],
  [fn('src', ', MemorySize: 64'), 'MemorySize of Fn must be a whole number from 128 to 10240.'],
  [fn('src', ', Timeout: [1]'), 'Timeout of Fn must be text.'],
  [fn('src').replace('Handler: index.handler, ', ''), 'Fn has no Handler.'],
  [fn('src', ', LoggingConfig: {LogFormat: XML}'), 'LogFormat of Fn.LoggingConfig must be one of Text, JSON.'],
])('refuses %s', async (text, message) => {
  expect((await problemsOf(text)).join('\n')).toContain(message);
});

test('two functions of one name are named', async () => {
  const text = `${fn('src', ', FunctionName: Other')}  Other: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, Code: src}}\n`;
  expect(await problemsOf(text)).toContain('template.yaml:3:3: There are two resources for the function Other.');
});
