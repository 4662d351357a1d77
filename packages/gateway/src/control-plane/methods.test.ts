import {
  DeleteIntegrationResponseCommand,
  DeleteMethodCommand,
  DeleteMethodResponseCommand,
  GetIntegrationCommand,
  GetIntegrationResponseCommand,
  GetMethodCommand,
  GetMethodResponseCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  type PutMethodCommandInput,
  PutMethodResponseCommand,
  UpdateIntegrationResponseCommand,
  UpdateMethodCommand,
  UpdateMethodResponseCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { refusal, startedControlPlane } from '../../test/started-control-plane.ts';

let at: { restApiId: string; resourceId: string; httpMethod: string };
const plane = await startedControlPlane();
beforeEach(async () => {
  at = { ...(await plane.createRestApi()), httpMethod: 'GET' };
});
afterAll(() => plane.close());

const put = (input: Partial<PutMethodCommandInput> = {}) =>
  plane.client.send(new PutMethodCommand({ ...at, authorizationType: 'NONE', ...input }));
const patch = (op: 'add' | 'replace' | 'remove', path: string, value = '') =>
  plane.client.send(new UpdateMethodCommand({ ...at, patchOperations: [{ op, path, value }] }));

test('a method is put, read, changed and deleted', async () => {
  const { $metadata, ...method } = await put({
    requestParameters: { 'method.request.querystring.q': true },
    requestModels: { 'application/json': 'Empty' },
    operationName: 'list',
  });
  expect($metadata.httpStatusCode).toBe(201);
  expect(method).toEqual({
    httpMethod: 'GET',
    authorizationType: 'NONE',
    apiKeyRequired: false,
    operationName: 'list',
    requestParameters: { 'method.request.querystring.q': true },
    requestModels: { 'application/json': 'Empty' },
  });
  await patch('replace', '/apiKeyRequired', 'true');
  await patch('add', '/requestParameters/method.request.header.X', 'false');
  await patch('remove', '/requestModels/application~1json');
  const { $metadata: _, ...read } = await plane.client.send(new GetMethodCommand(at));
  expect(read).toEqual({
    httpMethod: 'GET',
    authorizationType: 'NONE',
    apiKeyRequired: true,
    operationName: 'list',
    requestParameters: { 'method.request.querystring.q': true, 'method.request.header.X': false },
  });
  expect((await plane.client.send(new DeleteMethodCommand(at))).$metadata.httpStatusCode).toBe(204);
  expect(await refusal(plane.client.send(new GetMethodCommand(at)))).toBe(
    '404 NotFoundException: Invalid Method identifier specified',
  );
});

test.each<[Partial<PutMethodCommandInput>, string]>([
  [
    { httpMethod: 'FETCH' },
    '400 BadRequestException: Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY',
  ],
  [
    { authorizationType: 'CUSTOM', authorizerId: 'nothere' },
    '400 BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
  ],
  [
    { authorizationType: 'COGNITO_USER_POOLS' },
    '400 BadRequestException: authorizationType COGNITO_USER_POOLS is not supported here: NONE, AWS_IAM and CUSTOM are',
  ],
  [{ requestValidatorId: 'nothere' }, '400 BadRequestException: Invalid Request Validator identifier specified'],
  [
    { requestModels: { 'application/json': 'petModel' } },
    '400 BadRequestException: Invalid model identifier specified: petModel',
  ],
  [{ resourceId: 'nothere' }, '404 NotFoundException: Invalid Resource identifier specified'],
])('PutMethod refuses %j', async (input, message) => {
  expect(await refusal(put(input))).toBe(message);
});

test('UpdateMethod refuses in the words of AWS; twice the same method is a conflict', async () => {
  await put();
  expect(await refusal(put())).toBe('409 ConflictException: Method already exists for this resource');
  expect(await refusal(patch('replace', '/httpMethod', 'PUT'))).toBe(
    '400 BadRequestException: Invalid patch path /httpMethod',
  );
  expect(await refusal(patch('add', '/authorizationType', 'NONE'))).toBe(
    '400 BadRequestException: Invalid patch operation specified. Must be one of: [replace]',
  );
  expect(await refusal(patch('replace', '/authorizationType', 'CUSTOM'))).toContain('Invalid authorizer ID specified.');
});

test('responses of method and integration', async () => {
  await put({ httpMethod: 'GET' });
  const status = { ...at, statusCode: '200' };
  const responseModels = { 'application/json': 'Empty' };
  await plane.client.send(new PutMethodResponseCommand({ ...status, responseModels }));
  expect(await refusal(plane.client.send(new PutMethodResponseCommand(status)))).toContain('409 ConflictException');
  const name = 'method.response.header.Access-Control-Allow-Origin';
  const responsePatch = { op: 'add', path: `/responseParameters/${name}`, value: 'false' } as const;
  await plane.client.send(new UpdateMethodResponseCommand({ ...status, patchOperations: [responsePatch] }));
  expect(await plane.client.send(new GetMethodResponseCommand(status))).toMatchObject({
    statusCode: '200',
    responseModels,
    responseParameters: { [name]: false },
  });
  const responseParameters = { [name]: "'*'" };
  const requestTemplates = { 'application/json': '{"statusCode": 200}' };
  await plane.client.send(new PutIntegrationCommand({ ...at, type: 'MOCK', requestTemplates }));
  const { $metadata: _, ...made } = await plane.client.send(
    new PutIntegrationResponseCommand({
      ...status,
      selectionPattern: '',
      responseParameters,
      responseTemplates: { 'application/json': '' },
    }),
  );
  expect(made).toEqual({
    statusCode: '200',
    selectionPattern: '',
    responseParameters,
    responseTemplates: { 'application/json': null },
  });
  const patterned = { op: 'replace', path: '/selectionPattern', value: '2..' } as const;
  await plane.client.send(new UpdateIntegrationResponseCommand({ ...status, patchOperations: [patterned] }));
  expect(await plane.client.send(new GetIntegrationResponseCommand(status))).toMatchObject({ selectionPattern: '2..' });
  const { integrationResponses, ...integration } = await plane.client.send(new GetIntegrationCommand(at));
  expect(integration).toMatchObject({ type: 'MOCK', requestTemplates, timeoutInMillis: 29_000 });
  expect(Object.keys(integrationResponses ?? {})).toEqual(['200']);
  await plane.client.send(new DeleteIntegrationResponseCommand(status));
  await plane.client.send(new DeleteMethodResponseCommand(status));
  for (const command of [new GetMethodResponseCommand(status), new GetMethodResponseCommand(status)]) {
    expect(await refusal(plane.client.send(command))).toBe(
      '404 NotFoundException: Invalid Response status code specified',
    );
  }
  expect(await refusal(plane.client.send(new PutMethodResponseCommand({ ...at, statusCode: 'wrong' })))).toBe(
    "400 ValidationException: 1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d",
  );
});
