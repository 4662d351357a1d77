import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Listener, listen } from '@spillway/http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Services } from './deploy-stack.ts';
import { FrontDoor } from './front-door.ts';

let door: FrontDoor;
let listener: Listener;
const reached: string[] = [];

beforeEach(async () => {
  reached.length = 0;
  door = new FrontDoor();
  listener = await listen({ port: 0, handle: (request, response) => door.handle(request, response) });
});
afterEach(() => listener.close());

function answering(name: string) {
  return {
    handle: async (request: IncomingMessage, response: ServerResponse) => {
      reached.push(name);
      if (request.url === '/fails/') throw new Error('a fault');
      response.end(name);
    },
  };
}

const open = () =>
  door.open({
    gateway: answering('gateway'),
    lambda: answering('lambda'),
    origin: answering('origin'),
    iam: answering('iam'),
  } as unknown as Services);

async function ask(
  path: string,
  { body, ...options }: { method?: string; headers?: OutgoingHttpHeaders; body?: Uint8Array } = {},
) {
  const request = httpRequest({ port: listener.port, path, agent: false, ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  // The listener may close while the body is still on its way.
  request.on('error', () => {});
  const { 'x-amzn-errortype': errorType, 'content-type': contentType } = response.headers;
  return { status: response.statusCode, text: await text(response), errorType, contentType };
}

describe('the front door', () => {
  it('lets requests wait that come before the services are up', async () => {
    const answer = ask('/bucket/key');
    await once(listener.server, 'request');
    expect(reached).toEqual([]);
    open();
    expect(await answer).toMatchObject({ status: 200, text: 'origin' });
  });

  it('refuses a foreign page so that it can tell, also while it sends a large body', async () => {
    open();
    const answer = await ask('/bucket', {
      method: 'POST',
      headers: { Origin: 'http://evil.example', Connection: 'keep-alive' },
      body: new Uint8Array(8_388_608),
    });
    expect(answer).toMatchObject({ status: 403, errorType: 'CrossSiteRequestRefused' });
    expect(reached).toEqual([]);
  });

  it.each(['/restapis', '/2015-03-31/functions', '/', '/bucket'])(
    'refuses a simple request of a page to %s before its body is read',
    async (path) => {
      open();
      const request = httpRequest({
        port: listener.port,
        path,
        method: 'POST',
        agent: false,
        headers: {
          Origin: 'http://evil.example',
          'Content-Type': path === '/' ? 'application/x-www-form-urlencoded' : 'text/plain',
          'Content-Length': 1000,
        },
      });
      // Not one byte of the body is sent.
      request.flushHeaders();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(403);
      expect(reached).toEqual([]);
      request.on('error', () => {});
      request.destroy();
    },
  );

  it.each([
    ['dynamodb', 'application/x-amz-json-1.0', 'application/json', '"__type":"UnknownOperationException"'],
    ['sqs', 'application/x-www-form-urlencoded', 'text/xml', '<Code>UnknownOperationException</Code>'],
    ['cloudfront', 'application/xml', 'text/xml', '<Code>UnknownOperationException</Code>'],
  ])('names %s, which is not served, in a shape that its SDK reads', async (service, type, contentType, code) => {
    open();
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, Signature=0`;
    const answer = await ask('/', { method: 'POST', headers: { Authorization: authorization, 'Content-Type': type } });
    expect(answer).toMatchObject({ status: 404, contentType, errorType: 'UnknownOperationException' });
    expect(answer.text).toContain(code);
    expect(answer.text).toContain(`the service ${service}`);
  });

  it('answers 500 for a fault of a service and goes on', async () => {
    open();
    expect(await ask('/fails/')).toMatchObject({ status: 500, errorType: 'InternalError' });
    expect(await ask('/bucket/')).toMatchObject({ status: 200 });
  });

  it('lets nothing through once it is shut', async () => {
    open();
    door.shut();
    await expect(ask('/bucket/')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(reached).toEqual([]);
  });
});
