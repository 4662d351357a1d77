import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stableId } from './account.ts';

describe('stableId', () => {
  it('is ten of [a-z0-9] and the same for the same seed', () =>
    fc.assert(
      fc.property(fc.string(), (seed) => {
        expect(stableId(seed)).toMatch(/^[a-z0-9]{10}$/);
        expect(stableId(seed)).toBe(stableId(seed));
      }),
    ));

  it('differs for seeds that differ', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => stableId(`stack/Api${index}`));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
