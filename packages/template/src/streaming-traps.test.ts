import { AWS_LIMITS, LIFTED_LIMITS } from '@spillway/wire';
import { expect, test } from 'vitest';
import { lines, readText, sam } from '../test/read-text.ts';

interface Settings {
  readonly timeout?: number;
  readonly event?: string;
  readonly api?: string;
}

const template = ({ timeout = 900, event = '', api = 'EndpointConfiguration: REGIONAL' }: Settings) =>
  sam(`  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, ${api}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: ${timeout}
      CodeUri: src
      Handler: index.handler
      Runtime: nodejs22.x
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get${event}}}}
`);

const STREAM = ', ResponseTransferMode: RESPONSE_STREAM';

const warningsOf = async (settings: Settings, limits = AWS_LIMITS) =>
  lines((await readText(template(settings), { limits })).warnings);

test.each([{ event: STREAM }, { event: `${STREAM}, TimeoutInMillis: 900000` }, { timeout: 3 }, { api: 'Name: edge' }])(
  'has nothing to say about %j',
  async (settings) => {
    expect(await warningsOf(settings)).toEqual([]);
  },
);

test("says that an Api event's STREAM is deployed as buffered, and buffers it", async () => {
  const stack = await readText(template({ event: ', ResponseTransferMode: STREAM' }));
  expect(lines(stack.warnings)).toEqual([
    expect.stringMatching(
      /^13:\d+: ResponseTransferMode STREAM of an Api event is deployed as BUFFERED: SAM's word is RESPONSE_STREAM\./,
    ),
  ]);
  const integration = stack.restApis[0]?.restApi.resources.find(({ path }) => path === '/a')?.methods['GET']
    ?.integration;
  expect(integration?.responseTransferMode).toBe('BUFFERED');
  expect(integration?.uri).toMatch(/2015-03-31.*\/invocations$/);
});

test.each([
  ['Name: edge', 'Api sets no EndpointConfiguration, so it is EDGE'],
  ['EndpointConfiguration: {Type: EDGE}', 'Api is EDGE'],
])('says what an edge endpoint (%s) does to a silent stream', async (api, start) => {
  expect(await warningsOf({ api, event: STREAM })).toEqual([
    `3:3: ${start}: a stream is cut after 30 s of silence. With REGIONAL it is 300 s.`,
  ]);
});

test('says how much a function timeout lets through', async () => {
  expect(await warningsOf({ timeout: 3, event: STREAM })).toEqual([
    "9:7: Timeout of Fn is 3 s: at AWS's pace 12 MiB get through, and a stream of 200 MiB takes 97 s.",
  ]);
});

test('says that the integration waits longer than the function runs', async () => {
  expect(await warningsOf({ timeout: 120, event: `${STREAM}, TimeoutInMillis: 900000` })).toEqual([
    "9:7: Timeout of Fn is 120 s, less than its integration's TimeoutInMillis of 900000: Lambda ends the stream first. Timeout may be up to 900 s.",
  ]);
});

test('says how much an integration timeout lets through', async () => {
  expect(await warningsOf({ event: `${STREAM}, TimeoutInMillis: 29000` })).toEqual([
    expect.stringMatching(
      /TimeoutInMillis is 29 s: at AWS's pace 64 MiB get through, and a stream of 200 MiB takes 97 s\.$/,
    ),
  ]);
});

test('has no pace to warn about when limits are lifted', async () => {
  expect(await warningsOf({ timeout: 3, api: 'Name: edge', event: STREAM }, LIFTED_LIMITS)).toEqual([]);
});

const method = (uri: string, mode: string) => `Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties: {EndpointConfiguration: {Types: [REGIONAL]}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: arn:aws:apigateway:eu-west-1:lambda:path/${uri}
        ResponseTransferMode: ${mode}
`;
const BUFFERED_URI = '2015-03-31/functions/arn:aws:lambda:eu-west-1:000000000000:function:f/invocations';
const STREAM_URI =
  '2021-11-15/functions/arn:aws:lambda:eu-west-1:000000000000:function:f/response-streaming-invocations';

test.each([
  [
    BUFFERED_URI,
    'STREAM',
    /^17:9: ResponseTransferMode STREAM needs a URI of the form .*every request is answered 500\.$/,
  ],
  [STREAM_URI, 'BUFFERED', /^17:9: ResponseTransferMode BUFFERED \(the default\) needs an URI/],
])('says that the URI %s and %s do not go together', async (uri, mode, message) => {
  expect(lines((await readText(method(uri, mode))).warnings)).toEqual([expect.stringMatching(message)]);
});

test.each([
  [BUFFERED_URI, 'BUFFERED'],
  [STREAM_URI, 'STREAM'],
])('takes the URI %s with %s', async (uri, mode) => {
  expect(lines((await readText(method(uri, mode))).warnings)).toEqual([]);
});

test('says that an API has no stage', async () => {
  const text = method(STREAM_URI, 'STREAM').replace(/^ {2}Stage:.*\n/m, '');
  expect(lines((await readText(text)).warnings)).toEqual(['2:3: Api has no stage, so no request reaches it.']);
});
