import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD_SAMPLE_BYTES, middleOf, SAMPLE_BYTES, Samples } from './samples.ts';

const SIZE = 5_000_000;
const BYTES = Uint8Array.from({ length: SIZE }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

function filled(sizeBytes: number | undefined, chunkBytes: number): Samples {
  const samples = new Samples(sizeBytes);
  for (let offset = 0; offset < SIZE; offset += chunkBytes) {
    samples.add(offset, BYTES.subarray(offset, offset + chunkBytes));
  }
  return samples;
}

describe('Samples', () => {
  it('knows the beginning, the middle and the end, whatever the chunks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 3_000_000 }), fc.nat(SAMPLE_BYTES - 1_024), (chunkBytes, shift) => {
        const samples = filled(SIZE, chunkBytes);
        for (const start of [shift, middleOf(SIZE) + shift, SIZE - SAMPLE_BYTES + shift]) {
          const part = BYTES.slice(start, start + 1_024);
          expect(samples.matches(start, part)).toBe(true);
          part[500] = (part[500] ?? 0) ^ 1;
          expect(samples.matches(start, part)).toBe(false);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('knows nothing of what it did not keep, or what never came', () => {
    const between = BYTES.subarray(HEAD_SAMPLE_BYTES, HEAD_SAMPLE_BYTES + 100);
    expect(filled(SIZE, 65_536).matches(HEAD_SAMPLE_BYTES, between)).toBeUndefined();
    expect(filled(undefined, 65_536).matches(SIZE - 100, BYTES.subarray(SIZE - 100))).toBeUndefined();
    const cut = new Samples(SIZE);
    cut.add(0, BYTES.subarray(0, 1_000));
    expect(cut.matches(0, BYTES.subarray(0, 1_000))).toBe(true);
    expect(cut.matches(500, BYTES.subarray(500, 1_500))).toBeUndefined();
  });

  it('holds small objects, and empty ones', () => {
    const samples = new Samples(3);
    samples.add(0, Uint8Array.of(1, 2, 3));
    expect(samples.matches(1, Uint8Array.of(2, 3))).toBe(true);
    expect(samples.matches(1, Uint8Array.of(2, 4))).toBe(false);
    expect(new Samples(0).matches(0, new Uint8Array())).toBe(true);
  });
});
