import { AWS_LIMITS, AwsError, type RestApi } from '@spillway/wire';
import { expect, test } from 'vitest';
import { API_ID, http, lambda, mock, restApiOf, streamingLambda } from '../testing/served-gateway.ts';
import { RestApiStore } from './rest-api.ts';

const store = () => new RestApiStore({ limits: AWS_LIMITS });
const stage = { stageName: 'prod', variables: {} };

test('a deployment is a snapshot: later edits need a new one', () => {
  const restApis = store();
  const first = restApiOf({ 'GET /one': lambda('f') });
  restApis.put(first);
  const firstId = restApis.deploy(API_ID, stage);
  restApis.put(restApiOf({ 'GET /two': lambda('f') }));
  const paths = () => restApis.stage(API_ID, 'prod')?.deployment.restApi.resources.map(({ path }) => path);
  expect(paths()).toEqual(['/one']);
  expect(restApis.deploy(API_ID, stage)).not.toBe(firstId);
  expect(paths()).toEqual(['/two']);
});

test('what the caller changes later does not reach the snapshot', () => {
  const restApis = store();
  const restApi = restApiOf({ 'GET /one': lambda('f') });
  restApis.put(restApi);
  (restApi.resources as unknown[]).length = 0;
  restApis.deploy(API_ID, stage);
  expect(restApis.stage(API_ID, 'prod')?.deployment.restApi.resources).toHaveLength(1);
});

const mapped = (source: string) =>
  http('http://h/{x}', { requestParameters: { 'integration.request.path.x': source } });
const undeclared = (): RestApi => {
  const restApi = restApiOf({ 'GET /{x}': mapped('method.request.path.x') });
  const withoutParameters = restApi.resources.map((resource) => ({
    ...resource,
    methods: Object.fromEntries(
      Object.entries(resource.methods).map(([name, method]) => [name, { ...method, requestParameters: {} }]),
    ),
  }));
  return { ...restApi, resources: withoutParameters };
};
const given = (integration: Parameters<typeof restApiOf>[0][string]) => restApiOf({ 'GET /x': integration });

test.each<[string, RestApi]>([
  ['minimumCompressionSize', { ...given(lambda('f')), ...{ minimumCompressionSize: 0 } }],
  ['connectionId', given({ ...http('http://h/'), ...{ connectionId: 'x' } })],
  ['Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY', restApiOf({ 'FETCH /x': lambda('f') })],
  ['type HTTP', given(lambda('f', { type: 'HTTP' as 'MOCK' }))],
  ['STREAM is only for', given(mock({ responseTransferMode: 'STREAM' }))],
  ['Timeout should be between 50 ms and 29000 ms', given(lambda('f', { timeoutInMillis: 29_001 }))],
  ['Timeout should be between 50 ms and 900000 ms', given(streamingLambda('f', { timeoutInMillis: 900_001 }))],
  ['Timeout should be between 50 ms', given(lambda('f', { timeoutInMillis: 49 }))],
  ['an integration with Firehose', given(lambda('f', { uri: 'arn:aws:apigateway:r:firehose:action/PutRecord' }))],
  [
    'Invalid ARN specified in the request',
    given(lambda('f', { uri: (lambda('f').uri ?? '').replace('2015-03-31', '2021-11-15') })),
  ],
  ['Invalid HTTP endpoint', given(http('ftp://host/'))],
  ['method.request.body', given(mapped('method.request.body'))],
  ['Invalid mapping expression parameter specified: method.request.path.x', undeclared()],
  ['#set', given(mock({ requestTemplates: { 'application/json': '#set($x = 1){"statusCode": 200}' } }))],
  ['$input.body', given(mock({ integrationResponses: [response({ responseTemplates: { 'a/b': 'x $input.body' } })] }))],
  [
    'integration.response.header.X',
    given(
      mock({
        integrationResponses: [
          response({ responseParameters: { 'method.response.header.X': 'integration.response.header.X' } }),
        ],
      }),
    ),
  ],
])('refused by name: %s', (what, restApi) => {
  expect(() => store().put(restApi)).toThrow(AwsError);
  expect(() => store().put(restApi)).toThrow(what);
});

function response(overrides: object) {
  return { statusCode: '200', responseParameters: {}, responseTemplates: {}, ...overrides };
}

test('what API Gateway would not deploy', () => {
  const restApis = store();
  expect(() => restApis.deploy('nothere', stage)).toThrow('Invalid API identifier specified');
  restApis.put({ ...restApiOf({}), resources: [] });
  expect(() => restApis.deploy(API_ID, stage)).toThrow("The REST API doesn't contain any methods");
  const method = { httpMethod: 'GET', authorizationType: 'NONE', requestParameters: {} } as const;
  restApis.put({ ...restApiOf({}), resources: [{ id: 'r', path: '/', methods: { GET: method } }] });
  expect(() => restApis.deploy(API_ID, stage)).toThrow('No integration defined for method');
});

test('a stage setting that is not served is refused by name', () => {
  const restApis = store();
  restApis.put(given(lambda('f')));
  const caching = { ...stage, ...{ cacheClusterEnabled: true } };
  expect(() => restApis.deploy(API_ID, caching)).toThrow('cacheClusterEnabled is not supported here');
});

test.each([
  ['log group', { destinationArn: 'arn:aws:firehose:r:0:deliverystream/x', format: '$context.requestId' }],
  ['$context.requestId', { destinationArn: 'arn:aws:logs:r:0:log-group:g', format: '$context.status' }],
  ['3 KB', { destinationArn: 'arn:aws:logs:r:0:log-group:g', format: `$context.requestId ${'x'.repeat(3072)}` }],
])('access log settings refused: %s', (what, accessLogSettings) => {
  const restApis = store();
  restApis.put(given(lambda('f')));
  expect(() => restApis.deploy(API_ID, { ...stage, accessLogSettings })).toThrow(what);
});
