import { afterEach, expect, test } from 'vitest';
import { mock, type ServedGateway, serveGateway } from '../../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const preflight = {
  statusCode: '204',
  responseParameters: {
    'method.response.header.Access-Control-Allow-Origin': "'*'",
    'method.response.header.Access-Control-Allow-Methods': "'GET,OPTIONS'",
  },
  responseTemplates: {},
};

test('a CORS preflight', async () => {
  served = await serveGateway({
    routes: {
      'OPTIONS /x': mock({
        requestTemplates: { 'application/json': '{ statusCode: 204 }' },
        integrationResponses: [preflight],
      }),
    },
  });
  const { status, headers, body } = await served.get('/x', { method: 'OPTIONS' });
  expect(status).toBe(204);
  expect(headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET,OPTIONS',
  });
  expect(headers).not.toHaveProperty('x-amzn-trace-id');
  expect(body.byteLength).toBe(0);
});

test('selectionPattern beats the default, and a template is the body', async () => {
  const answer = (statusCode: string, text: string, selectionPattern = '') => ({
    statusCode,
    selectionPattern,
    responseParameters: {},
    responseTemplates: { 'text/plain': text },
  });
  served = await serveGateway({
    routes: {
      'GET /4': mock({
        requestTemplates: { 'application/json': '{"statusCode": 404}' },
        integrationResponses: [answer('200', 'default'), answer('410', 'matched', '4\\d\\d')],
      }),
      'GET /2': mock({ integrationResponses: [answer('201', 'default'), answer('410', 'matched', '4\\d\\d')] }),
    },
  });
  const matched = await served.get('/4');
  expect([matched.status, matched.body.toString(), matched.headers['content-type']]).toEqual([
    410,
    'matched',
    'text/plain',
  ]);
  expect((await served.get('/2')).body.toString()).toBe('default');
});

test('without an integration response it is 500; without a template it may be 415', async () => {
  served = await serveGateway({
    routes: {
      'GET /none': mock(),
      'POST /never': mock({ passthroughBehavior: 'NEVER', integrationResponses: [preflight] }),
      'POST /templates': mock({ passthroughBehavior: 'WHEN_NO_TEMPLATES', integrationResponses: [preflight] }),
    },
  });
  expect((await served.get('/none')).status).toBe(500);
  for (const path of ['/never', '/templates']) {
    const { status, body } = await served.get(path, { method: 'POST', headers: { 'Content-Type': 'text/xml' } });
    expect(`${status} ${body}`).toBe('415 {"message":"Unsupported Media Type"}');
  }
});

test('a selectionPattern that takes too long is named, and answers 500', async () => {
  const selectionPattern = '((\\d?){90}){90}x';
  served = await serveGateway({
    routes: { 'GET /x': mock({ integrationResponses: [{ ...preflight, selectionPattern }] }) },
  });
  expect((await served.get('/x')).status).toBe(500);
  await expect
    .poll(() => served?.reports.join())
    .toContain(`the selectionPattern ${selectionPattern} was given up after`);
});
