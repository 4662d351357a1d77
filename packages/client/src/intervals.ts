/** Offsets of bytes, from the first to before the end. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** A set of offsets, kept as few intervals in order. */
export class Intervals {
  #intervals: Interval[];

  constructor(intervals: Iterable<Interval> = []) {
    this.#intervals = [];
    for (const interval of intervals) this.add(interval);
  }

  get sizeBytes(): number {
    return this.#intervals.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  add({ start, end }: Interval): void {
    if (end <= start) return;
    const apart = this.#intervals.filter((other) => other.end < start || other.start > end);
    const touching = this.#intervals.filter((other) => other.end >= start && other.start <= end);
    const joined = {
      start: Math.min(start, ...touching.map((other) => other.start)),
      end: Math.max(end, ...touching.map((other) => other.end)),
    };
    this.#intervals = [...apart, joined].sort((one, other) => one.start - other.start);
  }

  remove({ start, end }: Interval): void {
    // It would cut an interval in two.
    if (end <= start) return;
    this.#intervals = this.#intervals
      .flatMap((other) => [
        { start: other.start, end: Math.min(other.end, start) },
        { start: Math.max(other.start, end), end: other.end },
      ])
      .filter((rest) => rest.end > rest.start);
  }

  clear(): void {
    this.#intervals = [];
  }

  toArray(): readonly Interval[] {
    return [...this.#intervals];
  }

  /** What lacks of the first `sizeBytes`. */
  missingOf(sizeBytes: number): readonly Interval[] {
    const missing: Interval[] = [];
    let reached = 0;
    for (const { start, end } of this.#intervals) {
      if (start > reached) missing.push({ start: reached, end: Math.min(start, sizeBytes) });
      reached = Math.max(reached, end);
    }
    if (reached < sizeBytes) missing.push({ start: reached, end: sizeBytes });
    return missing.filter(({ start, end }) => end > start);
  }

  /** How many bytes there are from offset 0 on without a hole. */
  get prefixBytes(): number {
    const [first] = this.#intervals;
    return first?.start === 0 ? first.end : 0;
  }
}
