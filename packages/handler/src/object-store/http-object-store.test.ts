import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask } from '../testing/requests.ts';

const servers: Server[] = [];
let asked: string[] = [];

async function serve(answer: (url: string, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request.url ?? '', response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(() => {
  asked = [];
});
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections() ?? server.close();
});

test('redirects are followed to allowed origins only', async () => {
  const elsewhere = await serve((_, response) => response.end('elsewhere'));
  const base = await serve((url, response) => {
    if (url === '/pub/there') response.writeHead(302, { Location: `${elsewhere}/x` }).end();
    else if (url === '/pub/here') response.writeHead(307, { Location: '/pub/end' }).end();
    else if (url === '/pub/round') response.writeHead(308, { Location: '/pub/round' }).end();
    else if (url === '/pub/metadata') response.writeHead(301, { Location: 'http://169.254.169.254/latest' }).end();
    else response.end('here');
  });
  const origin = { baseUrl: `${base}/pub` };
  expect(await ask({ origin }, { key: 'here' })).toMatchObject({ status: 200, text: 'here' });
  expect(await ask({ origin }, { key: 'there' })).toMatchObject({ status: 502 });
  expect(await ask({ origin }, { key: 'metadata' })).toMatchObject({ status: 502 });
  expect(await ask({ origin: { ...origin, allow: [elsewhere] } }, { key: 'there' })).toMatchObject({
    text: 'elsewhere',
  });
  asked = [];
  expect(await ask({ origin }, { key: 'round' })).toMatchObject({ status: 502 });
  expect(asked).toHaveLength(4);
});

test('a key is a path below the base URL, whatever is in it', async () => {
  const base = await serve((_, response) => response.end('ok'));
  for (const key of ['a%3Fb%23c', '%40evil.example.com', '%2F%2Fevil.example.com', 'a%2520b', 'http%3A%2F%2Fevil']) {
    expect(await ask({ origin: { baseUrl: `${base}/pub/` } }, { key })).toMatchObject({ status: 200 });
  }
  for (const line of asked) expect(line).toMatch(/^GET \/pub\//);
});

test('a content coding passes as it is', async () => {
  const coded = gzipSync('hello');
  const base = await serve((_, response) =>
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': coded.byteLength }).end(coded),
  );
  const answer = await ask({ origin: { baseUrl: base } });
  expect(answer).toMatchObject({ status: 200, headers: { 'Content-Encoding': 'gzip' } });
  expect(Buffer.compare(answer.bytes, coded)).toBe(0);
});

test('a body without a length has none, and a server without ranges answers by the whole', async () => {
  const base = await serve((_, response) => {
    response.write('he');
    response.end('llo');
  });
  const answer = await ask({ origin: { baseUrl: base } }, { headers: { Range: 'bytes=1-2' } });
  expect(answer).toMatchObject({ status: 200, text: 'hello', error: undefined });
  expect(answer.headers['Content-Length']).toBeUndefined();
});
