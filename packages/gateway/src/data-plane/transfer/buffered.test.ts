import { AWS_LIMITS, bodyOf, encodePrelude } from '@spillway/wire';
import { afterEach, expect, test, vi } from 'vitest';
import { bytes } from '../../testing/fake-invoker.ts';
import { lambda, type ServedGateway, serveGateway } from '../../testing/served-gateway.ts';
import { ExecutionTrace } from '../execution-trace.ts';
import { IntegrationCall } from '../integration-call.ts';
import { buffered } from './buffered.ts';

test('the integration timeout ends with the integration, not with a slow client', async () => {
  vi.useFakeTimers();
  try {
    const { signal: client } = new AbortController();
    const call = new IntegrationCall({ timeoutMs: 50, idleTimeoutMs: 50, tooLarge: 'functionFailed', client });
    const body = bodyOf(bytes('{"body":"x"}'));
    await buffered.respond(
      { from: 'lambda', body },
      { call, limits: AWS_LIMITS, binaryMediaTypes: [], accept: undefined, trace: new ExecutionTrace() },
    );
    vi.advanceTimersByTime(60_000);
    expect(call.signal.aborted).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const answerTo = async (result: unknown, headers: Record<string, string> = {}, binaryMediaTypes: string[] = []) => {
  served = await serveGateway({
    routes: { 'ANY /': lambda('f') },
    functions: { f: { result: () => result } },
    restApi: { binaryMediaTypes },
  });
  return served.get('/', { headers });
};

test.each([
  [{ statusCode: 200 }, 200],
  [{ headers: { a: 'b' } }, 200],
  [{ statusCode: '201' }, 201],
  [{ headers: null, multiValueHeaders: null, body: null }, 200],
  [{}, 200],
  [{ body: 12 }, 200],
  [{ headers: { n: 1 } }, 200],
  [null, 502],
  ['text', 502],
  [[], 502],
  [{ statusCode: 200, wrongValue: 1 }, 502],
  [{ statusCode: 'test' }, 502],
  [{ statusCode: 99 }, 502],
  [{ statusCode: 100.5 }, 502],
  [{ multiValueHeaders: { a: 'b' } }, 502],
  [{ headers: { a: ['b'] } }, 502],
  [{ headers: [] }, 502],
  [{ headers: { 'bad name': 'x' } }, 502],
  [{ headers: { a: 'line\nfeed' } }, 502],
  [{ body: { a: 1 } }, 502],
  [{ body: 'x', isBase64Encoded: 'maybe' }, 502],
  [new TextEncoder().encode('{"statusCode":'), 502],
])('%j is %i', async (result, expected) => {
  const { status, headers, body } = await answerTo(result);
  expect(status).toBe(expected);
  expect(headers['content-type']).toBe('application/json');
  if (expected !== 502) return;
  expect(body.toString()).toBe('{"message": "Internal server error"}');
  expect(headers['x-amzn-errortype']).toBe('InternalServerErrorException');
  const messages = served?.logs.map(({ message }) => message) ?? [];
  expect(messages[0]).toMatch(/^\(.*\) Execution failed due to configuration error: Malformed Lambda proxy response$/);
  expect(messages[1]).toMatch(/^\(.*\) Method completed with status: 502$/);
  expect(messages[2]).toMatch(/^\[spillway] .*\. Return an object/s);
});

test('an empty body has a length of 0', async () => {
  expect((await answerTo({ statusCode: 200 })).headers['content-length']).toBe('0');
});

test('both header maps merge: multi-value first, its case, a pair once', async () => {
  const { rawHeaders } = await answerTo({
    headers: { 'x-both': 'solo', 'x-same': 'one', flag: true },
    multiValueHeaders: { 'X-Both': ['multi'], 'X-Same': ['one'], 'Set-Cookie': ['a=1', 'b=2'] },
  });
  const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  expect(pairs.filter((pair) => /^(x-both|x-same|flag|set-cookie)/i.test(pair))).toEqual([
    'X-Both: multi',
    'X-Same: one',
    'Set-Cookie: a=1',
    'Set-Cookie: b=2',
    'X-Both: solo',
    'flag: true',
  ]);
});

test('headers of the connection are remapped or dropped', async () => {
  const { headers } = await answerTo({
    headers: {
      Connection: 'close',
      'Content-Length': '99',
      Date: 'then',
      Server: 'mine',
      'WWW-Authenticate': 'Basic',
      'x-amzn-RequestId': 'own',
      'Transfer-Encoding': 'chunked',
      Via: 'me',
      'Content-Encoding': 'identity',
    },
    body: 'abc',
  });
  expect(headers).toMatchObject({
    'x-amzn-remapped-connection': 'close',
    'x-amzn-remapped-content-length': '99',
    'x-amzn-remapped-date': 'then',
    'x-amzn-remapped-server': 'mine',
    'x-amzn-remapped-www-authenticate': 'Basic',
    'x-amzn-remapped-x-amzn-requestid': 'own',
    'content-encoding': 'identity',
    'content-length': '3',
  });
  expect(headers.date).not.toBe('then');
  expect(headers).not.toHaveProperty('via');
  expect(headers).not.toHaveProperty('transfer-encoding');
});

test.each([
  [['image/png'], 'image/png', true],
  [['image/png'], 'image/png,image/*,*/*;q=0.8', true],
  [['image/png'], 'IMAGE/PNG;q=0.9', true],
  [['image/png'], 'image/*', false],
  [['image/png'], '*/*', false],
  [['image/png'], 'image/webp,image/png', false],
  [['application/*'], 'application/pdf', true],
  [['*/png'], 'image/png', false],
  [['*/*'], 'text/html,*/*', true],
  [[], 'image/png', false],
])('binary media types %j with Accept %s: decoded is %s', async (binaryMediaTypes, accept, isDecoded) => {
  const { body } = await answerTo({ isBase64Encoded: true, body: 'AP+A' }, { Accept: accept }, binaryMediaTypes);
  expect(body).toEqual(isDecoded ? Buffer.of(0, 255, 128) : Buffer.from('AP+A'));
});

test('base64 that is none is a 500', async () => {
  expect((await answerTo({ isBase64Encoded: true, body: '%%%' }, { Accept: 'a/b' }, ['*/*'])).status).toBe(500);
});

test('stream metadata behind a BUFFERED integration: status and headers, no body', async () => {
  const payload = Buffer.concat([encodePrelude({ statusCode: 206, headers: { a: 'b' } }), Buffer.from('body')]);
  const { status, headers, body } = await answerTo(payload);
  expect({ status, body: body.toString() }).toEqual({ status: 206, body: '' });
  expect(headers['a']).toBe('b');
});

test('HEAD has the headers of its body, and no body', async () => {
  await answerTo({ body: 'abc' });
  const head = await served?.get('/', { method: 'HEAD' });
  expect(head?.headers['content-length']).toBe('3');
  expect(head?.body.byteLength).toBe(0);
});
