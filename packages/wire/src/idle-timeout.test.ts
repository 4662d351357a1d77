import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withIdleTimeout } from './idle-timeout.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function* everyMs(...waitsMs: readonly number[]) {
  for (const waitMs of waitsMs) {
    await sleep(waitMs);
    yield new Uint8Array(1);
  }
}

describe('withIdleTimeout', () => {
  it('says nothing while the source speaks in time, however slow the receiver is', async () => {
    const onIdle = vi.fn();
    const reading = (async () => {
      for await (const _ of withIdleTimeout(1000, everyMs(900, 900, 900), onIdle)) await sleep(5000);
    })();
    await vi.runAllTimersAsync();
    await reading;
    expect(onIdle).not.toHaveBeenCalled();
  });

  it('calls back when the source is silent for too long', async () => {
    const onIdle = vi.fn();
    const reading = (async () => {
      for await (const _ of withIdleTimeout(1000, everyMs(900, 1100), onIdle));
    })();
    await vi.runAllTimersAsync();
    await reading;
    expect(onIdle).toHaveBeenCalledTimes(1);
  });
});
