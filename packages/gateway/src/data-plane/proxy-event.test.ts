import { afterEach, expect, test } from 'vitest';
import { lambda, type ServedGateway, type ServeOptions, serveGateway } from '../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());
const serve = async (options: Partial<ServeOptions> = {}) => {
  served = await serveGateway({
    routes: { 'ANY /{proxy+}': lambda('echo'), 'GET /': lambda('echo') },
    functions: { echo: { result: () => ({ statusCode: 200 }) } },
    ...options,
  });
  return served;
};

test('every field of the event', async () => {
  const gateway = await serve({ stage: { variables: { color: 'blue' } } });
  await gateway.get('/a%2Bb+c//d/?x=1&x=%2B2+3&y&a=1,2', {
    method: 'POST',
    headers: { Host: 'example.test:1234', 'X-Multi': ['one', 'two'], 'User-Agent': 'agent/1', Connection: 'close' },
    body: 'payload',
  });
  const { headers, multiValueHeaders, requestContext, ...event } = gateway.invoker.event as Record<string, never>;
  expect(event).toEqual({
    resource: '/{proxy+}',
    path: '/a%2Bb+c//d/',
    httpMethod: 'POST',
    queryStringParameters: { x: '+2 3', y: '', a: '1,2' },
    multiValueQueryStringParameters: { x: ['1', '+2 3'], y: [''], a: ['1,2'] },
    pathParameters: { proxy: 'a%2Bb+c//d' },
    stageVariables: { color: 'blue' },
    body: 'payload',
    isBase64Encoded: false,
  });
  expect(headers).toEqual({
    Host: 'example.test:1234',
    'X-Multi': 'two',
    'User-Agent': 'agent/1',
    'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Sampled=0$/),
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Port': String(gateway.port),
    'X-Forwarded-Proto': 'http',
  });
  expect(multiValueHeaders).toMatchObject({ 'X-Multi': ['one', 'two'], 'X-Forwarded-For': ['127.0.0.1'] });
  expect(requestContext).toEqual({
    accountId: '000000000000',
    apiId: 'abcdefghij',
    deploymentId: expect.stringMatching(/^[a-z0-9]{6}$/),
    domainName: 'abcdefghij.execute-api.localhost',
    domainPrefix: 'abcdefghij',
    extendedRequestId: expect.stringMatching(/=$/),
    httpMethod: 'POST',
    identity: {
      accessKey: null,
      accountId: null,
      caller: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: '127.0.0.1',
      user: null,
      userAgent: 'agent/1',
      userArn: null,
    },
    path: '/test/a%2Bb+c//d/',
    protocol: 'HTTP/1.1',
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    requestTimeEpoch: expect.any(Number),
    resourceId: 'res0',
    resourcePath: '/{proxy+}',
    stage: 'test',
  });
});

test('what is empty is null', async () => {
  const gateway = await serve();
  await gateway.get('');
  expect(gateway.invoker.event).toMatchObject({
    path: '/',
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
  });
});

test('a slash doubled after the stage stays in requestContext.path alone', async () => {
  const gateway = await serve();
  await gateway.get('//foo');
  expect(gateway.invoker.event).toMatchObject({ path: '/foo', requestContext: { path: '/test//foo' } });
});

test('a body of a binary media type comes as base64', async () => {
  const gateway = await serve({ restApi: { binaryMediaTypes: ['image/*'] } });
  const body = Uint8Array.of(0, 255, 128);
  await gateway.get('/x', { method: 'PUT', headers: { 'Content-Type': 'image/png; a=b' }, body });
  expect(gateway.invoker.event).toMatchObject({ body: 'AP+A', isBase64Encoded: true });
  await gateway.get('/x', { method: 'PUT', headers: { 'Content-Type': 'text/plain' }, body: 'é' });
  expect(gateway.invoker.event).toMatchObject({ body: 'é', isBase64Encoded: false });
});

test("the client's trace root and X-Forwarded-For are kept", async () => {
  const gateway = await serve();
  const root = '1-5759e988-bd862e3fe1be46a994272793';
  await gateway.get('/x', { headers: { 'X-Amzn-Trace-Id': `Root=${root};Sampled=1`, 'X-Forwarded-For': '192.0.2.1' } });
  expect(gateway.invoker.event).toMatchObject({
    headers: { 'X-Amzn-Trace-Id': `Root=${root};Sampled=1`, 'X-Forwarded-For': '192.0.2.1, 127.0.0.1' },
  });
  expect(gateway.invoker.requests[0]?.traceId).toMatch(new RegExp(`^Root=${root};Parent=[0-9a-f]{16};Sampled=1$`));
});

test('X-HTTP-Method-Override changes the method', async () => {
  const gateway = await serve();
  await gateway.get('/x', { method: 'POST', headers: { 'X-HTTP-Method-Override': 'PATCH' } });
  expect(gateway.invoker.event).toMatchObject({ httpMethod: 'PATCH' });
});
