import type { ApiKey, RestApi } from '@spillway/wire';
import { afterEach, expect, test } from 'vitest';
import { API_ID, lambda, REGION, type ServedGateway, serveGateway } from '../../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const key = (value: string, more: Partial<ApiKey> = {}): ApiKey => ({
  id: `id-${value}`,
  value,
  enabled: true,
  stageKeys: [],
  tags: {},
  ...more,
});
const stageKey = (stageName: string) => ({ stageKeys: [{ restApiId: API_ID, stageName }] });

async function serve(restApi: Partial<RestApi> = {}, usageIdentifierKey?: string): Promise<ServedGateway> {
  const isOfAuthorizer = restApi.apiKeySource === 'AUTHORIZER';
  const authorizer = {
    id: 'auth12',
    name: 'a',
    type: 'REQUEST',
    authorizerUri: lambda('authorizer').uri ?? '',
    authorizerResultTtlInSeconds: 0,
  } as const;
  const Statement = [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `arn:aws:execute-api:${REGION}:*` }];
  served = await serveGateway({
    routes: { 'GET /b': lambda('b') },
    functions: {
      b: { result: ({ payload }) => ({ body: new TextDecoder().decode(payload) }) },
      authorizer: { result: () => ({ principalId: 'me', policyDocument: { Statement }, usageIdentifierKey }) },
    },
    restApi: { ...restApi, ...(isOfAuthorizer ? { authorizers: [authorizer] } : {}) },
    method: {
      apiKeyRequired: true,
      ...(isOfAuthorizer ? { authorizationType: 'CUSTOM', authorizerId: authorizer.id } : {}),
    },
    apiKeys: [
      key('any-stage-of-this-account'),
      key('this-stage-of-this-account', stageKey('test')),
      key('other-stage-of-this-account', stageKey('other')),
      key('disabled-key-of-this-account', { enabled: false }),
    ],
  });
  return served;
}

test.each(['any-stage-of-this-account', 'this-stage-of-this-account'])('%s opens', async (value) => {
  const gateway = await serve();
  const answer = await gateway.get('/b', { headers: { 'X-API-Key': value } });
  expect(answer.status).toBe(200);
  const { identity } = JSON.parse(answer.body.toString()).requestContext;
  expect(identity).toMatchObject({ apiKey: value, apiKeyId: `id-${value}` });
});

test.each([
  ['', 'the request has no API key'],
  ['unknown-key-of-this-account', 'there is no such API key'],
  ['other-stage-of-this-account', `is not for the stage ${API_ID}/test`],
  ['disabled-key-of-this-account', 'is not enabled'],
])('%j does not', async (value, reason) => {
  const gateway = await serve();
  const answer = await gateway.get('/b', { headers: value === '' ? {} : { 'X-API-Key': value } });
  expect([answer.status, answer.headers['x-amzn-errortype'], answer.body.toString()]).toEqual([
    403,
    'ForbiddenException',
    '{"message":"Forbidden"}',
  ]);
  await expect.poll(() => gateway.reports.join()).toContain(reason);
  expect(gateway.logs.join()).not.toContain(value || 'nothing');
  expect(gateway.invoker.requests).toEqual([]);
});

test('with apiKeySource AUTHORIZER the key is what the authorizer says', async () => {
  const gateway = await serve({ apiKeySource: 'AUTHORIZER' }, 'any-stage-of-this-account');
  expect((await gateway.get('/b')).status).toBe(200);
  await gateway.close();
  const without = await serve({ apiKeySource: 'AUTHORIZER' });
  const answer = await without.get('/b', { headers: { 'X-API-Key': 'any-stage-of-this-account' } });
  expect(answer.status).toBe(403);
});
