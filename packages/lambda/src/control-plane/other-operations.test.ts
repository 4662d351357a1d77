import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionRecursionConfigCommand,
  GetFunctionScalingConfigCommand,
  GetRuntimeManagementConfigCommand,
  InvokeCommand,
  LambdaClient,
  ListProvisionedConcurrencyConfigsCommand,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { creation, startTestApi, type TestApi } from '../../test/test-api.ts';

let api: TestApi;
let client: LambdaClient;
beforeEach(async () => {
  api = await startTestApi();
  client = new LambdaClient(api.clientOptions);
  await client.send(new CreateFunctionCommand({ ...creation(), Publish: true }));
  await api.settled();
});
afterEach(async () => {
  client.destroy();
  await api.close();
});

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const FunctionName = 'f';

describe('reserved concurrency', () => {
  const put = (ReservedConcurrentExecutions: number) =>
    client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  const got = async () => {
    const { $metadata: _, ...answer } = await client.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    return answer;
  };
  const unreserved = async () => {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    return AccountLimit?.UnreservedConcurrentExecutions;
  };

  test('throttles at once, and no more when it was deleted', async () => {
    expect(await put(0)).toMatchObject({ ReservedConcurrentExecutions: 0 });
    await expect(client.send(new InvokeCommand({ FunctionName }))).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });
    expect(await got()).toEqual({ ReservedConcurrentExecutions: 0 });
    const { Concurrency } = await client.send(new GetFunctionCommand({ FunctionName }));
    expect(Concurrency).toEqual({ ReservedConcurrentExecutions: 0 });
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await got()).toEqual({});
    await expect(client.send(new InvokeCommand({ FunctionName }))).resolves.toBeDefined();
  });

  test('leaves 100 to the others', async () => {
    await put(900);
    expect(await unreserved()).toBe(100);
    await expect(put(901)).rejects.toThrow(
      "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    );
    await put(1);
    expect(await unreserved()).toBe(999);
    await expect(put(-1)).rejects.toThrow(/Member must have value greater than or equal to 0/);
  });
});

describe('tags', () => {
  const tagsOf = async () => (await client.send(new ListTagsCommand({ Resource: ARN }))).Tags;

  test('are added, changed and removed', async () => {
    await client.send(new TagResourceCommand({ Resource: ARN, Tags: { one: '1', 'a b': '2' } }));
    await client.send(new TagResourceCommand({ Resource: ARN, Tags: { one: '3', x: 'y' } }));
    expect(await tagsOf()).toEqual({ one: '3', 'a b': '2', x: 'y' });
    await client.send(new UntagResourceCommand({ Resource: ARN, TagKeys: ['a b', 'x', 'none'] }));
    expect(await tagsOf()).toEqual({ one: '3' });
  });

  test('are for functions that there are, without a qualifier', async () => {
    await expect(client.send(new ListTagsCommand({ Resource: `${ARN}:1` }))).rejects.toThrow(
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    );
    await expect(client.send(new ListTagsCommand({ Resource: `${ARN}g` }))).rejects.toThrow(
      `Function not found: ${ARN}g`,
    );
    const Tags = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, '']));
    await expect(client.send(new TagResourceCommand({ Resource: ARN, Tags }))).rejects.toThrow('Number of tags');
  });
});

test('settings that are always the same here can be read', async () => {
  const read = async (sent: Promise<{ readonly $metadata: unknown }>) => {
    const { $metadata: _, ...answer } = await sent;
    return answer;
  };
  expect(await read(client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName })))).toEqual({ FunctionName });
  expect(await read(client.send(new GetRuntimeManagementConfigCommand({ FunctionName })))).toEqual({
    UpdateRuntimeOn: 'Auto',
    FunctionArn: `${ARN}:$LATEST`,
    RuntimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:/),
  });
  expect(await read(client.send(new GetFunctionRecursionConfigCommand({ FunctionName })))).toEqual({
    RecursiveLoop: 'Terminate',
  });
  expect(await read(client.send(new GetFunctionScalingConfigCommand({ FunctionName, Qualifier: '1' })))).toEqual({
    FunctionArn: `${ARN}:1`,
  });
  const { AccountLimit, AccountUsage } = await client.send(new GetAccountSettingsCommand({}));
  expect(AccountLimit).toMatchObject({ ConcurrentExecutions: 1000, CodeSizeZipped: 52_428_800 });
  expect(AccountUsage).toMatchObject({ FunctionCount: 1 });
});

test('what is missing is refused by its name', async () => {
  const mapping = new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn: 'arn:aws:sqs:us-east-1:0:q' });
  await expect(client.send(mapping)).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: "Spillway does not support Lambda's operation CreateEventSourceMapping.",
  });
  const provisioned = new ListProvisionedConcurrencyConfigsCommand({ FunctionName });
  await expect(client.send(provisioned)).rejects.toThrow(/ProvisionedConcurrencyConfig/);
});
