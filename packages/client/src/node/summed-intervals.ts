import { crc32 } from 'node:zlib';
import { type Interval, Intervals } from '../intervals.ts';
import { joinedCrc32 } from './joined-crc32.ts';

/** What is there, and the CRC32 of the bytes that were written to it. */
export interface SummedInterval extends Interval {
  readonly crc32: number;
}

/** Knows besides which bytes are there what they were when they were written, at a few bytes an interval. */
export class SummedIntervals extends Intervals {
  #sums: readonly SummedInterval[];
  /** Written, but not added yet. By their start. */
  readonly #written: Map<number, SummedInterval> = new Map();

  constructor(sums: readonly SummedInterval[] = []) {
    super();
    for (const sum of sums) super.add(sum);
    this.#sums = sums;
  }

  /** To be called before `add()`. */
  wrote(chunks: readonly Uint8Array[], start: number): void {
    let end = start;
    let sum = 0;
    for (const chunk of chunks) {
      sum = crc32(chunk, sum);
      end += chunk.byteLength;
    }
    this.#written.set(start, { start, end, crc32: sum });
  }

  override add(interval: Interval): void {
    super.add(interval);
    const written = this.#written.get(interval.start);
    this.#written.delete(interval.start);
    const apart = this.#without(interval);
    this.#sums = written?.end === interval.end ? joined(apart, written) : apart;
  }

  override remove(interval: Interval): void {
    super.remove(interval);
    this.#sums = this.#without(interval);
  }

  override clear(): void {
    super.clear();
    this.#sums = [];
  }

  /** For an interval that lost its sum when it was cut. */
  restore(sum: SummedInterval): void {
    if (this.toArray().some(({ start, end }) => start === sum.start && end === sum.end)) {
      this.#sums = [...this.#without(sum), sum];
    }
  }

  /** Undefined where a part was removed or written anew since. */
  sumOf({ start, end }: Interval): SummedInterval | undefined {
    return this.#sums.find((sum) => sum.start === start && sum.end === end);
  }

  #without({ start, end }: Interval): readonly SummedInterval[] {
    return end <= start ? this.#sums : this.#sums.filter((sum) => sum.end <= start || sum.start >= end);
  }
}

function joined(sums: readonly SummedInterval[], added: SummedInterval): readonly SummedInterval[] {
  const before = sums.find(({ end }) => end === added.start);
  const after = sums.find(({ start }) => start === added.end);
  const others = sums.filter((sum) => sum !== before && sum !== after);
  return [...others, [before, added, after].filter((sum) => sum !== undefined).reduce(join)];
}

const join = (one: SummedInterval, two: SummedInterval): SummedInterval => ({
  start: one.start,
  end: two.end,
  crc32: joinedCrc32(one.crc32, two.crc32, two.end - two.start),
});
