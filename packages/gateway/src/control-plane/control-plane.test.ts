import {
  CreateApiKeyCommand,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  GetApiKeyCommand,
  GetIntegrationCommand,
  GetRestApiCommand,
  GetRestApisCommand,
  GetStagesCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  UpdateIntegrationCommand,
} from '@aws-sdk/client-api-gateway';
import { MemoryState, type StateStore } from '@spillway/wire';
import { afterEach, expect, test } from 'vitest';
import {
  invocations,
  refusal,
  type StartedControlPlane,
  startedControlPlane,
  streamingInvocations,
} from '../../test/started-control-plane.ts';
import { API_ID, lambda, restApiOf } from '../testing/served-gateway.ts';

const running: StartedControlPlane[] = [];
const functions = { f: { result: () => ({ body: 'f' }) } };
async function start(state: StateStore = new MemoryState()): Promise<StartedControlPlane> {
  const plane = await startedControlPlane({ functions, state });
  running.push(plane);
  return plane;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((plane) => plane.close()));
});

test('what the API made is there after a restart, deployments and stages included', async () => {
  const state = new MemoryState();
  const { client } = await start(state);
  const { id: restApiId, rootResourceId } = await client.send(new CreateRestApiCommand({ name: 'kept' }));
  const at = { restApiId, resourceId: rootResourceId, httpMethod: 'GET' };
  await client.send(new PutMethodCommand({ ...at, authorizationType: 'NONE' }));
  const proxy = { ...at, type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: invocations('f') } as const;
  await client.send(new PutIntegrationCommand(proxy));
  await client.send(new CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const { id: apiKey, value } = await client.send(new CreateApiKeyCommand({ name: 'k' }));

  const again = await start(state);
  expect(await again.invoke(`/${restApiId}/prod/`)).toEqual([200, 'f']);
  expect(await again.client.send(new GetIntegrationCommand(at))).toMatchObject({ uri: invocations('f') });
  expect(await again.client.send(new GetApiKeyCommand({ apiKey, includeValue: true }))).toMatchObject({ value });
});

test('what a template made is read back and edited, and is not kept', async () => {
  const state = new MemoryState();
  const { gateway, client, invoke } = await start(state);
  gateway.putRestApi(restApiOf({ 'GET /x': lambda('f') }));
  gateway.createDeployment(API_ID, { stageName: 'v1', variables: { a: 'b' }, loggingLevel: 'INFO' });
  const { items = [] } = await client.send(new GetRestApisCommand({}));
  expect(items).toMatchObject([{ id: API_ID, name: 'test-api' }]);
  const { item: stages } = await client.send(new GetStagesCommand({ restApiId: API_ID }));
  expect(stages).toMatchObject([{ stageName: 'v1', methodSettings: { '*/*': { loggingLevel: 'INFO' } } }]);
  const at = { restApiId: API_ID, resourceId: 'res0', httpMethod: 'GET' };
  const patchOperations = [{ op: 'replace', path: '/uri', value: invocations('g') } as const];
  await client.send(new UpdateIntegrationCommand({ ...at, patchOperations }));
  expect(await invoke(`/${API_ID}/v1/x`)).toEqual([200, 'f']);
  await client.send(new CreateDeploymentCommand({ restApiId: API_ID, stageName: 'v1' }));
  expect((await invoke(`/${API_ID}/v1/x`))[0]).toBe(500);
  expect([...state.table('apigateway').entries()]).toEqual([]);
  const again = await start(state);
  expect(await refusal(again.client.send(new GetRestApiCommand({ restApiId: API_ID })))).toContain('404');
});

test('writes that come at once see one another', async () => {
  const { client } = await start();
  const { id: restApiId, rootResourceId: parentId } = await client.send(new CreateRestApiCommand({ name: 'busy' }));
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      client.send(new CreateResourceCommand({ restApiId, parentId, pathPart: `p${index % 4}` })),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
});

test('a state that cannot be written is an error, and nothing is changed', async () => {
  const state = new MemoryState();
  const { client, reports } = await start({
    table: <Value>(name: string) => ({
      ...state.table<Value>(name),
      write: () => Promise.reject(new Error('disk full')),
    }),
  });
  expect(await refusal(client.send(new CreateRestApiCommand({ name: 'lost' })))).toContain('500');
  expect(reports.join()).toContain('disk full');
  expect((await client.send(new GetRestApisCommand({}))).items).toEqual([]);
});

test('a template that AWS would refuse says where', async () => {
  const { gateway } = await start();
  const bad = restApiOf({ 'GET /x': lambda('f', { timeoutInMillis: 1, uri: streamingInvocations('f') }) });
  expect(() => gateway.putRestApi(bad)).toThrow(
    'REST API abcdefghij (test-api), GET /x: Timeout should be between 50 ms and 29000 ms',
  );
});
