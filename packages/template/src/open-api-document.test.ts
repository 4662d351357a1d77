import { AWS_LIMITS, AwsError } from '@spillway/wire';
import { expect, test } from 'vitest';
import { readOpenApiDocument } from './open-api-document.ts';

const options = { region: 'eu-west-1', limits: AWS_LIMITS, basePath: 'ignore' } as const;
const URI = 'arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/arn:aws:lambda:eu-west-1:0:function:f';
const INTEGRATION = {
  type: 'aws_proxy',
  httpMethod: 'POST',
  uri: `${URI}/response-streaming-invocations`,
  responseTransferMode: 'STREAM',
};
const document = (more: object = {}) => ({
  openapi: '3.0.1',
  info: { title: 'files', description: 'all of them', version: '7' },
  paths: {
    '/files/{key+}': {
      get: {
        operationId: 'getFile',
        responses: { 200: { headers: { ETag: {} } }, default: {} },
        'x-amazon-apigateway-integration': INTEGRATION,
      },
    },
  },
  ...more,
});

test('reads JSON: names, resources with all above them, a streamed integration', () => {
  const { resources, ...rest } = readOpenApiDocument(JSON.stringify(document()), options);
  expect(rest).toEqual({
    name: 'files',
    description: 'all of them',
    version: '7',
    binaryMediaTypes: [],
    authorizers: [],
    gatewayResponses: [],
    warnings: [],
  });
  expect(resources.map(({ path }) => path)).toEqual(['/', '/files', '/files/{key+}']);
  expect(resources[2]?.methods['GET']).toMatchObject({
    operationName: 'getFile',
    methodResponses: [{ statusCode: '200', responseParameters: { 'method.response.header.ETag': false } }],
    integration: { type: 'AWS_PROXY', responseTransferMode: 'STREAM' },
  });
});

const YAML = `swagger: "2.0"
info: {title: files}
basePath: /a/b
paths: {/x: {get: {}}}
`;

test.each([
  ['ignore', ['/', '/x']],
  ['prepend', ['/', '/a', '/a/b', '/a/b/x']],
  ['split', ['/', '/b', '/b/x']],
] as const)('base path of OpenAPI 2, %s; an operation may lack its integration', (basePath, paths) => {
  expect(readOpenApiDocument(YAML, { ...options, basePath }).resources.map(({ path }) => path)).toEqual(paths);
});

test('base path of OpenAPI 3: the first server, its variables filled in', () => {
  const servers = [{ url: 'https://h/{stage}/v1', variables: { stage: { default: 'prod' } } }];
  const { resources } = readOpenApiDocument(JSON.stringify(document({ servers })), { ...options, basePath: 'split' });
  expect(resources.map(({ path }) => path)).toEqual(['/', '/v1', '/v1/files', '/v1/files/{key+}']);
});

test('says what it leaves out', () => {
  const { warnings } = readOpenApiDocument(JSON.stringify(document({ components: { schemas: { A: {} } } })), options);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('Models are left out');
});

test.each([
  ['', 'Invalid OpenAPI input.'],
  ['[]', 'Invalid OpenAPI input.'],
  ['{', 'Invalid OpenAPI input.'],
  ['{"paths": {}}', 'Invalid OpenAPI input.'],
  ['{"openapi": "3.0.1", "paths": {"/a": {"$ref": "#/paths/~1b"}}}', 'a $ref of a whole path item is not supported'],
  [JSON.stringify(document({ 'x-amazon-apigateway-policy': {} })), 'resource policies of APIs are not emulated'],
  [
    JSON.stringify(document()).replace('"STREAM"', '"STREAM","timeoutInMillis":900001'),
    'Errors found during import:\n\t1:',
  ],
  [
    JSON.stringify(document()).replace(JSON.stringify(INTEGRATION.uri), '{"Ref":"AWS::Region"}'),
    'Ref AWS::Region is a function of templates',
  ],
])('refuses %j', (text, message) => {
  expect(() => readOpenApiDocument(text, options)).toThrow(AwsError);
  expect(() => readOpenApiDocument(text, options)).toThrow(message);
});
