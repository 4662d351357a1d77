import {
  GetResourcesCommand,
  GetRestApiCommand,
  ImportRestApiCommand,
  PutRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import type { OpenApiRestApi, ReadOpenApiOptions, RestApi } from '@spillway/wire';
import { afterAll, expect, test } from 'vitest';
import { refusal, startedControlPlane } from '../../test/started-control-plane.ts';
import { mock, restApiOf } from '../testing/served-gateway.ts';

const asked: ReadOpenApiOptions[] = [];
const plane = await startedControlPlane({ readOpenApi });
afterAll(() => plane.close());

/** Takes `{"name": ..., "routes": ["GET /a"], ...}`: how documents are read is the template package's. */
function readOpenApi(text: string, options: ReadOpenApiOptions): OpenApiRestApi {
  asked.push(options);
  const { routes = [], ...rest } = JSON.parse(text) as Partial<RestApi> & { routes?: string[] };
  const { resources } = restApiOf(Object.fromEntries(routes.map((route) => [route, mock()])));
  return { binaryMediaTypes: [], authorizers: [], gatewayResponses: [], warnings: [], ...rest, resources };
}

const body = (document: object) => Buffer.from(JSON.stringify(document));
const importApi = (document: object, parameters?: Record<string, string>) =>
  plane.client.send(new ImportRestApiCommand({ body: body(document), ...(parameters && { parameters }) }));
const methods = async (restApiId: string | undefined) => {
  const { items = [] } = await plane.client.send(new GetResourcesCommand({ restApiId }));
  return items.map(({ path, resourceMethods = {} }) => [path, ...Object.keys(resourceMethods)].join(' '));
};

test('imports a document with its parameters', async () => {
  const { $metadata, ...made } = await importApi(
    { name: 'imported', description: 'd', routes: ['GET /a', 'GET /'], warnings: ['w'] },
    { endpointConfigurationTypes: 'REGIONAL', basepath: 'prepend' },
  );
  expect($metadata.httpStatusCode).toBe(201);
  expect(made).toMatchObject({
    name: 'imported',
    description: 'd',
    endpointConfiguration: { types: ['REGIONAL'] },
    warnings: ['w'],
  });
  expect(asked.at(-1)).toMatchObject({ region: 'us-east-1', basePath: 'prepend' });
  expect(await methods(made.id)).toEqual(['/ GET', '/a GET']);
  const { items = [] } = await plane.client.send(new GetResourcesCommand({ restApiId: made.id }));
  expect(items[1]?.parentId).toBe(made.rootResourceId);
});

test('puts a document: merge adds and replaces, overwrite leaves nothing else', async () => {
  const { id: restApiId } = await importApi({ name: 'n', routes: ['GET /a', 'GET /b'], binaryMediaTypes: ['a/a'] });
  const put = (mode: 'merge' | 'overwrite' | undefined, document: object) =>
    plane.client.send(new PutRestApiCommand({ restApiId, body: body(document), ...(mode && { mode }) }));
  const idOf = async (path: string) =>
    (await plane.client.send(new GetResourcesCommand({ restApiId }))).items?.find((item) => item.path === path)?.id;
  const before = await idOf('/b');
  const document = { routes: ['PUT /b', 'GET /c'], binaryMediaTypes: ['b/b'] };
  expect(await put(undefined, document)).toMatchObject({ name: 'n', binaryMediaTypes: ['a/a', 'b/b'] });
  expect(await methods(restApiId)).toEqual(['/', '/a GET', '/b GET PUT', '/c GET']);
  expect(await put('overwrite', { ...document, name: 'other' })).toMatchObject({
    name: 'other',
    binaryMediaTypes: ['b/b'],
  });
  expect(await methods(restApiId)).toEqual(['/', '/b PUT', '/c GET']);
  expect(await idOf('/b')).toBe(before);
});

test('refused', async () => {
  const { id: restApiId } = await importApi({ name: 'n' });
  expect(await refusal(importApi({}))).toBe('400 BadRequestException: Invalid OpenAPI input.');
  expect(await refusal(plane.client.send(new ImportRestApiCommand({ body: new Uint8Array() })))).toBe(
    '400 BadRequestException: Invalid OpenAPI input.',
  );
  expect(await refusal(importApi({ name: 'n' }, { basepath: 'x' }))).toContain('Invalid basepath mode specified: x');
  expect(await refusal(importApi({ name: 'n' }, { other: 'x' }))).toContain(
    'the import parameter other is not supported',
  );
  const failing = new PutRestApiCommand({
    restApiId,
    body: body({ name: 'z', warnings: ['w'] }),
    failOnWarnings: true,
  });
  expect(await refusal(plane.client.send(failing))).toBe('400 BadRequestException: Warnings found during import:\n\tw');
  expect(await plane.client.send(new GetRestApiCommand({ restApiId }))).toMatchObject({ name: 'n' });
});
