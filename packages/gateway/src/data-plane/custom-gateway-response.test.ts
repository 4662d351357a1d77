import type { GatewayResponse } from '@spillway/wire';
import { afterEach, expect, test } from 'vitest';
import { lambda, type ServedGateway, serveGateway, streamingLambda } from '../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const response = (responseType: string, more: Partial<GatewayResponse> = {}): GatewayResponse => ({
  responseType,
  responseParameters: {},
  responseTemplates: {},
  ...more,
});

async function serve(...gatewayResponses: GatewayResponse[]): Promise<ServedGateway> {
  served = await serveGateway({
    routes: { 'GET /b/{name}': lambda('nobody'), 'GET /s': streamingLambda('nobody') },
    restApi: { gatewayResponses },
    stage: { variables: { color: 'blue' } },
  });
  return served;
}

const nowhere = (gateway: ServedGateway, headers: Record<string, string> = {}) => gateway.get('/nowhere', { headers });

test.each(['204', '304'])('with the status %s there is no body, and no length of one', async (statusCode) => {
  const gateway = await serve(response('MISSING_AUTHENTICATION_TOKEN', { statusCode }));
  const answer = await nowhere(gateway);
  expect([answer.status, answer.body.byteLength]).toEqual([Number(statusCode), 0]);
  expect(answer.headers).not.toHaveProperty('content-length');
});

test("status, headers and body are the author's; what is not given stays", async () => {
  const gateway = await serve(
    response('MISSING_AUTHENTICATION_TOKEN', {
      statusCode: '404',
      responseParameters: {
        'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
        'gatewayresponse.header.X-Said': 'method.request.header.X-Say',
        'gatewayresponse.header.X-Query': 'method.request.querystring.q',
        'gatewayresponse.header.X-Color': 'stageVariables.color',
        'gatewayresponse.header.X-Type': 'context.error.responseType',
        'gatewayresponse.header.X-Missing': 'method.request.header.X-Missing',
      },
      responseTemplates: {
        'application/json':
          '{"said":$context.error.messageString,"type":"$context.error.responseType","path":"$context.path","c":"$stageVariables.color","no":"$context.authorizer.x"}',
      },
    }),
  );
  const answer = await gateway.get('/nowhere?q=1', { headers: { 'X-Say': 'hello' } });
  expect(answer.status).toBe(404);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': '*',
    'content-type': 'application/json',
    'x-said': 'hello',
    'x-query': '1',
    'x-color': 'blue',
    'x-type': 'MISSING_AUTHENTICATION_TOKEN',
    'x-amzn-errortype': 'MissingAuthenticationTokenException',
  });
  expect(answer.headers).not.toHaveProperty('x-missing');
  expect(JSON.parse(answer.body.toString())).toEqual({
    said: 'Missing Authentication Token',
    type: 'MISSING_AUTHENTICATION_TOKEN',
    path: '/test/nowhere',
    c: 'blue',
    no: '',
  });
});

test('a type without a response of its own has that of its class', async () => {
  const gateway = await serve(
    response('DEFAULT_4XX', { responseParameters: { 'gatewayresponse.header.X-Class': "'4'" } }),
    response('DEFAULT_5XX', {
      statusCode: '503',
      responseTemplates: { 'text/plain': 'sorry: $context.error.message' },
    }),
    response('THROTTLED', { statusCode: '400' }),
  );
  const client = await nowhere(gateway);
  expect([client.status, client.headers['x-class'], client.body.toString()]).toEqual([
    403,
    '4',
    '{"message":"Missing Authentication Token"}',
  ]);
  for (const path of ['/b/x', '/s']) {
    const server = await gateway.get(path);
    expect([server.status, server.headers['content-type'], server.body.toString()]).toEqual([
      503,
      'text/plain',
      'sorry: Internal server error',
    ]);
  }
});

test('Accept picks the template', async () => {
  const gateway = await serve(
    response('DEFAULT_4XX', {
      responseTemplates: { 'application/json': '{}', 'text/html': '<p>$context.error.message</p>' },
    }),
  );
  const html = await nowhere(gateway, { Accept: 'text/html,*/*' });
  expect([html.headers['content-type'], html.body.toString()]).toEqual([
    'text/html',
    '<p>Missing Authentication Token</p>',
  ]);
  expect((await nowhere(gateway)).body.toString()).toBe('{}');
});

test("a Content-Type of the author's, and a header that HTTP cannot carry", async () => {
  const gateway = await serve(
    response('DEFAULT_4XX', {
      responseParameters: {
        'gatewayresponse.header.content-type': "'application/problem+json'",
        'gatewayresponse.header.X-Query': 'method.request.querystring.q',
      },
    }),
  );
  const answer = await gateway.get('/nowhere?q=a%0d%0ab:%20c');
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.headers).not.toHaveProperty('x-query');
});

test('what comes from before the API is as it is', async () => {
  const gateway = await serve(response('DEFAULT_4XX', { statusCode: '400' }), response('REQUEST_TOO_LARGE'));
  const answer = await nowhere(gateway, { 'X-Long': 'x'.repeat(10_241) });
  expect(answer.status).toBe(431);
});
