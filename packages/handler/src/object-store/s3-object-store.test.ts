import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { ask } from '../testing/requests.ts';

afterEach(() => vi.unstubAllEnvs());

test('S3 ignores no range: what answers one by the whole is not believed', async () => {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.range);
    response.writeHead(200, { ETag: '"a"', 'Content-Length': 4 }).end('ello');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  try {
    const options = { bucket: 'bucket', patience: { backoffMs: 1 } };
    expect(await ask(options, { headers: { Range: 'bytes=1-' } })).toMatchObject({ status: 502 });
    expect(asked).toEqual(['bytes=1-', 'bytes=1-', 'bytes=1-']);
    expect(await ask(options)).toMatchObject({ status: 200, text: 'ello' });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
