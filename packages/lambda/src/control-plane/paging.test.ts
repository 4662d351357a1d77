import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paged } from './paging.ts';

const keyOf = (item: string) => item;

test('pages hold every item once', () => {
  const items = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 200 });
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 60 }), (all, maxItems) => {
      const seen: string[] = [];
      let marker: string | undefined;
      do {
        const query: Record<string, string> = { MaxItems: String(maxItems), ...(marker && { Marker: marker }) };
        const page = paged(all, query, keyOf);
        expect(page.items.length).toBeLessThanOrEqual(Math.min(maxItems, 50));
        seen.push(...page.items);
        marker = page.members.NextMarker;
      } while (marker !== undefined);
      expect(seen).toEqual(all);
    }),
  );
});

test('goes on behind an item that was deleted meanwhile', () => {
  const { NextMarker = '' } = paged(['a', 'b', 'c', 'd'], { MaxItems: '2' }, keyOf).members;
  expect(paged(['a', 'c', 'd'], { Marker: NextMarker }, keyOf).items).toEqual(['c', 'd']);
  expect(paged(['0', 'a', 'b', 'c', 'd'], { Marker: NextMarker }, keyOf).items).toEqual(['c', 'd']);
});

test.each([
  [
    { MaxItems: '0' },
    /'0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1/,
  ],
  [{ MaxItems: '10001' }, /less than or equal to 10000/],
  [{ MaxItems: 'x' }, 'MaxItems can not be converted to an Integer'],
  [{ Marker: '!' }, 'The Marker provided is not valid.'],
])('%j is refused', (query, message) => {
  expect(() => paged(['a'], query as Record<string, string>, keyOf)).toThrow(message);
});
