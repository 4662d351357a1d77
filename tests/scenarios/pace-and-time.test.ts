import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { logicalId, stackFiles, streaming } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const MIB = 1_048_576;
const SEND = 'for (let i = 0; i < 64; i++) await write(Buffer.alloc(65536)); stream.end();';
const NAP = `
import { setTimeout as sleep } from 'node:timers/promises';
export const handler = async () => { await sleep(1500); return { statusCode: 200, body: 'late' }; };
`;

describe('pace', () => {
  const paces = [
    ["Lambda's", { lambdaStreamBurstBytes: MIB, lambdaStreamBytesPerSecond: 2 * MIB }],
    ["the gateway's", { gatewayStreamBurstBytes: MIB, gatewayStreamBytesPerSecond: 2 * MIB }],
  ] as const;

  it.each(paces)('%s: the burst at once, the rest at the pace', async (_, limit) => {
    const system = await startSystem(
      stackFiles([{ name: 'send', path: '/send', mode: 'STREAM', source: streaming(SEND) }]),
      { limit },
    );
    try {
      const { exitCode, sizeBytes, firstByteMs = 0, lastByteMs = 0 } = await curl(system.url('/send'));
      expect({ exitCode, sizeBytes }).toEqual({ exitCode: 0, sizeBytes: 4 * MIB });
      // 3 MiB beyond the burst at 2 MiB/s. Never faster; how much slower is the machine's affair.
      expect(lastByteMs - firstByteMs).toBeGreaterThan(1300);
      expect(lastByteMs - firstByteMs).toBeLessThan(10_000);
    } finally {
      await system.close();
    }
  });

  it('holds the function back: backpressure reaches it', async () => {
    // Far more than the buffers of the sockets between function and client take.
    const pace = { lambdaStreamBytesPerSecond: 24 * MIB, gatewayStreamBytesPerSecond: 24 * MIB };
    const limit = { lambdaStreamBurstBytes: MIB, ...pace };
    const source = streaming(`
      const start = Date.now();
      for (let i = 0; i < 48; i++) await write(Buffer.alloc(${MIB}));
      console.log('wrote for', Date.now() - start, 'ms');
      stream.end();
    `);
    const system = await startSystem(stackFiles([{ name: 'send', path: '/send', mode: 'STREAM', source }]), { limit });
    try {
      expect(await curl(system.url('/send'))).toMatchObject({ exitCode: 0, sizeBytes: 48 * MIB });
      const [, waitedMs] = /wrote for (\d+) ms/.exec(await system.logsWith(logicalId('send'), 'wrote for')) ?? [];
      expect(Number(waitedMs)).toBeGreaterThan(1000);
    } finally {
      await system.close();
    }
  });
});

describe('time', () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem(
      stackFiles([
        {
          name: 'long-stream',
          path: '/long-stream',
          mode: 'STREAM',
          source: streaming("await write('first'); await sleep(1500); stream.end('last');"),
        },
        { name: 'long-buffered', path: '/long-buffered', mode: 'BUFFERED', source: NAP },
      ]),
      { limit: { bufferedIntegrationTimeoutMs: 700 } },
    );
  });
  afterAll(() => system?.close());

  it('lets a STREAM integration without timeoutInMillis run on past the buffered timeout', async () => {
    expect(await curl(system.url('/long-stream'))).toMatchObject({ exitCode: 0, status: 200, text: 'firstlast' });
  });

  it('answers the same with 504 in BUFFERED', async () => {
    expect(await curl(system.url('/long-buffered'))).toMatchObject({ exitCode: 0, status: 504 });
  });
});
