import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { logicalId, stackFiles, streaming } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const MIB = 1_048_576;
const SEND = `
  for (let i = 0; i < 24; i++) await write(Buffer.alloc(${MIB}));
  stream.end(() => console.log('wrote all'));
`;

let system: System;

beforeAll(async () => {
  system = await startSystem(
    stackFiles([
      { name: 'send', path: '/send', mode: 'STREAM', source: streaming(SEND), reservedConcurrentExecutions: 1 },
      {
        name: 'idle',
        path: '/idle',
        mode: 'STREAM',
        source: streaming("await write('first'); await sleep(800); console.log('ran on'); stream.end('last');"),
      },
    ]),
    { limit: { lambdaStreamBurstBytes: MIB, lambdaStreamBytesPerSecond: 0.25 * MIB } },
  );
});
afterAll(() => system?.close());

async function leaveAfterFirstByte(path: string): Promise<void> {
  const [response] = (await once(get(system.url(path)), 'response')) as [IncomingMessage];
  await once(response, 'data');
  response.destroy();
}

describe('a client that hangs up', () => {
  it('does not stop the function: it writes on, unpaced, and ends well', async () => {
    await leaveAfterFirstByte('/send');
    const log = await system.logsWith(logicalId('send'), 'REPORT');
    expect(log).toContain('wrote all');
    expect(log).not.toContain('Status: error');
  });

  it('leaves the environment ready for the next invocation', async () => {
    const result = await curl(system.url('/send'), '--range', '0-0', '--max-time', '3');
    expect(result).toMatchObject({ status: 200 });
    await system.logsWith(logicalId('send'), /REPORT[\s\S]*REPORT/);
    const streams = (await system.logs(logicalId('send'))).match(/INIT_START/g);
    expect(streams).toHaveLength(1);
  });

  it('is not noticed by a function that is silent', async () => {
    await leaveAfterFirstByte('/idle');
    expect(await system.logsWith(logicalId('idle'), 'REPORT')).toContain('ran on');
  });

  it('keeps no memory behind', async () => {
    global.gc?.();
    const before = process.memoryUsage().rss;
    await Promise.all(Array.from({ length: 8 }, () => leaveAfterFirstByte('/idle')));
    await system.logsWith(logicalId('idle'), /(?:REPORT[\s\S]*){9}/);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  });
});
