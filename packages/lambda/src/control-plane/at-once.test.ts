import {
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slowState } from '../../test/slow-state.ts';
import { creation, startTestApi, type TestApi } from '../../test/test-api.ts';

let api: TestApi;
let client: LambdaClient;
beforeEach(async () => {
  api = await startTestApi({ state: slowState() });
  client = new LambdaClient(api.clientOptions);
});
afterEach(async () => {
  client.destroy();
  await api.close();
});

const FunctionName = 'f';
const create = (name = FunctionName) => client.send(new CreateFunctionCommand(creation(undefined, name)));
const remove = () => client.send(new DeleteFunctionCommand({ FunctionName }));
const createUrl = () => client.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }));
const fulfilled = async (calls: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(calls)).filter(({ status }) => status === 'fulfilled').length;

test('of all who delete a function one does, and nobody what is made anew under its name', async () => {
  await create();
  const first = remove();
  const others = fulfilled([remove(), remove()]);
  await first;
  const made = fulfilled([create()]);
  expect(await others).toBe(0);
  if ((await made) === 0) await create();
  await expect(client.send(new GetFunctionCommand({ FunctionName }))).resolves.toBeDefined();
});

test('of two shares that are too much together one is refused', async () => {
  await Promise.all([create(), create('g')]);
  const put = (name: string) =>
    client.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 500 }));
  expect(await fulfilled([put('f'), put('g')])).toBe(1);
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  expect(AccountLimit?.UnreservedConcurrentExecutions).toBe(500);
});

test('a function has one function URL, whoever makes it', async () => {
  await create();
  expect(await fulfilled([createUrl(), createUrl()])).toBe(1);
});

test('a function that is deleted leaves no function URL to the next of its name', async () => {
  await create();
  await fulfilled([remove(), createUrl()]);
  await create();
  await expect(createUrl()).resolves.toBeDefined();
});
