import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededBytes } from '../../../../tests/scenarios/support/random.ts';
import { joinedCrc32 } from './joined-crc32.ts';
import { SummedIntervals } from './summed-intervals.ts';

const BYTES = seededBytes(9, 2_000);
const crcOf = (start: number, end: number) => crc32(BYTES.subarray(start, end));

it('joins the sums of two texts to that of both', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (one, two) => {
      expect(joinedCrc32(crc32(one), crc32(two), two.byteLength)).toBe(crc32(Buffer.concat([one, two])));
    }),
  );
  // More bytes than 32 bits count, twice by half of them: zeros of 2^31, from one on by doubling.
  let zeros = crc32(new Uint8Array(1));
  for (let power = 0; power < 31; power += 1) zeros = joinedCrc32(zeros, zeros, 2 ** power);
  const half = joinedCrc32(crc32(BYTES), zeros, 2 ** 31);
  expect(joinedCrc32(crc32(BYTES), joinedCrc32(zeros, zeros, 2 ** 31), 2 ** 32)).toBe(
    joinedCrc32(half, zeros, 2 ** 31),
  );
});

it('never has a wrong sum, whatever is written and removed', () => {
  const step = fc.record({
    isRemoval: fc.boolean(),
    start: fc.integer({ min: 0, max: 1_999 }),
    sizeBytes: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const done = new SummedIntervals();
      for (const { isRemoval, start, sizeBytes } of steps) {
        const end = Math.min(BYTES.byteLength, start + sizeBytes);
        if (!isRemoval) done.wrote([BYTES.subarray(start, end)], start);
        if (isRemoval) done.remove({ start, end });
        else done.add({ start, end });
      }
      for (const interval of done.toArray()) {
        const sum = done.sumOf(interval);
        if (sum !== undefined) expect(sum.crc32).toBe(crcOf(interval.start, interval.end));
      }
    }),
  );
});

it('has a sum of all that was written once, in any order', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...Array(20).keys()], { minLength: 20 }), (order) => {
      const done = new SummedIntervals();
      for (const index of order) {
        const interval = { start: index * 100, end: index * 100 + 100 };
        done.wrote(
          [BYTES.subarray(interval.start, interval.start + 30), BYTES.subarray(interval.start + 30, interval.end)],
          interval.start,
        );
        done.add(interval);
      }
      expect(done.sumOf({ start: 0, end: 2_000 })).toEqual({ start: 0, end: 2_000, crc32: crcOf(0, 2_000) });
    }),
  );
});
