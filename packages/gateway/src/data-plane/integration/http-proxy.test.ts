import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Integration } from '@spillway/wire';
import { afterEach, expect, test } from 'vitest';
import { http, type ServedGateway, type ServeOptions, serveGateway } from '../../testing/served-gateway.ts';

let served: ServedGateway | undefined;
let backend: Server | undefined;
afterEach(async () => {
  await served?.close();
  backend?.closeAllConnections();
  await new Promise((resolve) => (backend?.listening ? backend.close(resolve) : resolve(undefined)));
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a backend; `route` makes the integration from its address. */
async function serve(
  handler: Handler,
  route: (origin: string) => ServeOptions['routes'],
  options: Partial<ServeOptions> = {},
) {
  const server = createServer(handler);
  backend = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  served = await serveGateway({ ...options, routes: route(origin) });
  return served;
}

const MODES = ['BUFFERED', 'STREAM'] as const;
const pathMapping = { 'integration.request.path.proxy': 'method.request.path.proxy' };
const proxied =
  (overrides: Partial<Integration> = {}) =>
  (origin: string) => ({
    'ANY /{proxy+}': http(`${origin}/base/{proxy}`, {
      httpMethod: 'ANY',
      requestParameters: pathMapping,
      ...overrides,
    }),
  });

test.each(MODES)('%s: status, headers and bytes pass, redirects and errors too', async (responseTransferMode) => {
  const gateway = await serve((request, response) => {
    response.writeHead(Number(request.url?.slice(-3)), { Location: '/else', Server: 'backend', 'X-Own': ['a', 'b'] });
    response.end(Buffer.of(0, 255, 128));
  }, proxied({ responseTransferMode }));
  for (const status of [200, 302, 418, 503]) {
    const answer = await gateway.get(`/${status}`);
    expect(answer).toMatchObject({ status, cut: false, body: Buffer.of(0, 255, 128) });
    expect(answer.headers).toMatchObject({
      location: '/else',
      'x-own': 'a, b',
      'x-amzn-remapped-server': 'backend',
      'content-type': 'application/json',
    });
    expect(answer.headers).not.toHaveProperty('x-amzn-trace-id');
  }
  expect(gateway.reports).toEqual([]);
});

test('the path is filled by mapping, encoded as sent; queries of uri, client and mapping all go out', async () => {
  let url: string | undefined;
  const route = (origin: string) => ({
    'GET /{proxy+}': http(`${origin}/{proxy}?own=1&key={other}`, {
      requestParameters: {
        ...pathMapping,
        'integration.request.path.other': 'method.request.querystring.q',
        'integration.request.querystring.own': "'a b'",
        'integration.request.querystring.absent': 'method.request.querystring.absent',
      },
    }),
  });
  const gateway = await serve((request, response) => {
    url = request.url;
    response.end();
  }, route);
  await gateway.get('/a/../%2e%2e/b%2Fc//d?q=x%26y&own=2');
  expect(url).toBe('/a/../%2e%2e/b%2Fc//d?own=1&key=x%26y&q=x%26y&own=2&own=a%20b');
});

test('headers to the backend: own ones added, a mapped one replaces, those of the hop dropped', async () => {
  let seen: NodeJS.Dict<string | string[]> = {};
  const requestParameters = {
    ...pathMapping,
    'integration.request.header.X-Mapped': 'stageVariables.color',
    'integration.request.header.X-Id': 'context.apiId',
  };
  const gateway = await serve(
    (request, response) => {
      seen = request.headers;
      request.on('data', (chunk) => response.write(chunk)).on('end', () => response.end());
    },
    proxied({ requestParameters }),
    { stage: { variables: { color: 'blue' } } },
  );
  const { body } = await gateway.get('/x', {
    method: 'POST',
    headers: {
      'x-mapped': 'client',
      Expect: '100-continue',
      TE: 'trailers',
      Via: 'me',
      Accept: 'a/b',
      'Transfer-Encoding': 'chunked',
    },
    body: 'sent',
  });
  expect(body.toString()).toBe('sent');
  expect(seen).toMatchObject({
    host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    accept: 'a/b',
    'content-length': '4',
    'x-mapped': 'blue',
    'x-id': 'abcdefghij',
    'x-amzn-apigateway-api-id': 'abcdefghij',
    'x-amzn-trace-id': expect.stringMatching(/^Root=1-/),
  });
  for (const dropped of ['expect', 'te', 'via', 'transfer-encoding', 'x-forwarded-for']) {
    expect(seen).not.toHaveProperty(dropped);
  }
});

test('BUFFERED: HEAD of more than 10 MB is no response of more than 10 MB', async () => {
  const gateway = await serve(
    (_, response) => {
      response.writeHead(200, { 'Content-Length': 20_000_000 }).end();
    },
    proxied({ responseTransferMode: 'BUFFERED' }),
  );
  const { status, headers } = await gateway.get('/x', { method: 'HEAD' });
  expect({ status, length: headers['x-amzn-remapped-content-length'] }).toEqual({ status: 200, length: '20000000' });
  expect((await gateway.get('/x')).status).toBe(500);
});

test.each(MODES)('%s: a status that is none is a network error', async (responseTransferMode) => {
  const gateway = await serve((request) => {
    request.socket.end('HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n');
  }, proxied({ responseTransferMode }));
  expect((await gateway.get('/x')).status).toBe(504);
  expect(gateway.reports).toEqual([expect.stringContaining('the status 99')]);
});

test.each(MODES)('%s: HEAD has the headers of the backend', async (responseTransferMode) => {
  const gateway = await serve((_, response) => {
    response.writeHead(200, { 'Content-Length': '1234' }).end();
  }, proxied({ responseTransferMode }));
  const { status, headers, cut } = await gateway.get('/x', { method: 'HEAD' });
  expect({ status, cut }).toEqual({ status: 200, cut: false });
  const name = responseTransferMode === 'STREAM' ? 'content-length' : 'x-amzn-remapped-content-length';
  expect(headers[name]).toBe('1234');
});

test.each(MODES)(
  '%s: a backend that is not there is 504, a host that does not exist 500',
  async (responseTransferMode) => {
    const gateway = await serve(
      () => {},
      (origin) => ({
        'GET /refused': http('http://127.0.0.1:1/', { responseTransferMode }),
        'GET /nowhere': http('http://no such host/', { uri: 'http://does-not-exist.invalid/', responseTransferMode }),
        'GET /slow': http(origin, { responseTransferMode, timeoutInMillis: 50 }),
      }),
    );
    const message = async (path: string) => {
      const { status, headers, body } = await gateway.get(path);
      expect(headers['x-amzn-errortype']).toBe('InternalServerErrorException');
      return `${status} ${body}`;
    };
    expect(await message('/refused')).toBe('504 {"message": "Network error communicating with endpoint"}');
    expect(await message('/slow')).toBe('504 {"message": "Endpoint request timed out"}');
    expect(await message('/nowhere')).toBe('500 {"message": "Internal server error"}');
    expect(gateway.logs.map(({ message: line }) => line).join('\n')).toContain('Invalid endpoint address');
  },
);

test('BUFFERED: over 10 MB is 500, reported or found; STREAM passes it', async () => {
  const handler: Handler = (request, response) => {
    if (request.url === '/base/reported') response.setHeader('Content-Length', 1001);
    response.write(Buffer.alloc(500));
    response.end(Buffer.alloc(501));
  };
  const limits = { gatewayBufferedResponseBytes: 1000 };
  const gateway = await serve(handler, proxied(), { limits });
  for (const path of ['/reported', '/found']) expect((await gateway.get(path)).status).toBe(500);
  const lines = gateway.logs.map(({ message }) => message).filter((line) => line.includes('larger than'));
  expect(lines[0]).toContain(
    'Integration response of reported length 1001 is larger than allowed maximum of 1000 bytes',
  );
  expect(lines[2]).toContain('Integration response is larger');
  expect(gateway.reports[0]).toContain('responseTransferMode STREAM');
});

test.each([
  ['BUFFERED', false],
  ['STREAM', false],
  ['STREAM', true],
] as const)('%s: a backend that breaks off (chunked: %s)', async (responseTransferMode, chunked) => {
  const gateway = await serve((_, response) => {
    if (!chunked) response.setHeader('Content-Length', '100');
    response.write('some', () => response.destroy());
  }, proxied({ responseTransferMode }));
  const { status, cut } = await gateway.get('/x');
  expect({ status, cut }).toEqual(
    responseTransferMode === 'STREAM' ? { status: 200, cut: true } : { status: 504, cut: false },
  );
  await expect.poll(() => gateway.reports).toEqual([expect.stringContaining('The integration broke off')]);
});

test('STREAM: a client that leaves ends the backend request', async () => {
  let closed = false;
  const gateway = await serve(
    (_, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.write('x');
    },
    proxied({ responseTransferMode: 'STREAM' }),
  );
  const controller = new AbortController();
  const response = await fetch(`${gateway.url}/x`, { signal: controller.signal });
  expect(response.status).toBe(200);
  controller.abort();
  await expect.poll(() => closed).toBe(true);
  expect(gateway.reports).toEqual([]);
});

test('a mapping that sets Content-Length fails every call', async () => {
  const gateway = await serve(
    (_, response) => response.end(),
    proxied({ requestParameters: { 'integration.request.header.Content-Length': "'3'" } }),
  );
  expect((await gateway.get('/x')).status).toBe(500);
});

test('*.localhost is this machine', async () => {
  const gateway = await serve(
    (request, response) => response.end(request.headers.host),
    (origin) => ({ 'GET /': http(origin.replace('127.0.0.1', 'some.name.localhost')) }),
  );
  expect((await gateway.get('/')).body.toString()).toMatch(/^some\.name\.localhost:\d+$/);
});
