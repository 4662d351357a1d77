import {
  CreateDeploymentCommand,
  DeleteIntegrationCommand,
  GetIntegrationCommand,
  PutIntegrationCommand,
  type PutIntegrationCommandInput,
  PutMethodCommand,
  UpdateIntegrationCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { invocations, refusal, startedControlPlane, streamingInvocations } from '../../test/started-control-plane.ts';
import { streamOf } from '../testing/fake-invoker.ts';

let at: { restApiId: string; resourceId: string; httpMethod: string };
const plane = await startedControlPlane({
  functions: { f: { result: () => ({ body: 'buffered' }), stream: () => streamOf({ statusCode: 200 }, 'streamed') } },
});
beforeEach(async () => {
  at = { ...(await plane.createRestApi()), httpMethod: 'GET' };
  await plane.client.send(new PutMethodCommand({ ...at, authorizationType: 'NONE' }));
});
afterAll(() => plane.close());

type Given = Partial<PutIntegrationCommandInput>;
const LAMBDA: Given = { type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: invocations('f') };
const HTTP: Given = { type: 'HTTP_PROXY', integrationHttpMethod: 'GET', uri: 'http://127.0.0.1:9/' };
const put = (input: Given) =>
  plane.client.send(new PutIntegrationCommand({ ...at, ...input } as PutIntegrationCommandInput));
const patch = (values: Readonly<Record<string, string>>, op: 'replace' | 'add' | 'remove' = 'replace') =>
  plane.client.send(
    new UpdateIntegrationCommand({
      ...at,
      patchOperations: Object.entries(values).map(([path, value]) => ({ op, path, value })),
    }),
  );
const deploy = () => plane.client.send(new CreateDeploymentCommand({ restApiId: at.restApiId, stageName: 'prod' }));
const invoke = () => plane.invoke(`/${at.restApiId}/prod/`);

test('a Lambda proxy with the defaults of AWS', async () => {
  const { $metadata, ...integration } = await put(LAMBDA);
  expect($metadata.httpStatusCode).toBe(201);
  expect(integration).toEqual({
    type: 'AWS_PROXY',
    httpMethod: 'POST',
    uri: invocations('f'),
    passthroughBehavior: 'WHEN_NO_MATCH',
    timeoutInMillis: 29_000,
    cacheNamespace: at.resourceId,
    cacheKeyParameters: [],
    responseTransferMode: 'BUFFERED',
  });
  expect(await put(HTTP)).toMatchObject({ connectionType: 'INTERNET', responseTransferMode: 'BUFFERED' });
});

test('STREAM has a default timeout of its own, and a custom one is lost by the switch', async () => {
  const stream = { ...LAMBDA, uri: streamingInvocations('f'), responseTransferMode: 'STREAM' } as const;
  expect(await put(stream)).toMatchObject({ responseTransferMode: 'STREAM', timeoutInMillis: 300_000 });
  expect(await put({ ...stream, timeoutInMillis: 900_000 })).toMatchObject({ timeoutInMillis: 900_000 });
  await put({ ...HTTP, timeoutInMillis: 1000 });
  expect(await patch({ '/responseTransferMode': 'STREAM' })).toMatchObject({ timeoutInMillis: 300_000 });
  for (const text of ['1e3', '0x64', ' 100 ', '100.0', '']) {
    expect(await refusal(patch({ '/timeoutInMillis': text })), text).toMatch(
      /^400 BadRequestException: Timeout should be/,
    );
  }
  expect(await patch({ '/timeoutInMillis': '800000' })).toMatchObject({ timeoutInMillis: 800_000 });
  expect(await patch({ '/responseTransferMode': 'BUFFERED' })).toMatchObject({ timeoutInMillis: 29_000 });
  expect(await patch({ '/timeoutInMillis': '20000', '/responseTransferMode': 'STREAM' })).toMatchObject({
    timeoutInMillis: 20_000,
  });
});

test('the mode alone is taken, and every call answers an error until uri and deployment follow', async () => {
  await put(LAMBDA);
  await deploy();
  expect(await invoke()).toEqual([200, 'buffered']);
  await patch({ '/responseTransferMode': 'STREAM' });
  expect(await invoke()).toEqual([200, 'buffered']);
  await deploy();
  expect(await invoke()).toEqual([500, '{"message": "Internal server error"}']);
  expect(plane.reports.filter((line) => line.includes('change /uri'))).toHaveLength(2);
  await patch({ '/uri': streamingInvocations('f') });
  expect(await invoke()).toEqual([500, '{"message": "Internal server error"}']);
  await deploy();
  expect(await invoke()).toEqual([200, 'streamed']);
});

test('other members are patched, too', async () => {
  await put(HTTP);
  await patch({ '/requestParameters/integration.request.header.X': "'y'", '/cacheKeyParameters/a': '' }, 'add');
  expect(await plane.client.send(new GetIntegrationCommand(at))).toMatchObject({
    requestParameters: { 'integration.request.header.X': "'y'" },
    cacheKeyParameters: ['a'],
  });
  await patch({ '/requestParameters/integration.request.header.X': '' }, 'remove');
  expect(await patch({ '/uri': 'http://127.0.0.1:8/', '/httpMethod': 'ANY' })).toMatchObject({ httpMethod: 'ANY' });
  expect((await plane.client.send(new DeleteIntegrationCommand(at))).$metadata.httpStatusCode).toBe(204);
  expect(await refusal(plane.client.send(new GetIntegrationCommand(at)))).toBe(
    '404 NotFoundException: Invalid Integration identifier specified',
  );
});

const INVALID_TYPE =
  "400 ValidationException: 1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]";
const STREAM_TYPES =
  '400 BadRequestException: responseTransferMode STREAM is only for integrations of type AWS_PROXY and HTTP_PROXY';

test.each<[string, Given, string]>([
  ['type', { type: 'HTTPS_PROXY' as 'HTTP_PROXY' }, INVALID_TYPE],
  [
    'mode',
    { ...LAMBDA, responseTransferMode: 'STREAMED' as 'STREAM' },
    "400 ValidationException: 1 validation error detected: Value 'STREAMED' at 'putIntegrationInput.responseTransferMode' failed to satisfy constraint: Member must satisfy enum value set: [BUFFERED, STREAM]",
  ],
  ['STREAM of MOCK', { type: 'MOCK', responseTransferMode: 'STREAM' }, STREAM_TYPES],
  ['STREAM of AWS', { ...LAMBDA, type: 'AWS', responseTransferMode: 'STREAM' }, STREAM_TYPES],
  ['STREAM of HTTP', { ...HTTP, type: 'HTTP', responseTransferMode: 'STREAM' }, STREAM_TYPES],
  [
    'AWS',
    { ...LAMBDA, type: 'AWS' },
    '400 BadRequestException: an integration of type AWS is not supported here: AWS_PROXY, HTTP_PROXY and MOCK are',
  ],
  [
    'timeout',
    { ...LAMBDA, timeoutInMillis: 29_001 },
    '400 BadRequestException: Timeout should be between 50 ms and 29000 ms',
  ],
  [
    'timeout of a stream',
    { ...LAMBDA, responseTransferMode: 'STREAM', timeoutInMillis: 900_001 },
    '400 BadRequestException: Timeout should be between 50 ms and 900000 ms',
  ],
  [
    'no method',
    { type: 'HTTP_PROXY', uri: 'http://h/' },
    '400 BadRequestException: Enumeration value for HttpMethod must be non-empty',
  ],
  ['endpoint', { ...HTTP, uri: 'h' }, '400 BadRequestException: Invalid HTTP endpoint specified for URI'],
  ['no ARN', { ...LAMBDA, uri: 'f' }, '400 BadRequestException: Invalid ARN specified in the request'],
  [
    'ARN without path',
    { ...LAMBDA, uri: 'arn:aws:apigateway:us-east-1:lambda:test' },
    '400 BadRequestException: AWS ARN for integration must contain path or action',
  ],
  [
    'another service',
    { ...LAMBDA, uri: 'arn:aws:apigateway:us-east-1:sqs:path/x' },
    "400 BadRequestException: Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
  ],
  [
    'VPC link',
    { ...HTTP, connectionType: 'VPC_LINK' },
    '400 BadRequestException: connectionType VPC_LINK is not supported here: INTERNET is',
  ],
])('PutIntegration refuses: %s', async (_, input, message) => {
  expect(await refusal(put(input))).toBe(message);
});

test.each([
  ['/type', 'MOCK', 'Invalid patch path /type'],
  ['/timeoutInMillis', '', 'Timeout should be between 50 ms and 29000 ms'],
  ['/connectionId', 'x', 'connectionId is not supported here'],
])('UpdateIntegration refuses %s', async (path, value, message) => {
  await put(LAMBDA);
  expect(await refusal(patch({ [path]: value }))).toBe(`400 BadRequestException: ${message}`);
});
