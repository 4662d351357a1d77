import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressed, preferredEncoding } from './compression.ts';

describe('preferredEncoding', () => {
  it.each([
    [[], 'identity'],
    [['gzip'], 'gzip'],
    [['GZIP , br'], 'br'],
    [['gzip', 'br;q=0.9'], 'gzip'],
    [['x-gzip;q=0.5, identity;q=0.4'], 'gzip'],
    [['identity;q=1, gzip;q=0.999'], 'identity'],
    [['gzip;q=0, br;q=0.000'], 'identity'],
    [['br;q=1.001, gzip;q=0.1234'], 'identity'],
    [['deflate, zstd, *'], 'identity'],
  ])('of %j is %s', (acceptEncoding, encoding) => {
    expect(preferredEncoding(acceptEncoding)).toBe(encoding);
  });
});

describe('compressed', () => {
  const long = { headers: new Map([['accept-ranges', ['bytes']]]), body: Buffer.alloc(100, 'a'), isSizeKnown: true };

  it('says what it did', async () => {
    const { headers, body } = await compressed(long, ['gzip']);
    expect(Object.fromEntries(headers)).toEqual({ vary: ['accept-encoding'], 'content-encoding': ['gzip'] });
    expect(gunzipSync(body)).toEqual(long.body);
  });

  it('leaves small bodies alone, but of unknown size', async () => {
    const small = { ...long, body: long.body.subarray(0, 31) };
    expect((await compressed(small, ['gzip'])).headers.has('content-encoding')).toBe(false);
    expect((await compressed({ ...small, isSizeKnown: false }, ['gzip'])).headers.has('content-encoding')).toBe(true);
  });
});
