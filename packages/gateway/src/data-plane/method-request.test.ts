import { afterEach, expect, test } from 'vitest';
import { lambda, type ServedGateway, type ServeOptions, serveGateway } from '../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());
const serve = async (options: Partial<ServeOptions> = {}) => {
  served = await serveGateway({
    routes: { 'POST /': lambda('f') },
    functions: { f: { result: () => ({ body: 'ok' }) } },
    ...options,
  });
  return served;
};

test('a request body over 10 MB is refused in plain text, with and without a length', async () => {
  const gateway = await serve();
  const body = Buffer.alloc(10 * 1024 * 1024 + 1);
  for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }] as const) {
    const answer = await gateway.get('/', { method: 'POST', headers, body });
    expect(answer.status).toBe(413);
    expect(answer.body.toString()).toBe('HTTP content length exceeded 10485760 bytes.');
    expect(answer.headers['x-amzn-errortype']).toBeUndefined();
  }
  expect(gateway.invoker.requests).toEqual([]);
});

test('a body of many chunks arrives as it was sent', async () => {
  const gateway = await serve();
  const body = Array.from({ length: 200_000 }, (_, index) => String(index).padStart(7)).join('');
  await gateway.get('/', { method: 'POST', body });
  const [request] = gateway.invoker.requests;
  const event = JSON.parse(Buffer.from(request?.payload ?? '').toString());
  expect(event.body === body).toBe(true);
});

test('size comes before stage and route', async () => {
  const gateway = await serve({ limits: { gatewayRequestBytes: 3 } });
  expect((await gateway.get('/nowhere', { method: 'POST', body: 'four' })).status).toBe(413);
  expect((await gateway.get('/nowhere', { method: 'POST', body: 'thr' })).status).toBe(403);
});

test('an event over 6 MB is Request Too Long', async () => {
  const gateway = await serve();
  const answer = await gateway.get('/', { method: 'POST', body: 'x'.repeat(6 * 1024 * 1024) });
  expect(answer.status).toBe(413);
  expect(answer.body.toString()).toBe('{"message":"Request Too Long"}');
  expect(gateway.invoker.requests).toEqual([]);
});

test('header values over 10,240 bytes are refused', async () => {
  const gateway = await serve();
  expect((await gateway.get('/', { method: 'POST', headers: { cookie: 'x'.repeat(10_300) } })).status).toBe(431);
});

test.each([
  ['/_aws/execute-api/abcdefghij/other/x', '{"message":"Forbidden"}', 'ForbiddenException'],
  ['/_aws/execute-api/zzzzzzzzzz/test/x', '{"message":"Forbidden"}', 'ForbiddenException'],
  ['/_aws/execute-api/abcdefghij', '{"message":"Forbidden"}', 'ForbiddenException'],
  [
    '/_aws/execute-api/abcdefghij/test/x',
    '{"message":"Missing Authentication Token"}',
    'MissingAuthenticationTokenException',
  ],
  [
    '/_aws/execute-api/abcdefghij/test/',
    '{"message":"Missing Authentication Token"}',
    'MissingAuthenticationTokenException',
  ],
])('403 for GET %s', async (target, body, errorType) => {
  const gateway = await serve();
  const answer = await gateway.get('', { target });
  expect(answer.status).toBe(403);
  expect(answer.body.toString()).toBe(body);
  expect(answer.headers['x-amzn-errortype']).toBe(errorType);
  expect(gateway.reports).toHaveLength(1);
});

test('an API with disableExecuteApiEndpoint is 403 Forbidden', async () => {
  const gateway = await serve({ restApi: { disableExecuteApiEndpoint: true } });
  expect((await gateway.get('/', { method: 'POST' })).body.toString()).toBe('{"message":"Forbidden"}');
});

test('a client that breaks off its request leaves nothing behind', async () => {
  const gateway = await serve();
  const controller = new AbortController();
  const stalled = new ReadableStream({
    pull: (stream) => {
      stream.enqueue(new TextEncoder().encode('x'));
      return new Promise(() => {});
    },
  });
  const options = { method: 'POST', body: stalled, duplex: 'half' as const, signal: controller.signal };
  const fetching = fetch(gateway.url, options).catch(() => 'gone');
  setImmediate(() => controller.abort());
  expect(await fetching).toBe('gone');
  expect((await gateway.get('/', { method: 'POST' })).body.toString()).toBe('ok');
});
