import { describe, expect, it } from 'vitest';
import { AWS_LIMITS, LIFTED_LIMITS, streamSeconds } from './limits.ts';

const MIB = 1_048_576;

describe('streamSeconds', () => {
  it("is Lambda's pace, which bites first", () => {
    expect(streamSeconds(6 * MIB, AWS_LIMITS)).toBe(0);
    expect(streamSeconds(64 * MIB, AWS_LIMITS)).toBe(29);
    expect(streamSeconds(200 * MIB, AWS_LIMITS)).toBe(97);
  });

  it('is nothing without a pace', () => {
    expect(streamSeconds(200 * MIB, LIFTED_LIMITS)).toBe(0);
  });
});

describe('LIFTED_LIMITS', () => {
  it('keeps every cap on what is held whole', () => {
    const kept = Object.entries(AWS_LIMITS).filter(
      ([name, value]) => LIFTED_LIMITS[name as keyof typeof AWS_LIMITS] === value,
    );
    expect(kept.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'gatewayRequestBytes',
        'gatewayBufferedResponseBytes',
        'lambdaRequestBytes',
        'lambdaBufferedResponseBytes',
        'preludeBytes',
      ]),
    );
  });
});
