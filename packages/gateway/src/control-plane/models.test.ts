import {
  CreateRestApiCommand,
  GetModelCommand,
  GetModelsCommand,
  GetRequestValidatorsCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedControlPlane, startedControlPlane } from '../../test/started-control-plane.ts';

let plane: StartedControlPlane;
beforeAll(async () => {
  plane = await startedControlPlane();
});
afterAll(() => plane.close());

test('models and validators of a new API', async () => {
  const { id: restApiId } = await plane.client.send(new CreateRestApiCommand({ name: 'models' }));
  const { items } = await plane.client.send(new GetModelsCommand({ restApiId }));
  expect(items?.map(({ name }) => name)).toEqual(['Empty', 'Error']);
  const error = await plane.client.send(new GetModelCommand({ restApiId, modelName: 'Error' }));
  expect(JSON.parse(error.schema ?? '')).toMatchObject({ title: 'Error Schema' });
  expect((await plane.client.send(new GetRequestValidatorsCommand({ restApiId }))).items).toEqual([]);
});
