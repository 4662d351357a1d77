import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishLayerVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { MemoryState, type StateStore } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, creation, startTestApi, type TestApi } from '../test/test-api.ts';
import { until } from '../test/test-lambda.ts';
import { zipOf } from '../test/write-zip.ts';

let directory: string;
let state: StateStore;
let api: TestApi | undefined;
let client: LambdaClient;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'spillway-functions-')));
  state = new MemoryState();
});
afterEach(async () => {
  await api?.close();
  api = undefined;
  await rm(directory, { recursive: true });
});

/** Starts Lambda on what an earlier one has left. */
async function start(): Promise<TestApi> {
  await api?.close();
  api = await startTestApi({ state, directory });
  client = new LambdaClient(api.clientOptions);
  return api;
}

const FunctionName = 'f';
const create = async (more = {}) => {
  await client.send(
    new CreateFunctionCommand({ ...creation('exports.handler = () => [1, process.env.AA];'), ...more }),
  );
  await api?.settled();
};
const invoke = async (name = FunctionName) => {
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: name }));
  return JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown;
};

describe('what the API makes', () => {
  test('is there after a restart, and runs', async () => {
    await start();
    const Content = { ZipFile: zipOf({ name: 'nodejs/node_modules/l.js', content: 'module.exports = "layer";' }) };
    const { LayerVersionArn = '' } = await client.send(new PublishLayerVersionCommand({ LayerName: 'l', Content }));
    await create({
      Publish: true,
      Layers: [LayerVersionArn],
      Environment: { Variables: { AA: 'a' } },
      Tags: { team: 'x' },
    });
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    await client.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 's',
        Action: 'lambda:*',
        Principal: '*',
        Qualifier: 'live',
      }),
    );
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 3 }));
    const ZipFile = codeOf('exports.handler = () => require("l");');
    await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    await api?.settled();
    const before = await client.send(new GetFunctionCommand({ FunctionName }));

    await start();
    const after = await client.send(new GetFunctionCommand({ FunctionName }));
    expect(after.Configuration).toEqual(before.Configuration);
    expect(after).toMatchObject({ Tags: { team: 'x' }, Concurrency: { ReservedConcurrentExecutions: 3 } });
    const { Policy } = await client.send(new GetPolicyCommand({ FunctionName, Qualifier: 'live' }));
    expect(JSON.parse(Policy ?? '').Statement).toHaveLength(1);
    expect(await invoke()).toBe('layer');
    expect(await invoke('f:live')).toEqual([1, 'a']);
  });

  test('settles when the process ended before it had', async () => {
    await start();
    await client.send(new CreateFunctionCommand(creation()));
    await start();
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName }));
    expect(Configuration).toMatchObject({ State: 'Active', LastUpdateStatus: 'Successful' });
    expect(await invoke()).toBe(1);
  });

  test('is gone for good when it was deleted', async () => {
    await start();
    await create();
    await client.send(new DeleteFunctionCommand({ FunctionName }));
    await start();
    expect((await client.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
  });

  test('counts as not made when its document was not kept', async () => {
    const refusing: StateStore = {
      table: <Value>(name: string) => ({
        ...state.table<Value>(name),
        write: () => Promise.reject(new Error('no space left')),
      }),
    };
    api = await startTestApi({ state: refusing, directory });
    client = new LambdaClient(api.clientOptions);
    await expect(client.send(new CreateFunctionCommand(creation()))).rejects.toMatchObject({
      name: 'ServiceException',
    });
    expect((await client.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
  });
});

test('code that nothing names is removed: at an update, and at the next start what a killed server left', async () => {
  await start();
  await create();
  const codeDirectory = join(directory, 'code');
  const [first] = await readdir(codeDirectory);
  await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: codeOf('exports.handler = () => 2;') }));
  await until(async () => !(await readdir(codeDirectory)).includes(first ?? ''));
  const [second, ...others] = await readdir(codeDirectory);
  expect(others).toEqual([]);
  await writeFile(join(codeDirectory, `${'0'.repeat(64)}.zip`), '');
  await writeFile(join(codeDirectory, 'half.tmp'), '');
  await start();
  expect(await readdir(codeDirectory)).toEqual([second]);
  expect(await invoke()).toBe(2);
});

describe("a template's function", () => {
  test('is not kept, and neither is what the API changes of it', async () => {
    const { lambda } = await start();
    await lambda.make('exports.handler = () => "template";');
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 3 }));
    await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: codeOf('exports.handler = () => 2;') }));
    await api?.settled();
    const again = await start();
    expect((await client.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
    await again.lambda.make('exports.handler = () => "template";');
    expect(await invoke()).toBe('template');
    const { Concurrency } = await client.send(new GetFunctionCommand({ FunctionName }));
    expect(Concurrency).toBeUndefined();
  });

  test('of the name of a kept one is refused, naming both and what to do', async () => {
    await start();
    await create();
    const { lambda } = await start();
    await expect(lambda.make('exports.handler = () => 1;')).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(
        /^Function f of the template has the name of a function that was made by the Lambda API .*aws lambda delete-function --function-name f.*FunctionName\.$/,
      ),
    });
  });

  test('that changed is read anew', async () => {
    const { lambda } = await start();
    await lambda.make('exports.handler = () => 1;');
    const sha256 = async () => (await client.send(new GetFunctionCommand({ FunctionName }))).Configuration?.CodeSha256;
    const before = await sha256();
    expect(await sha256()).toBe(before);
    await mkdir(join(lambda.directory, 'f/sub'));
    await writeFile(join(lambda.directory, 'f/sub/more.js'), '1');
    expect(await sha256()).not.toBe(before);
  });
});
