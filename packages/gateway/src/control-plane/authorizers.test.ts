import {
  CreateAuthorizerCommand,
  type CreateAuthorizerCommandInput,
  CreateDeploymentCommand,
  DeleteAuthorizerCommand,
  FlushStageAuthorizersCacheCommand,
  GetAuthorizerCommand,
  GetAuthorizersCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  UpdateAuthorizerCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { invocations, refusal, startedControlPlane, streamingInvocations } from '../../test/started-control-plane.ts';

let restApiId: string;
let resourceId: string;
const allowAll = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
};
const plane = await startedControlPlane({
  functions: { auth: { result: () => ({ principalId: 'p', policyDocument: allowAll }) } },
});
beforeEach(async () => {
  ({ restApiId, resourceId } = await plane.createRestApi());
});
afterAll(() => plane.close());

const create = (input: Partial<CreateAuthorizerCommandInput> = {}) =>
  plane.client.send(
    new CreateAuthorizerCommand({
      restApiId,
      name: 'token',
      type: 'TOKEN',
      authorizerUri: invocations('auth'),
      identitySource: 'method.request.header.Authorization',
      ...input,
    }),
  );

test('an authorizer is made, read, changed, used and deleted', async () => {
  const { $metadata, ...authorizer } = await create();
  expect($metadata.httpStatusCode).toBe(201);
  const { id: authorizerId = '' } = authorizer;
  expect(authorizer).toEqual({
    id: expect.stringMatching(/^[a-z0-9]{6}$/),
    name: 'token',
    type: 'TOKEN',
    authType: 'custom',
    authorizerUri: invocations('auth'),
    identitySource: 'method.request.header.Authorization',
    authorizerResultTtlInSeconds: 300,
  });
  const path = '/identityValidationExpression';
  const patchOperations = [{ op: 'replace', path, value: 'a.*' } as const];
  await plane.client.send(new UpdateAuthorizerCommand({ restApiId, authorizerId, patchOperations }));
  expect(await plane.client.send(new GetAuthorizerCommand({ restApiId, authorizerId }))).toMatchObject({
    ...authorizer,
    identityValidationExpression: 'a.*',
  });
  expect((await plane.client.send(new GetAuthorizersCommand({ restApiId }))).items).toHaveLength(1);

  const at = { restApiId, resourceId, httpMethod: 'GET' };
  await plane.client.send(new PutMethodCommand({ ...at, authorizationType: 'CUSTOM', authorizerId }));
  const requestTemplates = { 'application/json': '{"statusCode": 200}' };
  await plane.client.send(new PutIntegrationCommand({ ...at, type: 'MOCK', requestTemplates }));
  expect(await refusal(plane.client.send(new DeleteAuthorizerCommand({ restApiId, authorizerId })))).toBe(
    "409 ConflictException: Cannot delete authorizer 'token', is referenced in method: GET /",
  );
});

test('flushing the cache of a stage asks the authorizer again', async () => {
  const { id: authorizerId } = await create();
  const at = { restApiId, resourceId, httpMethod: 'GET' };
  await plane.client.send(new PutMethodCommand({ ...at, authorizationType: 'CUSTOM', authorizerId }));
  await plane.client.send(
    new PutIntegrationCommand({ ...at, type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: invocations('auth') }),
  );
  await plane.client.send(new CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const asked = async () => {
    const before = plane.invoker.requests.length;
    await fetch(`${plane.url}/_aws/execute-api/${restApiId}/prod/`, { headers: { authorization: 'abc' } });
    return plane.invoker.requests.length - before;
  };
  expect([await asked(), await asked()]).toEqual([2, 1]);
  await plane.client.send(new FlushStageAuthorizersCacheCommand({ restApiId, stageName: 'prod' }));
  expect(await asked()).toBe(2);
});

test.each<[Partial<CreateAuthorizerCommandInput>, string]>([
  [
    { restApiId: 'nothere' },
    '409 ConflictException: Unable to complete operation due to concurrent modification. Please try again later.',
  ],
  [
    { type: 'COGNITO_USER_POOLS' },
    '400 BadRequestException: an authorizer of type COGNITO_USER_POOLS is not supported here: TOKEN and REQUEST are',
  ],
  [{ authorizerUri: streamingInvocations('auth') }, '400 BadRequestException: Invalid Authorizer URI: '],
  [{ identitySource: 'method.request.querystring.a' }, '400 BadRequestException: Invalid identity source specified.'],
  [{ authorizerResultTtlInSeconds: 3601 }, '400 BadRequestException: Invalid authorizer result TTL in seconds'],
  [{ identityValidationExpression: '(' }, '400 BadRequestException: Invalid identity validation expression'],
])('CreateAuthorizer refuses %j', async (input, message) => {
  expect(await refusal(create(input))).toContain(message);
});

test('two of one name are a conflict', async () => {
  await create();
  expect(await refusal(create())).toBe(
    '409 ConflictException: Authorizer name must be unique. Authorizer token already exists in this RestApi.',
  );
});
