import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { BUCKET_NAME, RELAY, stackFiles, streaming } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const LARGE = randomBytes(24 * 1_048_576);

const BUFFERED = `
import { setTimeout as sleep } from 'node:timers/promises';
export const handler = async () => {
  await sleep(600);
  return { statusCode: 200, headers: { 'Content-Type': 'text/plain' }, body: 'first' + 'last' };
};
`;

let system: System;

beforeAll(async () => {
  system = await startSystem(
    stackFiles([
      { name: 'relay', path: '/relay/{key+}', mode: 'STREAM', source: RELAY, timeoutInMillis: 60_000 },
      {
        name: 'slow',
        path: '/slow',
        mode: 'STREAM',
        source: streaming("await write('first'); await sleep(600); stream.end('last');"),
      },
      { name: 'slow-buffered', path: '/slow-buffered', mode: 'BUFFERED', source: BUFFERED },
    ]),
    { limit: { lambdaStreamBytesPerSecond: 16 * 1_048_576, gatewayStreamBytesPerSecond: 16 * 1_048_576 } },
  );
  await system.put(BUCKET_NAME, 'large.bin', LARGE);
});
afterAll(() => system?.close());

describe('a client of a STREAM route', () => {
  it('gets every byte of an object past all buffered caps, and its length', async () => {
    const result = await curl(system.url('/relay/{key+}', 'large.bin'));
    expect(result).toMatchObject({ exitCode: 0, status: 200, sizeBytes: LARGE.byteLength });
    expect(result.sha256).toBe(createHash('sha256').update(LARGE).digest('hex'));
    expect(result.headers.get('content-length')).toBe(String(LARGE.byteLength));
    expect(result.firstByteMs).toBeLessThan((result.lastByteMs ?? 0) / 2);
  });

  it('has the first byte before the function has ended', async () => {
    const result = await curl(system.url('/slow'), '--no-buffer');
    expect(result).toMatchObject({ exitCode: 0, text: 'firstlast' });
    expect((result.lastByteMs ?? 0) - (result.firstByteMs ?? 0)).toBeGreaterThan(400);
  });
});

describe('a client of a BUFFERED route', () => {
  it('gets all at once, when the function has returned', async () => {
    const result = await curl(system.url('/slow-buffered'), '--no-buffer');
    expect(result).toMatchObject({ exitCode: 0, text: 'firstlast' });
    expect((result.lastByteMs ?? 0) - (result.firstByteMs ?? 0)).toBeLessThan(200);
  });
});
