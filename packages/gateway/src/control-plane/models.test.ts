import { GetModelCommand, GetModelsCommand, GetRequestValidatorsCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, expect, test } from 'vitest';
import { startedControlPlane } from '../../test/started-control-plane.ts';

const plane = await startedControlPlane();
afterAll(() => plane.close());

test('models and validators of a new API', async () => {
  const { restApiId } = await plane.createRestApi();
  const { items } = await plane.client.send(new GetModelsCommand({ restApiId }));
  expect(items?.map(({ name }) => name)).toEqual(['Empty', 'Error']);
  const error = await plane.client.send(new GetModelCommand({ restApiId, modelName: 'Error' }));
  expect(JSON.parse(error.schema ?? '')).toMatchObject({ title: 'Error Schema' });
  expect((await plane.client.send(new GetRequestValidatorsCommand({ restApiId }))).items).toEqual([]);
});
