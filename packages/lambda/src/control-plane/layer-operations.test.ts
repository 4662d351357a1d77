import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  GetFunctionConfigurationCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  InvokeCommand,
  LambdaClient,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { creation, startTestApi, type TestApi } from '../../test/test-api.ts';
import { zipOf } from '../../test/write-zip.ts';

let api: TestApi;
let client: LambdaClient;
beforeEach(async () => {
  api = await startTestApi();
  client = new LambdaClient(api.clientOptions);
});
afterEach(async () => {
  client.destroy();
  await api.close();
});

const ARN = 'arn:aws:lambda:us-east-1:000000000000:layer:l';
const contentOf = (value: string) =>
  zipOf({ name: 'nodejs/node_modules/l/index.js', content: `module.exports = '${value}';` });
const publish = (value = 'one', more = {}) =>
  client.send(new PublishLayerVersionCommand({ LayerName: 'l', Content: { ZipFile: contentOf(value) }, ...more }));
const create = async (...Layers: readonly string[]) => {
  const source = 'exports.handler = () => require("l");';
  const made = await client.send(new CreateFunctionCommand({ ...creation(source), Layers: [...Layers] }));
  await api.settled();
  return made;
};
const invoke = async () => {
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'f' }));
  return JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown;
};

test('a layer is published, read back and listed', async () => {
  const described = { Description: 'd', CompatibleRuntimes: ['nodejs20.x'] as const, LicenseInfo: 'MIT' };
  const { $metadata, ...made } = await publish('one', { ...described, CompatibleArchitectures: ['x86_64'] });
  const zip = contentOf('one');
  expect($metadata.httpStatusCode).toBe(201);
  expect(made).toEqual({
    Content: {
      Location: expect.stringMatching(/^http:\/\/127/),
      CodeSha256: createHash('sha256').update(zip).digest('base64'),
      CodeSize: zip.byteLength,
    },
    LayerArn: ARN,
    LayerVersionArn: `${ARN}:1`,
    ...described,
    CreatedDate: expect.stringMatching(/\+0000$/),
    Version: 1,
    CompatibleArchitectures: ['x86_64'],
  });
  const served = await fetch(made.Content?.Location ?? '');
  expect(Buffer.from(await served.arrayBuffer()).equals(zip)).toBe(true);
  expect((await publish('two')).LayerVersionArn).toBe(`${ARN}:2`);
  for (const LayerName of ['l', ARN]) {
    const got = await client.send(new GetLayerVersionCommand({ LayerName, VersionNumber: 1 }));
    expect(got).toMatchObject({ LayerVersionArn: `${ARN}:1`, Description: 'd', Content: { CodeSize: zip.byteLength } });
  }
  const byArn = await client.send(new GetLayerVersionByArnCommand({ Arn: `${ARN}:2` }));
  expect(byArn).toMatchObject({ Version: 2, Description: '' });
  const versions = await client.send(new ListLayerVersionsCommand({ LayerName: 'l' }));
  expect(versions.LayerVersions?.map(({ Version }) => Version)).toEqual([2, 1]);
  const matching = await client.send(new ListLayersCommand({ CompatibleRuntime: 'nodejs20.x' }));
  expect(matching.Layers).toEqual([
    { LayerName: 'l', LayerArn: ARN, LatestMatchingVersion: expect.objectContaining({ Version: 1 }) },
  ]);
  const unknown = await client.send(new ListLayerVersionsCommand({ LayerName: 'none' }));
  expect(unknown.LayerVersions).toEqual([]);
});

test('a function has its layers, deleted ones too, until nothing has them', async () => {
  await publish('one');
  await publish('two');
  const codeDirectory = join(api.lambda.directory, 'state/code');
  const { Layers } = await create(`${ARN}:1`);
  expect(Layers).toEqual([{ Arn: `${ARN}:1`, CodeSize: contentOf('one').byteLength }]);
  const { $metadata } = await client.send(new DeleteLayerVersionCommand({ LayerName: 'l', VersionNumber: 1 }));
  expect($metadata.httpStatusCode).toBe(204);
  const gone = new GetLayerVersionCommand({ LayerName: 'l', VersionNumber: 1 });
  await expect(client.send(gone)).rejects.toThrow('The resource you requested does not exist.');
  expect(await invoke()).toBe('one');
  expect(await readdir(codeDirectory)).toHaveLength(3);
  await client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  expect(await readdir(codeDirectory)).toHaveLength(1);
  expect((await publish('three')).Version).toBe(3);
});

test('the public layer of the web adapter needs no publishing', async () => {
  const arn = 'arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27';
  const made = await client.send(new CreateFunctionCommand({ ...creation(), Layers: [arn] }));
  expect(made.Layers).toEqual([{ Arn: arn, CodeSize: 0 }]);
  const { Layers } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'f' }));
  expect(Layers).toEqual([{ Arn: arn, CodeSize: 0 }]);
});

test('a function that cannot be made ready says why, and can be changed', async () => {
  const arn = 'arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27';
  await client.send(new CreateFunctionCommand({ ...creation(), Layers: [arn] }));
  const configuration = () => client.send(new GetFunctionConfigurationCommand({ FunctionName: 'f' }));
  while ((await configuration()).State === 'Pending');
  expect(await configuration()).toMatchObject({
    State: 'Failed',
    StateReason: expect.stringMatching(/there is nothing here to use for the layer/),
    StateReasonCode: 'InternalError',
  });
  await expect(invoke()).rejects.toThrow('currently in the following state: Failed');
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Layers: [] }));
  await api.settled();
  expect(await invoke()).toBe(1);
});

test.each([
  [
    ['arn:aws:lambda:us-east-1:000000000000:layer:none:1'],
    'Layer version arn:aws:lambda:us-east-1:000000000000:layer:none:1 does not exist.',
  ],
  [
    ['arn:aws:lambda:eu-west-1:000000000000:layer:l:1'],
    'Layers are not in the same region as the function. Layers are expected to be in region us-east-1.',
  ],
  [['arn:aws:lambda:us-east-1:111111111111:layer:l:1'], /belongs to another account/],
  [
    [`${ARN}:1`, `${ARN}:2`],
    `Two different versions of the same layer are not allowed to be referenced in the same function. ${ARN}:1 and ${ARN}:2 are versions of the same layer.`,
  ],
  [Array.from({ length: 6 }, (_, n) => `${ARN}${n}:1`), 'Cannot reference more than 5 layers.'],
  [['l:1'], /^1 validation error detected: Value 'l:1' at 'arn'/],
])('layers %j are refused', async (layers, message) => {
  await publish();
  await publish();
  await expect(create(...layers)).rejects.toThrow(message);
});

test('a layer needs a version above 0, and a zip', async () => {
  const zero = new GetLayerVersionCommand({ LayerName: 'l', VersionNumber: 0 });
  await expect(client.send(zero)).rejects.toThrow('Layer Version Cannot be less than 1');
  const none = publish('', { Content: { ZipFile: Buffer.from('x') } });
  await expect(none).rejects.toThrow('Could not unzip uploaded file.');
});
