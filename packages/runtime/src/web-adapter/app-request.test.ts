import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutBasePath } from './app-request.ts';

describe('withoutBasePath', () => {
  it('removes it as often as it is there, and nothing else', () => {
    const path = fc.string({ unit: fc.constantFrom('/', 'a', 'b') });
    fc.assert(
      fc.property(
        path,
        path.filter((base) => base !== ''),
        fc.nat(3),
        (rest, base, times) => {
          const removed = withoutBasePath(base.repeat(times) + rest, base);
          expect(removed.startsWith(base)).toBe(false);
          expect(rest.endsWith(removed)).toBe(true);
        },
      ),
    );
  });

  it.each([undefined, ''])('leaves a path alone without one (%j)', (base) => {
    expect(withoutBasePath('/a', base)).toBe('/a');
  });
});
