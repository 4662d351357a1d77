import { expect, it } from 'vitest';
import { AdaptiveConcurrency } from './adaptive-concurrency.ts';

/** Rounds of ranges of 1,000 bytes at a speed that follows from how many there are at once. */
function play(
  concurrency: AdaptiveConcurrency,
  rounds: number,
  bytesPerMs: (limit: number) => number,
  startMs = 0,
): number[] {
  let nowMs = startMs;
  return Array.from({ length: rounds }, () => {
    const { limit } = concurrency;
    nowMs += (1_000 * limit) / bytesPerMs(limit);
    for (let range = 0; range < limit; range += 1) {
      concurrency.received(1_000);
      concurrency.rangeDone(nowMs);
    }
    return concurrency.limit;
  });
}

it('grows by one a round while that is faster, up to its cap', () => {
  const concurrency = new AdaptiveConcurrency(4, 16, 0);
  expect(play(concurrency, 14, (limit) => limit * 10).slice(0, 12)).toEqual([
    5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
  ]);
  expect(concurrency.limit).toBeLessThanOrEqual(16);
});

it('stays where more brings nothing, but for a try now and then', () => {
  const concurrency = new AdaptiveConcurrency(4, 16, 0);
  const limits = play(concurrency, 40, (limit) => Math.min(limit, 6) * 10);
  expect(Math.max(...limits)).toBe(7);
  expect(Math.min(...limits.slice(3))).toBeGreaterThanOrEqual(5);
});

it('halves when it is throttled, once for all requests of that time', () => {
  const concurrency = new AdaptiveConcurrency(16, 16, 0);
  concurrency.throttled(10, 100);
  concurrency.throttled(20, 110);
  concurrency.throttled(99, 120);
  expect(concurrency.limit).toBe(8);
  concurrency.throttled(150, 200);
  expect(concurrency.limit).toBe(4);
  expect(play(concurrency, 8, (limit) => limit * 10, 300).at(-1)).toBeGreaterThan(4);
});

it('never falls below one, and never grows when the cap is where it starts', () => {
  const concurrency = new AdaptiveConcurrency(3, 3, 0);
  expect(Math.max(...play(concurrency, 5, (limit) => limit * 10))).toBe(3);
  for (let time = 1; time < 5; time += 1) concurrency.throttled(time * 10_000, time * 10_000 + 1);
  expect(concurrency.limit).toBe(1);
});
