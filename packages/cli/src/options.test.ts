import { AWS_LIMITS, LIFTED_LIMITS } from '@spillway/wire';
import { describe, expect, it } from 'vitest';
import { limitsOption, portOption, regionOption } from './options.ts';

const usageError = (message: string) =>
  expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) });

describe('limitsOption', () => {
  it('takes AWS limits, lifted ones, and single ones by name', () => {
    expect(limitsOption('aws', [])).toEqual(AWS_LIMITS);
    expect(limitsOption('off', ['preludeBytes=100', 'streamMaxDurationMs=Infinity'])).toEqual({
      ...LIFTED_LIMITS,
      preludeBytes: 100,
      streamMaxDurationMs: Number.POSITIVE_INFINITY,
    });
  });

  it.each([
    ['on', [], '--limits'],
    ['aws', ['nothing=1'], 'lambdaStreamBytesPerSecond'],
    ['aws', ['toString=1'], 'there is no limit'],
    ['aws', ['preludeBytes'], 'there is no limit'],
    ['aws', ['preludeBytes='], 'preludeBytes'],
    ['aws', ['preludeBytes=-1'], 'preludeBytes'],
    ['aws', ['preludeBytes=many'], 'preludeBytes'],
    ['aws', ['streamMaxDurationMs=2147483648'], '2147483647'],
    ['aws', ['lambdaStreamBytesPerSecond=0'], 'Infinity for no pace'],
  ])('--limits %s %j is refused', (limits, overrides, message) => {
    expect(() => limitsOption(limits, overrides)).toThrow(usageError(message));
  });
});

describe('portOption', () => {
  it('takes 0 to 65535', () => {
    expect([portOption('0'), portOption('65535')]).toEqual([0, 65_535]);
  });

  it.each(['65536', '-1', '', '1.5', '0x10', ' 1', 'any'])('refuses %j', (text) => {
    expect(() => portOption(text)).toThrow(usageError('--port'));
  });
});

describe('regionOption', () => {
  it.each(['us-east-1', 'ap-southeast-2', 'us-gov-west-1', 'cn-north-1'])('takes %s', (region) => {
    expect(regionOption(region)).toBe(region);
  });

  it.each(['', 'useast1', 'us-east', 'us-east-1/x', 'US-EAST-1', 'us east 1'])('refuses %j', (text) => {
    expect(() => regionOption(text)).toThrow(usageError('--region'));
  });
});
