import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { codeOf, creation, startTestApi, type TestApi } from '../../test/test-api.ts';
import { until } from '../../test/test-lambda.ts';
import { SETTLE_MS } from './transition.ts';

let api: TestApi;
let client: LambdaClient;
const reported: string[] = [];
beforeEach(async () => {
  reported.length = 0;
  api = await startTestApi({ report: (line) => reported.push(line) });
  client = new LambdaClient(api.clientOptions);
});
afterEach(async () => {
  vi.useRealTimers();
  client.destroy();
  await api.close();
});

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const FunctionName = 'f';
const source = (value: unknown) => `exports.handler = () => ${JSON.stringify(value)};`;
const create = async (value: unknown = 1, more = {}) => {
  const made = await client.send(new CreateFunctionCommand({ ...creation(source(value)), ...more }));
  await api.settled();
  return made;
};
const upload = (value: unknown, more = {}) =>
  client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: codeOf(source(value)), ...more }));
const configure = (more: object) => client.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...more }));
const current = () => client.send(new GetFunctionConfigurationCommand({ FunctionName }));
const publish = (more = {}) => client.send(new PublishVersionCommand({ FunctionName, ...more }));
const invoke = async (name = 'f') => {
  const { Payload, ExecutedVersion } = await client.send(new InvokeCommand({ FunctionName: name }));
  return [JSON.parse(Buffer.from(Payload ?? []).toString()), ExecutedVersion];
};

describe('UpdateFunctionCode', () => {
  test('serves the new code once it has settled, and has another revision at each step', async () => {
    await create('old');
    const before = await current();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const updated = await upload('new');
    expect(updated).toMatchObject({
      State: 'Active',
      LastUpdateStatus: 'InProgress',
      LastUpdateStatusReason: 'The function is being created.',
      LastUpdateStatusReasonCode: 'Creating',
    });
    expect(await invoke()).toEqual(['old', '$LATEST']);
    vi.advanceTimersByTime(SETTLE_MS);
    vi.useRealTimers();
    await api.settled();
    expect(await invoke()).toEqual(['new', '$LATEST']);
    const after = await current();
    expect(after.CodeSha256).toBe(updated.CodeSha256);
    expect(new Set([before, updated, after].map(({ RevisionId }) => RevisionId)).size).toBe(3);
  });

  test('lets an invocation that runs come to its end', async () => {
    await client.send(
      new CreateFunctionCommand(
        creation('exports.handler = async () => { await new Promise((r) => setTimeout(r, 600)); return "old"; };'),
      ),
    );
    await api.settled();
    const running = invoke();
    await until(async () => (await api.lambda.logText().catch(() => '')).includes('START'));
    await upload('new');
    await api.settled();
    expect(await invoke()).toEqual(['new', '$LATEST']);
    expect(await running).toEqual(['old', '$LATEST']);
  });

  test('does not keep the server from stopping while an invocation of the old code runs', async () => {
    const slow = 'exports.handler = () => new Promise((r) => setTimeout(r, 60_000));';
    await client.send(new CreateFunctionCommand({ ...creation(slow), Timeout: 60 }));
    await api.settled();
    const running = invoke().catch((error: unknown) => error);
    await until(async () => (await api.lambda.logText().catch(() => '')).includes('START'));
    await upload('new');
    await api.settled();
    client.destroy();
    await api.close();
    api = await startTestApi();
    expect(await running).toBeInstanceOf(Error);
  });

  test('is refused while another update goes on, and by an old revision', async () => {
    const { RevisionId } = await create();
    await expect(upload(2, { RevisionId })).rejects.toMatchObject({
      name: 'PreconditionFailedException',
      $metadata: { httpStatusCode: 412 },
      message:
        'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    });
    const { RevisionId: latest } = await current();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await upload(2, { RevisionId: latest });
    await expect(upload(3)).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message: `The operation cannot be performed at this time. An update is in progress for resource: ${ARN}`,
    });
    await expect(configure({ Timeout: 5 })).rejects.toThrow('An update is in progress');
    await expect(publish()).rejects.toThrow('An update is in progress');
    vi.advanceTimersByTime(SETTLE_MS);
    vi.useRealTimers();
    await api.settled();
    expect(await invoke()).toEqual([2, '$LATEST']);
  });

  test('of a dry run changes nothing', async () => {
    const made = await create();
    const settled = await current();
    const { CodeSha256 } = await upload(2, { DryRun: true });
    expect(CodeSha256).not.toBe(made.CodeSha256);
    expect(await current()).toMatchObject({ CodeSha256: made.CodeSha256, RevisionId: settled.RevisionId });
  });

  test('publishes when it is asked to', async () => {
    await create();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const version = await upload(2, { Publish: true });
    expect(version).toMatchObject({ Version: '1', FunctionArn: `${ARN}:1`, State: 'Pending' });
    expect(version.LastUpdateStatus).toBeUndefined();
    const latest = new GetFunctionConfigurationCommand({ FunctionName, Qualifier: '$LATEST' });
    expect(await client.send(latest)).toMatchObject({
      FunctionArn: `${ARN}:$LATEST`,
      State: 'Active',
      LastUpdateStatus: 'InProgress',
    });
    await expect(invoke('f:1')).rejects.toThrow('currently in the following state: Pending');
    vi.advanceTimersByTime(SETTLE_MS);
    vi.useRealTimers();
    await api.settled();
    expect(await invoke('f:1')).toEqual([2, '1']);
  });

  test("takes a template's function from its directory, and says so", async () => {
    await api.lambda.make(source('template'));
    expect(await invoke()).toEqual(['template', '$LATEST']);
    await upload('uploaded');
    await api.settled();
    expect(await invoke()).toEqual(['uploaded', '$LATEST']);
    expect(reported.join('\n')).toMatch(
      /Function f: from now until the next start its code is the zip that was uploaded/,
    );
  });

  test('is for functions, not for versions', async () => {
    await create(1, { Publish: true });
    const versioned = new UpdateFunctionCodeCommand({ FunctionName: 'f:1', ZipFile: codeOf(source(2)) });
    await expect(client.send(versioned)).rejects.toThrow('This operation is permitted on Lambda functions only.');
  });
});

describe('UpdateFunctionConfiguration', () => {
  test('changes what it names and leaves the rest', async () => {
    await create(1, { Description: 'd', Environment: { Variables: { AA: 'x' } } });
    await configure({ Timeout: 7, MemorySize: 256, Handler: 'index.other', Environment: { Variables: {} } });
    await api.settled();
    expect(await current()).toMatchObject({
      Timeout: 7,
      MemorySize: 256,
      Handler: 'index.other',
      Description: 'd',
      Environment: { Variables: {} },
    });
  });

  test('that changes nothing has a new revision all the same', async () => {
    await create();
    const before = await current();
    await configure({});
    await api.settled();
    expect((await current()).RevisionId).not.toBe(before.RevisionId);
  });

  test('that fails changes nothing', async () => {
    await create();
    const before = await current();
    await expect(configure({ Timeout: 0 })).rejects.toThrow('Member must have value greater than or equal to 1');
    await expect(configure({ Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:l:1'] })).rejects.toThrow(
      'Layer version arn:aws:lambda:us-east-1:000000000000:layer:l:1 does not exist.',
    );
    expect((await current()).RevisionId).toBe(before.RevisionId);
  });
});

test("the SDK's waiters see each state come", async () => {
  const waiter = { client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.1 };
  await client.send(new CreateFunctionCommand(creation()));
  expect((await waitUntilFunctionActiveV2(waiter, { FunctionName })).state).toBe('SUCCESS');
  const startedAtMs = performance.now();
  await configure({ Timeout: 5 });
  expect((await waitUntilFunctionUpdatedV2(waiter, { FunctionName })).state).toBe('SUCCESS');
  expect(performance.now() - startedAtMs).toBeLessThan(1000);
  await publish();
  const version = { FunctionName, Qualifier: '1' };
  expect((await waitUntilPublishedVersionActive(waiter, version)).state).toBe('SUCCESS');
});

describe('a version', () => {
  test('keeps its code and settings, and tells its number', async () => {
    const variables = `exports.handler = () => [process.env.AA, process.env.AWS_LAMBDA_FUNCTION_VERSION, process.env.AWS_LAMBDA_LOG_STREAM_NAME];`;
    const made = { ...creation(variables), Environment: { Variables: { AA: 'one' } } };
    await client.send(new CreateFunctionCommand(made));
    await api.settled();
    expect(await publish({ Description: 'first' })).toMatchObject({
      Version: '1',
      FunctionArn: `${ARN}:1`,
      Description: 'first',
      State: 'Active',
      LastUpdateStatus: 'Successful',
    });
    await configure({ Environment: { Variables: { AA: 'two' } } });
    await api.settled();
    await publish();
    await upload('other');
    await api.settled();
    const [one, executed] = await invoke('f:1');
    expect(one).toEqual(['one', '1', expect.stringMatching(/\/\[1\][0-9a-f]{32}$/)]);
    expect(executed).toBe('1');
    expect((await invoke(`${ARN}:2`))[0]).toEqual(['two', '2', expect.any(String)]);
    expect(await invoke()).toEqual(['other', '$LATEST']);
    const listed = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(listed.Versions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
    expect(await api.lambda.logText()).toMatch(/START RequestId: \S+ Version: 1\n/);
  });

  test('is the last one while nothing has changed', async () => {
    await create();
    expect((await publish()).Version).toBe('1');
    expect((await publish()).Version).toBe('1');
    await configure({ Timeout: 9 });
    await api.settled();
    expect((await publish()).Version).toBe('2');
  });

  test("of a template's function keeps a copy of its code", async () => {
    await api.lambda.make(source('template'));
    await publish();
    await upload('uploaded');
    await api.settled();
    expect(await invoke('f:1')).toEqual(['template', '1']);
  });

  test('is published of the code that the caller knows only', async () => {
    const { CodeSha256 } = await create();
    await expect(publish({ CodeSha256: 'x' })).rejects.toThrow(
      `CodeSHA256 (x) is different from current CodeSHA256 in $LATEST (${CodeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  });

  test('is deleted alone, and its number is not given out again', async () => {
    await create(1, { Publish: true });
    await client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '1' }));
    await expect(invoke('f:1')).rejects.toThrow(`Function not found: ${ARN}:1`);
    await expect(client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '$LATEST' }))).rejects.toThrow(
      '$LATEST version cannot be deleted without deleting the function.',
    );
    expect(await invoke()).toEqual([1, '$LATEST']);
    expect((await publish()).Version).toBe('2');
  });
});

describe('an alias', () => {
  const alias = { FunctionName, Name: 'live' };

  test('leads to its version, and to another after it was changed', async () => {
    await create('one', { Publish: true });
    const made = await client.send(new CreateAliasCommand({ ...alias, FunctionVersion: '1' }));
    expect(made).toMatchObject({ AliasArn: `${ARN}:live`, Name: 'live', FunctionVersion: '1', Description: '' });
    await upload('two', { Publish: true });
    await api.settled();
    expect(await invoke('f:live')).toEqual(['one', '1']);
    const { RevisionId } = made;
    const changed = await client.send(
      new UpdateAliasCommand({ ...alias, FunctionVersion: '2', Description: 'd', RevisionId }),
    );
    expect(changed).toMatchObject({ FunctionVersion: '2', Description: 'd' });
    expect(changed.RevisionId).not.toBe(RevisionId);
    expect(await invoke('f:live')).toEqual(['two', '2']);
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName, Qualifier: 'live' }));
    expect(Configuration).toMatchObject({ Version: '2', FunctionArn: `${ARN}:live` });
    await expect(client.send(new UpdateAliasCommand({ ...alias, RevisionId }))).rejects.toThrow('Revision Id provided');
    await expect(client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '2' }))).rejects.toThrow(
      'Unable to delete version because the following aliases reference it: [live]',
    );
    expect((await client.send(new ListAliasesCommand({ FunctionName }))).Aliases).toEqual([
      expect.objectContaining({ Name: 'live', FunctionVersion: '2' }),
    ]);
    await client.send(new DeleteAliasCommand(alias));
    await expect(invoke('f:live')).rejects.toThrow(`Function not found: ${ARN}:live`);
  });

  test('is refused as AWS refuses it', async () => {
    await create(1, { Publish: true });
    await client.send(new CreateAliasCommand({ ...alias, FunctionVersion: '1' }));
    const again = client.send(new CreateAliasCommand({ ...alias, FunctionVersion: '1' }));
    await expect(again).rejects.toThrow(`Alias already exists: ${ARN}:live`);
    const missing = { FunctionName, Name: 'none' };
    await expect(client.send(new GetAliasCommand(missing))).rejects.toThrow(`Cannot find alias arn: ${ARN}:none`);
    await expect(client.send(new UpdateAliasCommand(missing))).rejects.toThrow(`Alias not found: ${ARN}:none`);
    const unknown = new CreateAliasCommand({ ...missing, FunctionVersion: '7' });
    await expect(client.send(unknown)).rejects.toThrow(`Function not found: ${ARN}:7`);
    const number = new CreateAliasCommand({ FunctionName, Name: '5', FunctionVersion: '1' });
    await expect(client.send(number)).rejects.toThrow(/'5' at 'name' failed to satisfy constraint/);
    const RoutingConfig = { AdditionalVersionWeights: { 1: 0.5 } };
    const routed = new CreateAliasCommand({ ...missing, FunctionVersion: '1', RoutingConfig });
    await expect(client.send(routed)).rejects.toThrow('does not support RoutingConfig.AdditionalVersionWeights');
  });
});
