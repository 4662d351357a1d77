import { expect, it } from 'vitest';
import { parseRetryAfterMs, retryDelayMs } from './retry.ts';

it('doubles what it draws from, up to 15 s', () => {
  const longest = () => 1;
  expect([1, 2, 3, 7, 8, 50].map((failures) => retryDelayMs(failures, 0, longest))).toEqual([
    250, 500, 1_000, 15_000, 15_000, 15_000,
  ]);
  expect(retryDelayMs(5, 0, () => 0)).toBe(0);
});

it('never waits less than the server asks for, within reason', () => {
  expect(retryDelayMs(1, 7_000, () => 0)).toBe(7_000);
  expect(retryDelayMs(1, 86_400_000, () => 0)).toBe(120_000);
});

it('reads Retry-After in seconds and as a date', () => {
  const nowMs = Date.parse('2026-11-23T08:00:00Z');
  expect(parseRetryAfterMs('3', nowMs)).toBe(3_000);
  expect(parseRetryAfterMs('Mon, 23 Nov 2026 08:00:30 GMT', nowMs)).toBe(30_000);
  expect(parseRetryAfterMs('Mon, 23 Nov 2026 07:00:00 GMT', nowMs)).toBe(0);
  expect(parseRetryAfterMs('soon', nowMs)).toBeUndefined();
  expect(parseRetryAfterMs(null, nowMs)).toBeUndefined();
});
