import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { FunctionConfiguration } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebPort } from './web-port.ts';

// What listens on the port is another program's until the app's processes have it, so that every look is seen.
let server: Server;
let port: number;
let webPort: WebPort;
let looks = 0;
let isApps = false;
let isBlind = false;
const sockets = () => {
  looks += 1;
  if (isBlind) throw new Error('EMFILE: too many open files');
  return isApps ? [{ address: '127.0.0.1', port }] : [];
};

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as { port: number });
  looks = 0;
  isApps = false;
  isBlind = false;
  webPort = new WebPort({ environment: { PORT: '1' } } as unknown as FunctionConfiguration, port);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  webPort.close();
  vi.useRealTimers();
  server.close();
});

/** Lets time pass, and each look come to its end: what it reads takes its own time. */
async function seconds(count: number): Promise<void> {
  let isSettled = false;
  void webPort.shown.then(() => {
    isSettled = true;
  });
  for (let step = 0; step < count * 20; step += 1) {
    await vi.advanceTimersByTimeAsync(50);
    while (vi.getTimerCount() === 0 && !isSettled) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.runIf(process.platform === 'linux')('the looks at where a web app listens', () => {
  test('are over when that is clear, for all invocations to come', async () => {
    webPort.watch(sockets);
    await seconds(0.5);
    expect(looks).toBeGreaterThan(5);
    isApps = true;
    await seconds(0.1);
    expect(await webPort.use).toBe('given');
    looks = 0;
    await webPort.rest();
    webPort.watch(sockets);
    await seconds(60);
    expect([looks, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test('become rare while nothing listens', async () => {
    webPort.watch(sockets);
    await seconds(20);
    looks = 0;
    await seconds(20);
    expect(looks).toBeGreaterThan(15);
    expect(looks).toBeLessThanOrEqual(21);
  });

  test('rest between invocations, as after an init that failed, and go on with the next', async () => {
    webPort.watch(sockets);
    await seconds(0.2);
    await webPort.rest();
    await webPort.shown;
    looks = 0;
    await seconds(60);
    expect([looks, vi.getTimerCount()]).toEqual([0, 0]);
    webPort.watch(sockets);
    while (looks < 2) await seconds(0.05);
    isApps = true;
    await webPort.rest();
    expect(await webPort.use).toBe('given');
  });

  test('miss no app that was faster with its answer', async () => {
    webPort.watch(sockets);
    isApps = true;
    await webPort.rest();
    expect(await webPort.use).toBe('given');
  });

  test('go on after one that the system refused', async () => {
    isBlind = true;
    isApps = true;
    webPort.watch(sockets);
    while (looks < 2) await seconds(0.05);
    isBlind = false;
    await seconds(0.5);
    expect(await webPort.use).toBe('given');
  });

  test('keep nobody waiting when the last one was refused', async () => {
    isBlind = true;
    webPort.watch(sockets);
    await webPort.rest();
    await webPort.shown;
  });

  test('end with the environment', async () => {
    webPort.watch(sockets);
    webPort.close();
    webPort.watch(sockets);
    await seconds(60);
    expect([looks, vi.getTimerCount(), await webPort.use]).toEqual([0, 0, undefined]);
  });
});
