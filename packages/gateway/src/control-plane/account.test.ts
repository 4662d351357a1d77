import { GetAccountCommand, UpdateAccountCommand } from '@aws-sdk/client-api-gateway';
import { afterAll, expect, test } from 'vitest';
import { startedControlPlane } from '../../test/started-control-plane.ts';

const plane = await startedControlPlane();
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
