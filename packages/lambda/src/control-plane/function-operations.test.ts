import { createHash } from 'node:crypto';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { AwsError, bodyOf } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { codeOf, creation, ROLE, startTestApi, type TestApi } from '../../test/test-api.ts';
import { until } from '../../test/test-lambda.ts';
import { zipOf } from '../../test/write-zip.ts';
import { SETTLE_MS } from './transition.ts';

let api: TestApi;
let client: LambdaClient;
const objects = new Map<string, Buffer>();
beforeEach(async () => {
  objects.clear();
  api = await startTestApi({
    readObject: async (bucketName, key) => {
      if (bucketName !== 'code') throw new AwsError('NoSuchBucket');
      const found = objects.get(key);
      if (found === undefined) throw new AwsError('NoSuchKey');
      return bodyOf(found);
    },
  });
  client = new LambdaClient(api.clientOptions);
});
afterEach(async () => {
  vi.useRealTimers();
  client.destroy();
  await api.close();
});

const create = (more = {}, source?: string) => client.send(new CreateFunctionCommand({ ...creation(source), ...more }));
const get = (FunctionName = 'f') => client.send(new GetFunctionCommand({ FunctionName }));
const invoked = async (FunctionName = 'f') => {
  const { Payload } = await client.send(new InvokeCommand({ FunctionName }));
  return JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown;
};
const refusal = (name: string, message: RegExp | string) =>
  expect.objectContaining({ name, message: typeof message === 'string' ? message : expect.stringMatching(message) });

test('a function is Pending, then Active with another revision, and runs', async () => {
  const zip = codeOf('exports.handler = () => "made";');
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const { $metadata, ...made } = await create({ Code: { ZipFile: zip } });
  expect($metadata.httpStatusCode).toBe(201);
  expect(made).toEqual({
    FunctionName: 'f',
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
    Runtime: 'nodejs20.x',
    Role: ROLE,
    Handler: 'index.handler',
    Description: '',
    Timeout: 3,
    MemorySize: 128,
    Architectures: ['x86_64'],
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/f' },
    CodeSize: zip.byteLength,
    CodeSha256: createHash('sha256').update(zip).digest('base64'),
    LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
    Version: '$LATEST',
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    PackageType: 'Zip',
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    RuntimeVersionConfig: { RuntimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:/) },
    State: 'Pending',
    StateReason: 'The function is being created.',
    StateReasonCode: 'Creating',
  });
  await expect(invoked()).rejects.toThrow(
    'The operation cannot be performed at this time. The function is currently in the following state: Pending',
  );
  vi.advanceTimersByTime(SETTLE_MS);
  vi.useRealTimers();
  await api.settled();
  const { Configuration, Code } = await get();
  expect(Configuration).toMatchObject({ State: 'Active', LastUpdateStatus: 'Successful' });
  expect(Configuration?.StateReason).toBeUndefined();
  expect(Configuration?.RevisionId).not.toBe(made.RevisionId);
  expect(Code?.RepositoryType).toBe('S3');
  const served = await fetch(Code?.Location ?? '');
  expect(Buffer.from(await served.arrayBuffer()).equals(zip)).toBe(true);
  expect(await invoked()).toBe('made');
});

test('the location of code opens with its signature only', async () => {
  await create();
  const { Code } = await get();
  const location = Code?.Location ?? '';
  await api.settled();
  for (const url of [`${location}0`, location.replace(/\/\d+\/(?=\w+$)/, '/9999999999999/')]) {
    expect(url).not.toBe(location);
    const response = await fetch(url);
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([403, 'AccessDeniedException']);
    await response.body?.cancel();
  }
  await client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  expect((await fetch(location)).status).toBe(404);
});

test('all that a function can be given is given back', async () => {
  const made = await create({
    Description: 'd',
    Timeout: 900,
    MemorySize: 1024,
    Environment: { Variables: { AA: 'b' } },
    Tags: { team: 'x' },
    Architectures: ['arm64'],
    EphemeralStorage: { Size: 1024 },
    LoggingConfig: { LogFormat: 'JSON', LogGroup: '/mine' },
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
    TracingConfig: { Mode: 'PassThrough' },
  });
  expect(made).toMatchObject({
    Description: 'd',
    Timeout: 900,
    MemorySize: 1024,
    Environment: { Variables: { AA: 'b' } },
    Architectures: ['arm64'],
    EphemeralStorage: { Size: 1024 },
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'INFO', LogGroup: '/mine' },
  });
  expect((await get()).Tags).toEqual({ team: 'x' });
});

describe('code comes from S3', () => {
  test('as it is there when it is asked for', async () => {
    objects.set('f.zip', codeOf('exports.handler = () => "from S3";'));
    await create({ Code: { S3Bucket: 'code', S3Key: 'f.zip' } });
    await api.settled();
    expect(await invoked()).toBe('from S3');
  });

  test.each([
    [{ S3Bucket: 'code', S3Key: 'none' }, 'NoSuchKey. S3 Error Message: The specified key does not exist.'],
    [{ S3Bucket: 'none', S3Key: 'f.zip' }, 'NoSuchBucket. S3 Error Message: The specified bucket does not exist'],
  ])('and what is not there is refused: %j', async (Code, message) => {
    await expect(create({ Code })).rejects.toEqual(
      refusal('InvalidParameterValueException', `Error occurred while GetObject. S3 Error Code: ${message}`),
    );
  });
});

const large = '0'.repeat(30_000_000);
describe('CreateFunction refuses', () => {
  test.each([
    [
      'a role that is none',
      { Role: 'r1' },
      'ValidationException',
      "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
    ],
    [
      'two errors at a time',
      { Timeout: 901, Description: 'x'.repeat(257) },
      'ValidationException',
      /^2 validation errors detected: .*'description'.*; Value '901' at 'timeout'/,
    ],
    [
      'two architectures',
      { Architectures: ['x86_64', 'arm64'] },
      'ValidationException',
      "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
    ],
    [
      'an unknown runtime',
      { Runtime: 'nodejs0.x' },
      'InvalidParameterValueException',
      /^Value nodejs0\.x at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[.*nodejs22\.x.*\] or be a valid ARN$/,
    ],
    [
      'a retired runtime',
      { Runtime: 'nodejs14.x' },
      'InvalidParameterValueException',
      /^The runtime parameter of nodejs14\.x is no longer supported/,
    ],
    [
      'a runtime that nothing here runs',
      { Runtime: 'java21' },
      'InvalidParameterValueException',
      /runtime java21 is not supported/,
    ],
    [
      'no handler',
      { Handler: undefined },
      'InvalidParameterValueException',
      /^Runtime and Handler are mandatory parameters/,
    ],
    [
      'what is no zip',
      { Code: { ZipFile: Buffer.from('no zip') } },
      'InvalidParameterValueException',
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    ],
    [
      'an empty zip',
      { Code: { ZipFile: zipOf() } },
      'InvalidParameterValueException',
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    ],
    ['no code', { Code: {} }, 'InvalidParameterValueException', 'Please provide a source for function code.'],
    [
      'an image',
      { Code: { ImageUri: 'x' } },
      'InvalidParameterValueException',
      'Spillway does not support ImageUri. Leave it out.',
    ],
    [
      'a zip over 50 MB',
      { Code: { ZipFile: Buffer.alloc(52_428_801) } },
      'RequestEntityTooLargeException',
      'Zipped size must be smaller than 52428800 bytes',
    ],
    [
      '250 MB of content',
      { Code: { ZipFile: zipOf(...Array.from({ length: 9 }, (_, n) => ({ name: `f${n}`, content: large }))) } },
      'InvalidParameterValueException',
      'Unzipped size must be smaller than 262144000 bytes',
    ],
    [
      'too large an environment',
      { Environment: { Variables: { AA: 'x'.repeat(4096) } } },
      'InvalidParameterValueException',
      /exceeded the 4KB limit\. String measured: \{"AA":"x+"\}$/,
    ],
    [
      'reserved variables',
      { Environment: { Variables: { AWS_REGION: 'x' } } },
      'InvalidParameterValueException',
      /Reserved keys used in this request: AWS_REGION$/,
    ],
    [
      'tracing',
      { TracingConfig: { Mode: 'Active' } },
      'InvalidParameterValueException',
      'Spillway does not support TracingConfig.Mode Active. Leave it out.',
    ],
    [
      'a VPC',
      { VpcConfig: { SubnetIds: ['subnet-1'] } },
      'InvalidParameterValueException',
      'Spillway does not support VpcConfig. Leave it out.',
    ],
  ])('%s', async (_, more, name, message) => {
    await expect(create(more)).rejects.toEqual(refusal(name, message));
    await expect(get()).rejects.toEqual(
      refusal('ResourceNotFoundException', 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:f'),
    );
  });

  test('a name that is taken, also by one that is just being made', async () => {
    const both = await Promise.allSettled([create(), create()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(create()).rejects.toEqual(refusal('ResourceConflictException', 'Function already exist: f'));
  });

  test('a request over its limit', async () => {
    const response = await fetch(`${api.url}/2015-03-31/functions`, { method: 'POST', body: ' '.repeat(70_167_212) });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({
      Type: 'User',
      Message: 'Request must be smaller than 70167211 bytes for the CreateFunction operation',
    });
  });
});

test('lists show functions page by page, without their state', async () => {
  for (const name of ['c', 'a', 'b']) await create({ FunctionName: name, Publish: name === 'a' });
  const first = await client.send(new ListFunctionsCommand({ MaxItems: 2 }));
  const second = await client.send(new ListFunctionsCommand({ MaxItems: 2, Marker: first.NextMarker }));
  const listed = [...(first.Functions ?? []), ...(second.Functions ?? [])];
  expect(listed.map(({ FunctionName }) => FunctionName)).toEqual(['a', 'b', 'c']);
  expect(second.NextMarker).toBeUndefined();
  for (const each of listed)
    expect(Object.keys(each).filter((key) => /State|Status|RuntimeVersion/.test(key))).toEqual([]);
  const all = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function';
  expect(all.Functions?.map(({ FunctionArn }) => FunctionArn)).toEqual([
    `${arn}:a:$LATEST`,
    `${arn}:a:1`,
    `${arn}:b:$LATEST`,
    `${arn}:c:$LATEST`,
  ]);
});

test('a deleted function is gone, and its name is free', async () => {
  await create();
  const { $metadata } = await client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  expect($metadata.httpStatusCode).toBe(204);
  await expect(get()).rejects.toEqual(refusal('ResourceNotFoundException', /^Function not found/));
  await expect(client.send(new DeleteFunctionCommand({ FunctionName: 'f' }))).rejects.toThrow('Function not found');
  await create({}, 'exports.handler = () => 2;');
  await api.settled();
  expect(await invoked()).toBe(2);
});

test('a deleted function takes its environments along', async () => {
  await create({ Timeout: 60 }, 'exports.handler = () => new Promise((r) => setTimeout(r, 60_000));');
  await api.settled();
  const running = client.send(new InvokeCommand({ FunctionName: 'f' }));
  await until(async () => (await api.lambda.logText().catch(() => '')).includes('START'));
  await client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  expect((await running).FunctionError).toBe('Unhandled');
});

test('a function of a template is read, and changed until the next start', async () => {
  await api.lambda.make('exports.handler = () => process.env.AA ?? "none";', { environment: {} });
  const { Configuration, Code } = await get();
  expect(Configuration).toMatchObject({ FunctionName: 'f', State: 'Active', Timeout: 10, MemorySize: 256 });
  const served = await fetch(Code?.Location ?? '');
  const zip = Buffer.from(await served.arrayBuffer());
  expect(createHash('sha256').update(zip).digest('base64')).toBe(Configuration?.CodeSha256);
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Environment: { Variables: { AA: 'set' } } }),
  );
  await api.settled();
  expect(await invoked()).toBe('set');
});

test('a qualifier in the name and another beside it are refused', async () => {
  await create();
  const asked = new GetFunctionConfigurationCommand({ FunctionName: 'f:1', Qualifier: '2' });
  await expect(client.send(asked)).rejects.toThrow(
    'The derived qualifier from the function name does not match the specified qualifier.',
  );
  const missing = new GetFunctionConfigurationCommand({ FunctionName: 'f', Qualifier: '2' });
  await expect(client.send(missing)).rejects.toThrow(
    'Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:2',
  );
});
