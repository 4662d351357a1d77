import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type RequestOptions, type Server } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Listener, listen } from '@spillway/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CertificateAuthority } from './certificate-authority.ts';
import { passOn } from './pass-on.ts';

const HOST = 's3.eu-west-1.amazonaws.com';

let aws: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let listener: Listener;
let failure: Error | undefined;

/** AWS's place is taken by a server of this test. */
class LocalAgent extends Agent {
  readonly #ca: string;
  readonly #port: number;

  constructor(ca: string, port: number) {
    super();
    this.#ca = ca;
    this.#port = port;
  }

  override createConnection({ host }: RequestOptions) {
    const socket = connectTcp(this.#port, '127.0.0.1');
    return connectTls({ socket, servername: host ?? '', ca: this.#ca });
  }
}

beforeEach(async () => {
  const authority = await CertificateAuthority.create();
  const context = await authority.secureContext(HOST);
  aws = createServer({ SNICallback: (_, callback) => callback(null, context) }, (request, response) =>
    answer(request, response),
  ).listen(0, '127.0.0.1');
  await once(aws, 'listening');
  const agent = new LocalAgent(authority.certificatePem, (aws.address() as AddressInfo).port);
  failure = undefined;
  listener = await listen({
    port: 0,
    handle: (request, response) =>
      void passOn(HOST, request, response, agent).catch((error: Error) => {
        failure = error;
        response.destroy();
      }),
  });
});
afterEach(async () => {
  await listener.close();
  aws.close();
  aws.closeAllConnections();
});

const url = () => `http://127.0.0.1:${listener.port}/their-bucket/k%20ey?versionId=1`;

test('a request goes on as it came, and so does its answer', async () => {
  let seen: unknown;
  answer = ({ method, url, headers }, response) => {
    seen = { method, url, headers };
    response.writeHead(403, { 'x-amz-request-id': 'REQUEST', 'Content-Length': 6 });
    response.end('denied');
  };
  const response = await fetch(url(), {
    method: 'PUT',
    body: 'x'.repeat(100_000),
    headers: { 'x-amz-acl': 'private' },
  });
  expect([response.status, response.headers.get('x-amz-request-id'), await response.text()]).toEqual([
    403,
    'REQUEST',
    'denied',
  ]);
  expect(seen).toMatchObject({
    method: 'PUT',
    url: '/their-bucket/k%20ey?versionId=1',
    headers: { 'x-amz-acl': 'private', 'content-length': '100000', host: `127.0.0.1:${listener.port}` },
  });
});

test('what breaks off there breaks off here', async () => {
  answer = (_request, response) => {
    response.writeHead(200, { 'Content-Length': 1000 }).write('half', () => response.destroy());
  };
  const response = await fetch(url());
  await expect(response.text()).rejects.toThrow();
  expect(failure).toBeDefined();
});

test('a host that can not be reached is an error', async () => {
  aws.close();
  await expect(fetch(url())).rejects.toThrow();
  expect(failure?.message).toContain('ECONNREFUSED');
});
