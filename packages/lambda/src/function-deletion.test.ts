import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListFunctionUrlConfigsCommand,
} from '@aws-sdk/client-lambda';
import { MemoryState, type StateStore } from '@spillway/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { killedState } from '../test/killed-state.ts';
import { creation, startTestApi, type TestApi } from '../test/test-api.ts';

let directory: string;
let state: StateStore;
let api: TestApi | undefined;
let client: LambdaClient;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'spillway-deletion-')));
  state = new MemoryState();
  await start();
  await client.send(new CreateFunctionCommand({ ...creation(), Publish: true }));
  await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
  for (const url of [{}, { Qualifier: 'live' }]) await createUrl(url);
});
afterEach(async () => {
  await api?.close();
  api = undefined;
  await rm(directory, { recursive: true });
});

async function start(store: StateStore = state): Promise<void> {
  await api?.close();
  api = await startTestApi({ state: store, directory });
  client = new LambdaClient(api.clientOptions);
}

const FunctionName = 'f';
const createUrl = (more: object) =>
  client.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...more }));
const urls = async () =>
  (await client.send(new ListFunctionUrlConfigsCommand({ FunctionName }))).FunctionUrlConfigs ?? [];
const hasFunction = async () => (await client.send(new ListFunctionsCommand({}))).Functions?.length === 1;

test.each([0, 1, 2, 3, 4])(
  'of a function and its URLs all go or none, if the server dies after %i writes',
  async (writes) => {
    await start(killedState(state, writes));
    const isAnswered = await client.send(new DeleteFunctionCommand({ FunctionName })).then(
      () => true,
      () => false,
    );
    await start();
    if (await hasFunction()) {
      expect([isAnswered, writes]).toEqual([false, 0]);
      expect(await urls()).toHaveLength(2);
      await client.send(new DeleteFunctionCommand({ FunctionName }));
    }
    await start();
    expect(await hasFunction()).toBe(false);
    for (const table of ['lambda-functions', 'lambda-function-urls'])
      expect([...state.table(table).entries()]).toEqual([]);
    await client.send(new CreateFunctionCommand(creation()));
    expect(await urls()).toEqual([]);
  },
);

test.each([0, 1, 2])('of an alias and its URL both go or none, if the server dies after %i writes', async (writes) => {
  await start(killedState(state, writes));
  const deleting = client.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
  await deleting.catch(() => {});
  await start();
  const { Aliases = [] } = await client.send(new ListAliasesCommand({ FunctionName }));
  expect(Aliases).toHaveLength(writes === 0 ? 1 : 0);
  expect(await urls()).toHaveLength(Aliases.length + 1);
});

test('a deletion that the disk refuses leaves all as it was', async () => {
  await start(killedState(state, 0));
  await expect(client.send(new DeleteFunctionCommand({ FunctionName }))).rejects.toMatchObject({
    name: 'ServiceException',
  });
  expect([await hasFunction(), (await urls()).length]).toEqual([true, 2]);
});

test('a deletion whose last trace the disk keeps is one all the same', async () => {
  await start(killedState(state, 2));
  await client.send(new DeleteFunctionCommand({ FunctionName }));
  expect(await hasFunction()).toBe(false);
  await start();
  expect([await hasFunction(), [...state.table('lambda-functions').entries()]]).toEqual([false, []]);
});

test("a template's function finds the URLs that the API made of it at an earlier start", async () => {
  await client.send(new DeleteFunctionCommand({ FunctionName }));
  await api?.lambda.make('exports.handler = () => 1;');
  await createUrl({});
  await start();
  await api?.lambda.make('exports.handler = () => 1;');
  expect(await urls()).toHaveLength(1);
});
