import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, ROLE, startTestApi, type TestApi } from '../../test/test-api.ts';
import { zipOf } from '../../test/write-zip.ts';

// The steps of a tutorial, one after the other, by the command that people type.

let api: TestApi;
let zip: string;
beforeAll(async () => {
  api = await startTestApi();
  zip = join(api.lambda.directory, 'f.zip');
  await writeFile(zip, codeOf('exports.handler = () => process.env.GREETING ?? require("l");'));
});
afterAll(() => api.close());

const f = ['--function-name', 'f'];
const invoke = async () => {
  const { payload } = await api.lambda.invoker.invoke({ functionName: 'f', payload: Buffer.from('{}') });
  return JSON.parse(Buffer.from(payload).toString()) as unknown;
};
const source = 'arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/download';

test('create-function, wait, get-function', { timeout: 60_000 }, async () => {
  const made = [
    '--runtime',
    'nodejs20.x',
    '--role',
    ROLE,
    '--handler',
    'index.handler',
    '--zip-file',
    `fileb://${zip}`,
  ];
  expect(await api.aws('create-function', ...f, ...made)).toMatchObject({ State: 'Pending' });
  await api.aws('wait', 'function-active-v2', ...f);
  expect(await api.aws('get-function', ...f)).toMatchObject({
    Configuration: { State: 'Active', LastUpdateStatus: 'Successful' },
    Code: { RepositoryType: 'S3' },
  });
  await expect(api.aws('create-function', ...f, ...made)).rejects.toThrow(
    'An error occurred (ResourceConflictException) when calling the CreateFunction operation: Function already exist: f',
  );
});

test('publish-layer-version, update-function-configuration, wait', { timeout: 60_000 }, async () => {
  const layer = join(api.lambda.directory, 'l.zip');
  await writeFile(layer, zipOf({ name: 'nodejs/node_modules/l.js', content: 'module.exports = "from the layer";' }));
  const content = ['--layer-name', 'l', '--zip-file', `fileb://${layer}`];
  const { LayerVersionArn } = (await api.aws('publish-layer-version', ...content)) as { LayerVersionArn: string };
  const settings = ['--timeout', '30', '--memory-size', '512', '--layers', LayerVersionArn];
  expect(await api.aws('update-function-configuration', ...f, ...settings)).toMatchObject({
    Timeout: 30,
    MemorySize: 512,
    LastUpdateStatus: 'InProgress',
  });
  await api.aws('wait', 'function-updated-v2', ...f);
  expect(await invoke()).toBe('from the layer');
  await api.aws('update-function-configuration', ...f, '--environment', 'Variables={GREETING=hello}');
  await api.aws('wait', 'function-updated-v2', ...f);
  expect(await invoke()).toBe('hello');
});

test('update-function-code, publish-version, create-alias', { timeout: 60_000 }, async () => {
  await api.aws('publish-version', ...f, '--description', 'first');
  await api.aws('wait', 'published-version-active', ...f, '--qualifier', '1');
  expect(await api.aws('create-alias', ...f, '--name', 'live', '--function-version', '1')).toMatchObject({
    AliasArn: 'arn:aws:lambda:us-east-1:000000000000:function:f:live',
  });
  await writeFile(zip, codeOf('exports.handler = () => "new";'));
  await api.aws('update-function-code', ...f, '--zip-file', `fileb://${zip}`);
  await api.aws('wait', 'function-updated-v2', ...f);
  expect(await invoke()).toBe('new');
});

test('add-permission, get-policy, remove-permission', { timeout: 60_000 }, async () => {
  const statement = ['--statement-id', 's', '--action', 'lambda:InvokeFunction'];
  const principal = ['--principal', 'apigateway.amazonaws.com', '--source-arn', source];
  await api.aws('add-permission', ...f, ...statement, ...principal);
  const { Policy } = (await api.aws('get-policy', ...f)) as { Policy: string };
  expect(JSON.parse(Policy).Statement).toMatchObject([
    { Sid: 's', Condition: { ArnLike: { 'AWS:SourceArn': source } } },
  ]);
  expect(await api.aws('remove-permission', ...f, '--statement-id', 's')).toBeUndefined();
});

test('tags, concurrency, lists, delete-function', { timeout: 60_000 }, async () => {
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
  await api.aws('tag-resource', '--resource', arn, '--tags', 'team=x');
  expect(await api.aws('list-tags', '--resource', arn)).toEqual({ Tags: { team: 'x' } });
  await api.aws('put-function-concurrency', ...f, '--reserved-concurrent-executions', '5');
  expect(await api.aws('list-functions', '--max-items', '10')).toMatchObject({ Functions: [{ FunctionName: 'f' }] });
  expect(await api.aws('list-layers')).toMatchObject({ Layers: [{ LayerName: 'l' }] });
  expect(
    await api.aws('get-layer-version-by-arn', '--arn', 'arn:aws:lambda:us-east-1:000000000000:layer:l:1'),
  ).toMatchObject({ Version: 1 });
  await api.aws('delete-function', ...f);
  await expect(api.aws('get-function', ...f)).rejects.toThrow(
    `An error occurred (ResourceNotFoundException) when calling the GetFunction operation: Function not found: ${arn}`,
  );
});
