import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downloadSettings } from '../download-settings.ts';
import { ask } from '../testing/requests.ts';

const servers: Server[] = [];
let asked: string[] = [];

async function serve(
  answer: (url: string, response: ServerResponse, request: IncomingMessage) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request.url ?? '', response, request);
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
  for (const key of ['a%3Fb%23c', '%40evil.example.com', 'evil.example.com%2F', 'a%2520b', 'http%3A%2Fevil']) {
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

test('a size that is wrong, and a range that is less than asked for, are told apart by a HEAD', async () => {
  let lies = 1;
  const base = await serve((_, response, request) => {
    const headers = { ETag: '"a"', 'Last-Modified': 'Mon, 23 Nov 2026 08:30:15 GMT' };
    if (request.method === 'HEAD') return response.writeHead(200, { ...headers, 'Content-Length': 5 }).end();
    const range = request.headers.range === 'bytes=1-4' && lies === 0 ? 'bytes 1-4/5' : 'bytes 1-4/50';
    lies -= 1;
    return response.writeHead(206, { ...headers, 'Content-Range': range }).end('ello');
  });
  const answer = await ask({ origin: { baseUrl: base } }, { headers: { Range: 'bytes=1-' } });
  expect(answer).toMatchObject({ status: 206, text: 'ello', headers: { 'Content-Range': 'bytes 1-4/5' } });
  expect(asked.map((line) => line.split(' ')[0])).toEqual(['GET', 'HEAD', 'GET']);
});

test('a redirect to what is no URL leaves no connection behind', async () => {
  const closed: Promise<unknown>[] = [];
  const base = await serve((_, response) => {
    closed.push(once(response, 'close'));
    response.writeHead(302, { Location: 'http://[' }).write('more is to come');
  });
  expect(await ask({ origin: { baseUrl: base } })).toMatchObject({ status: 502 });
  await Promise.all(closed);
});

test('a segment without a name is none: many servers take two slashes for one', async () => {
  const base = await serve((_, response) => response.end('ok'));
  for (const key of ['%2Fsecret', 'a%2F%2Fb', 'a//b']) {
    expect(await ask({ origin: { baseUrl: `${base}/pub/` } }, { key })).toMatchObject({ status: 404 });
  }
  expect(asked).toEqual([]);
});

test('a checksum of parts, and one that is none, break no download', async () => {
  let headers: Record<string, string> = {};
  const base = await serve((_, response) => response.writeHead(200, headers).end('0123456789'));
  const sha256 = createHash('sha256').update('0123456789').digest('base64');
  for (headers of [
    { 'x-amz-checksum-crc32': 'poTJVg==-2' },
    { 'Repr-Digest': 'sha-256=:bm9uZQ==:' },
    { 'Repr-Digest': `sha-256=:${sha256.replace('=', '')}:` },
  ]) {
    expect(await ask({ origin: { baseUrl: base } })).toMatchObject({ text: '0123456789', error: undefined });
  }
  headers = { 'Repr-Digest': `sha-256=:${sha256.replace('=', '').replace('h', 'i')}:` };
  expect(await ask({ origin: { baseUrl: base } })).toMatchObject({ error: { reason: 'checksum' } });
});

test('a password in a base URL is refused', () => {
  expect(() => downloadSettings({ origin: { baseUrl: 'https://:password@files.example.com/' } })).toThrow('no URL');
});
