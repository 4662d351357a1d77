import { GetAccountCommand, UpdateAccountCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedControlPlane, startedControlPlane } from '../../test/started-control-plane.ts';

let plane: StartedControlPlane;
beforeAll(async () => {
  plane = await startedControlPlane();
});
afterAll(() => plane.close());

test('the account', async () => {
  const value = 'arn:aws:iam::000000000000:role/logs';
  const patchOperations = [{ op: 'replace', path: '/cloudwatchRoleArn', value } as const];
  await plane.client.send(new UpdateAccountCommand({ patchOperations }));
  expect(await plane.client.send(new GetAccountCommand({}))).toMatchObject({
    cloudwatchRoleArn: value,
    throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    features: ['UsagePlans'],
    apiKeyVersion: '4',
  });
});
