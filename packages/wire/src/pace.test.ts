import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bodyOf } from './body.ts';
import { paced } from './pace.ts';

const KIB = 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('paced', () => {
  it('gives the burst at once and the rest at the pace', async () => {
    const startMs = performance.now();
    const arrivals: { readonly atMs: number; readonly sizeBytes: number }[] = [];
    const reading = (async () => {
      const source = bodyOf(new Uint8Array(600 * KIB), new Uint8Array(424 * KIB));
      for await (const chunk of paced({ burstBytes: 512 * KIB, bytesPerSecond: 256 * KIB }, source)) {
        arrivals.push({ atMs: performance.now() - startMs, sizeBytes: chunk.byteLength });
      }
    })();
    await vi.runAllTimersAsync();
    await reading;
    const sizeBytesBy = (atMs: number) =>
      arrivals.filter((arrival) => arrival.atMs <= atMs).reduce((sum, arrival) => sum + arrival.sizeBytes, 0);
    expect(sizeBytesBy(0)).toBe(512 * KIB);
    expect(sizeBytesBy(1000)).toBe(768 * KIB);
    expect(sizeBytesBy(1999)).toBeLessThan(1024 * KIB);
    expect(sizeBytesBy(2000)).toBe(1024 * KIB);
  });

  it('lets a stream slower than the pace pass without waits', async () => {
    async function* slow() {
      for (let second = 0; second < 10; second += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        yield new Uint8Array(100 * KIB);
      }
    }
    const startMs = performance.now();
    let endMs = 0;
    const reading = (async () => {
      for await (const _ of paced({ burstBytes: 100 * KIB, bytesPerSecond: 200 * KIB }, slow()));
      endMs = performance.now();
    })();
    await vi.runAllTimersAsync();
    await reading;
    expect(endMs - startMs).toBe(10_000);
  });

  it('ends a wait when its signal is aborted', async () => {
    const controller = new AbortController();
    const pace = { burstBytes: 1, bytesPerSecond: 1 };
    const reading = (async () => {
      for await (const _ of paced(pace, bodyOf(new Uint8Array(10)), controller.signal));
    })();
    const failed = expect(reading).rejects.toThrow('left');
    controller.abort(new Error('left'));
    await failed;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is the body itself when there is no pace', () => {
    const body = bodyOf();
    expect(paced({ burstBytes: 0, bytesPerSecond: Number.POSITIVE_INFINITY }, body)).toBe(body);
  });
});
