import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Interval, Intervals } from './intervals.ts';

const interval = fc.tuple(fc.nat(40), fc.nat(40)).map(([start, length]) => ({ start, end: start + length }));
const change = fc.record({ kind: fc.constantFrom('add', 'remove'), interval });

/** The same as a plain set, one offset after another. */
function changeEach(offsets: Set<number>, kind: string, { start, end }: Interval): void {
  for (let offset = start; offset < end; offset += 1) {
    if (kind === 'add') offsets.add(offset);
    else offsets.delete(offset);
  }
}

it('holds what a set of offsets holds, in as few intervals as can be', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const intervals = new Intervals();
      const offsets = new Set<number>();
      for (const { kind, interval: changed } of changes) {
        if (kind === 'add') intervals.add(changed);
        else intervals.remove(changed);
        changeEach(offsets, kind, changed);
      }
      expect(listed(intervals.toArray())).toEqual([...offsets].sort((one, other) => one - other));
      expect(intervals.sizeBytes).toBe(offsets.size);
      const missing = Array.from({ length: 50 }, (_, offset) => offset).filter((offset) => !offsets.has(offset));
      expect(listed(intervals.missingOf(50))).toEqual(missing);
      expect(intervals.prefixBytes).toBe(prefixOf(offsets));
      const array = intervals.toArray();
      expect(array.every(({ start }, index) => start > (array[index - 1]?.end ?? -1))).toBe(true);
    }),
  );
});

const listed = (intervals: readonly { readonly start: number; readonly end: number }[]) =>
  intervals.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index));

function prefixOf(offsets: ReadonlySet<number>): number {
  let prefix = 0;
  while (offsets.has(prefix)) prefix += 1;
  return prefix;
}
