import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CurlResult, curl } from './support/curl.ts';
import { logicalId, stackFiles, streaming, type TestRoute } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const CHUNK = 'x'.repeat(1000);
const WITH_LENGTH = "{ statusCode: 200, headers: { 'Content-Type': 'text/plain', 'Content-Length': '2000' } }";

/** Relays what `ORIGIN_URL` gives, length left out, as the simplest relay does. */
const ORIGIN_RELAY = `
import { get } from 'node:http';
import { pipeline } from 'node:stream/promises';
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const object = await new Promise((resolve, reject) => get(process.env.ORIGIN_URL, resolve).on('error', reject));
  await pipeline(object, awslambda.HttpResponseStream.from(responseStream, { statusCode: 200 }));
});
`;

const stream = (name: string, body: string, more: Partial<TestRoute> & { readonly head?: string } = {}): TestRoute => ({
  name,
  path: `/${name}`,
  mode: 'STREAM',
  source: streaming(body, more.head),
  ...more,
});

let system: System;
let origin: Server;

beforeAll(async () => {
  // An origin that promises 1 MB and breaks off after the first part.
  origin = createServer((_, response) => {
    response.writeHead(200, { 'Content-Length': 1_000_000 });
    response.write(randomBytes(1000), () => response.destroy());
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/`;
  system = await startSystem(
    stackFiles([
      stream('throws', `await write('${CHUNK}'); throw new TypeError('broken in mid stream');`),
      stream('crashes', `await write('${CHUNK}'); await sleep(100); process.exit(3);`),
      stream(
        'uncaught',
        `await write('${CHUNK}'); setTimeout(() => { throw new Error('nobody catches'); }, 50); await sleep(5000);`,
      ),
      stream('times-out', `await write('${CHUNK}'); await sleep(30_000);`, { timeoutSeconds: 1 }),
      stream('falls-silent', `await write('${CHUNK}'); await sleep(1500); stream.end();`),
      stream('too-long', `for (let i = 0; i < 40; i++) await write(Buffer.alloc(65536)); stream.end();`),
      stream(
        'outlives-integration',
        `for (let i = 0; i < 40; i++) { await write('${CHUNK}'); await sleep(100); } stream.end();`,
        {
          timeoutInMillis: 900,
        },
      ),
      stream('shorter', `await write('${CHUNK}'); stream.end();`, { head: WITH_LENGTH }),
      stream('longer', `await write('${CHUNK}'); await write('${CHUNK}'); stream.end('more');`, { head: WITH_LENGTH }),
      stream('whole-then-throws', `await write('${CHUNK}${CHUNK}'); throw new Error('late');`, { head: WITH_LENGTH }),
      { ...stream('origin-cut', ''), source: ORIGIN_RELAY, environment: { ORIGIN_URL: originUrl } },
    ]),
    { limit: { regionalStreamIdleTimeoutMs: 1200, lambdaStreamedResponseBytes: 1_048_576 } },
  );
});
afterAll(async () => {
  await system?.close();
  origin?.close();
});

const download = (name: string): Promise<CurlResult> => curl(system.url(`/${name}`), '--max-time', '30');

/** Status and part of the body arrived, the end did not: `curl: (18) transfer closed with outstanding read data remaining`. */
function expectCut(result: CurlResult): void {
  expect(result.status).toBe(200);
  expect(result.exitCode).toBe(18);
}

describe('a stream that breaks off never ends cleanly', () => {
  it('when the function throws', async () => {
    const result = await download('throws');
    expectCut(result);
    expect(result.text).toBe(CHUNK);
    expect(await system.logsWith(logicalId('throws'), 'REPORT')).toContain('broken in mid stream');
  });

  it('when the function crashes', async () => {
    expectCut(await download('crashes'));
    expect(await system.logsWith(logicalId('crashes'), 'REPORT')).toContain('Runtime exited with error: exit status 3');
  });

  it('when nobody catches an error', async () => {
    expectCut(await download('uncaught'));
    expect(await system.logsWith(logicalId('uncaught'), 'REPORT')).toContain('nobody catches');
  });

  it('when the function times out', async () => {
    expectCut(await download('times-out'));
    expect(await system.logsWith(logicalId('times-out'), 'REPORT')).toContain('Task timed out after 1.00 seconds');
  });

  it('when the integration falls silent for the idle timeout', async () => {
    expectCut(await download('falls-silent'));
  });

  it('when it passes the cap of a streamed response', async () => {
    const result = await download('too-long');
    expectCut(result);
    expect(result.sizeBytes).toBeLessThanOrEqual(1_048_576);
    expect(result.sizeBytes).toBeGreaterThan(900_000);
  });

  it('when it outlives the integration timeout', async () => {
    const result = await download('outlives-integration');
    expectCut(result);
    expect(result.sizeBytes).toBeGreaterThan(0);
  });

  it.each(['shorter', 'longer', 'whole-then-throws'])(
    'when its body is %s than its Content-Length says',
    async (name) => {
      const result = await download(name);
      expectCut(result);
      expect(result.sizeBytes).toBeLessThan(2000);
    },
  );

  it('when the origin breaks off', async () => {
    expectCut(await download('origin-cut'));
  });

  it('and the next invocation of each works', async () => {
    for (const name of ['throws', 'crashes', 'times-out']) {
      const result = await download(name);
      expect(result).toMatchObject({ status: 200, text: CHUNK });
    }
  });

  it('and the reason stands in the execution log of the stage', async () => {
    const { restApi } = system.local.stacks[0]?.restApis[0] ?? {};
    const log = await system.logs(`API-Gateway-Execution-Logs_${restApi?.id}/prod`);
    expect(log).toMatch(/timeout|timed out/i);
    expect(log).toContain('[spillway]');
  });
});
