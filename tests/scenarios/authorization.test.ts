import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { streaming } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const API_KEY = 'the-api-key-of-this-scenario';

/** Says who by the token; `calls` tells how often it was asked. */
const AUTHORIZER = `
let calls = 0;
export const handler = async (event) => {
  calls += 1;
  const token = event.authorizationToken ?? event.headers['X-Who'];
  if (token === 'nobody') throw new Error('Unauthorized');
  if (token === 'broken') throw new Error('boom');
  if (token === 'shapeless') return { principalId: token };
  const Effect = token === 'denied' ? 'Deny' : 'Allow';
  const Statement = [{ Effect, Action: 'execute-api:Invoke', Resource: event.methodArn.replace(/\\/GET\\/.*$/, '/*') }];
  return { principalId: token, policyDocument: { Version: '2012-10-17', Statement }, context: { calls, type: event.type } };
};
`;
const BUFFERED = 'export const handler = async (event) => ({ body: JSON.stringify(event.requestContext) });';
const STREAM = streaming('await write(JSON.stringify(event.requestContext)); stream.end();');

const serverless = (CodeUri: string, Events = {}) => ({
  Type: 'AWS::Serverless::Function',
  Properties: { CodeUri, Handler: 'index.handler', Runtime: 'nodejs22.x', Timeout: 10, Events },
});

const AUTHS: Readonly<Record<string, object>> = {
  token: { Authorizer: 'Token' },
  request: { Authorizer: 'Request' },
  unpermitted: { Authorizer: 'Unpermitted' },
  iam: { Authorizer: 'AWS_IAM' },
  key: { Authorizer: 'NONE', ApiKeyRequired: true },
};

/** One method for each kind of authorization. */
const events = (mode: 'stream' | 'buffered') =>
  Object.fromEntries(
    Object.entries(AUTHS).map(([name, Auth]) => [
      name,
      {
        Type: 'Api',
        Properties: {
          RestApiId: { Ref: 'Api' },
          Path: `/${mode}/${name}`,
          Method: 'get',
          Auth,
          ...(mode === 'stream' ? { ResponseTransferMode: 'RESPONSE_STREAM' } : {}),
        },
      },
    ]),
  );

const checkArn = { 'Fn::GetAtt': ['Check', 'Arn'] };
const template = {
  Transform: 'AWS::Serverless-2016-10-31',
  Resources: {
    Api: {
      Type: 'AWS::Serverless::Api',
      Properties: {
        StageName: 'prod',
        EndpointConfiguration: { Type: 'REGIONAL' },
        MethodSettings: [{ ResourcePath: '/*', HttpMethod: '*', LoggingLevel: 'INFO' }],
        GatewayResponses: {
          ACCESS_DENIED: {
            StatusCode: 404,
            ResponseParameters: { Headers: { 'X-Origin': 'method.request.header.X-From' } },
            ResponseTemplates: { 'application/json': '{"denied":$context.error.messageString}' },
          },
        },
        Auth: {
          Authorizers: {
            Token: { FunctionArn: checkArn, Identity: { Header: 'X-Who', ValidationExpression: '[a-z]+' } },
            Request: {
              FunctionArn: checkArn,
              FunctionPayloadType: 'REQUEST',
              Identity: { Headers: ['X-Who'], ReauthorizeEvery: 0 },
            },
            Unpermitted: { FunctionArn: { 'Fn::GetAtt': ['Other', 'Arn'] }, DisableFunctionDefaultPermissions: true },
          },
        },
      },
    },
    Key: { Type: 'AWS::ApiGateway::ApiKey', Properties: { Enabled: true, Value: API_KEY } },
    Check: serverless('check'),
    Other: serverless('check'),
    Buffered: serverless('buffered', events('buffered')),
    Streamed: serverless('streamed', events('stream')),
  },
};

let system: System;

beforeAll(async () => {
  system = await startSystem({
    'template.yaml': JSON.stringify(template),
    'check/index.mjs': AUTHORIZER,
    'buffered/index.mjs': BUFFERED,
    'streamed/index.mjs': STREAM,
  });
});
afterAll(() => system?.close());

const executionLog = () => `API-Gateway-Execution-Logs_${system.local.stacks[0]?.restApis[0]?.restApi.id}/prod`;

describe.each(['/buffered', '/stream'])('in front of %s', (mode) => {
  const as = (name: string, token: string) => curl(system.url(`${mode}/${name}`), '--header', `X-Who: ${token}`);

  it('a TOKEN authorizer is asked once for a token; what it says reaches the function', async () => {
    const token = mode === '/stream' ? 'streamer' : 'bufferer';
    const first = JSON.parse((await as('token', token)).text);
    const second = JSON.parse((await as('token', token)).text);
    expect(first.authorizer).toMatchObject({
      principalId: token,
      type: 'TOKEN',
      calls: expect.stringMatching(/^\d+$/),
    });
    expect(second.authorizer).toEqual({ ...first.authorizer, integrationLatency: 0 });
  });

  it('a REQUEST authorizer without a cache is asked each time', async () => {
    const calls = async () => Number(JSON.parse((await as('request', 'me')).text).authorizer.calls);
    expect(await calls()).toBeLessThan(await calls());
  });

  it.each([
    ['no token', [], 401, '{"message":"Unauthorized"}'],
    ['a token that looks wrong', ['--header', 'X-Who: 1'], 401, '{"message":"Unauthorized"}'],
    ['nobody', ['--header', 'X-Who: nobody'], 401, '{"message":"Unauthorized"}'],
    ['broken', ['--header', 'X-Who: broken'], 500, '{"message":null}'],
    ['shapeless', ['--header', 'X-Who: shapeless'], 500, '{"message":null}'],
  ])('a TOKEN authorizer turns away %s', async (_, headers, status, text) => {
    expect(await curl(system.url(`${mode}/token`), ...headers)).toMatchObject({ status, text });
  });

  it('a denial looks as the gateway response says', async () => {
    const denied = await curl(system.url(`${mode}/token`), '--header', 'X-Who: denied', '--header', 'X-From: here');
    expect(denied.status).toBe(404);
    expect(denied.headers.get('x-origin')).toBe('here');
    expect(denied.headers.get('x-amzn-errortype')).toBe('AccessDeniedException');
    expect(JSON.parse(denied.text).denied).toMatch(
      /^User is not authorized to access this resource with an explicit deny/,
    );
  });

  it('an authorizer that the API may not call: 500, and the log says why', async () => {
    const answer = await curl(system.url(`${mode}/unpermitted`), '--header', 'Authorization: x');
    expect(answer).toMatchObject({ status: 500, text: '{"message":null}' });
    await system.logsWith(executionLog(), 'Let API Gateway call the authorizer');
  });

  it('AWS_IAM takes what curl signs, and nothing else', async () => {
    const url = system.url(`${mode}/iam`);
    const signed = (secret: string) => ['--aws-sigv4', 'aws:amz:us-east-1:execute-api', '--user', `test:${secret}`];
    const answer = await curl(url, ...signed('test'));
    expect(JSON.parse(answer.text).identity).toMatchObject({
      accessKey: 'test',
      userArn: 'arn:aws:iam::000000000000:root',
    });
    const unsigned = await curl(url);
    expect(unsigned).toMatchObject({ status: 403, text: '{"message":"Missing Authentication Token"}' });
    const wrong = await curl(url, ...signed('other'));
    expect(wrong.status).toBe(403);
    expect(JSON.parse(wrong.text).message).toMatch(/^The request signature we calculated does not match/);
  });

  it("AWS_IAM takes what AWS's own signer signs, query included", async () => {
    const url = new URL(system.url(`${mode}/iam`));
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const signer = new SignatureV4({ credentials, service: 'execute-api', region: 'us-east-1', sha256: Sha256 });
    const query = { 'a b': "c+d/é'", e: '' };
    const { headers } = await signer.sign({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query,
      headers: { host: url.host },
    });
    const pairs = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='));
    const args = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    expect(await curl(`${url}?${pairs.join('&')}`, ...args)).toMatchObject({ status: 200 });
    expect(await curl(`${url}?${pairs.join('&')}x`, ...args)).toMatchObject({ status: 403 });
  });

  it('a method that wants an API key opens with it', async () => {
    const url = system.url(`${mode}/key`);
    const answer = await curl(url, '--header', `x-api-key: ${API_KEY}`);
    expect(JSON.parse(answer.text).identity.apiKey).toBe(API_KEY);
    expect(await curl(url)).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
    expect(await curl(url, '--header', 'x-api-key: another-key-of-20-letters')).toMatchObject({ status: 403 });
  });
});

it('the execution log tells the way of a request in the words of AWS', async () => {
  const answer = await curl(system.url('/stream/token'), '--header', 'X-Who: logged');
  const id = answer.headers.get('x-amzn-requestid');
  const text = await system.logsWith(executionLog(), `(${id}) AWS Integration Endpoint RequestId`);
  const lines = text.split('\n').filter((line) => line.startsWith(`(${id})`));
  const expected = [
    'Extended Request Id:',
    'Starting authorizer:',
    'Using valid authorizer policy for principal: logged',
    'Successfully completed authorizer execution',
    'Verifying Usage Plan for request:',
    `Starting execution for request: ${id}`,
    'HTTP Method: GET, Resource Path: /stream/token',
    'Method request path: {}',
    'Endpoint request URI: https://lambda.us-east-1.amazonaws.com/2021-11-15/functions/',
    'Sending request to https://lambda.us-east-1.amazonaws.com/2021-11-15/functions/',
    'Received response. Status: 200, Integration latency:',
    'Endpoint response headers:',
    'Method response headers:',
    'Successfully completed execution',
    'Method completed with status: 200',
  ];
  const found = expected.map((start) => lines.findIndex((line) => line.startsWith(`(${id}) ${start}`)));
  expect(found).toEqual([...found].sort((a, b) => a - b));
  expect(found).not.toContain(-1);
});
