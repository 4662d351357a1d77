import { delay } from '@spillway/wire';
import { describe, expect, it } from 'vitest';
import { type Exchange, openExchange } from '../exchange.ts';
import { versionOf } from '../version.ts';
import type { Endpoint } from './endpoint.ts';
import { checkContentType, checkEtag, checkHead, checkName } from './header-checks.ts';
import { Samples } from './samples.ts';
import { checkBuffering, checkFirstByte, checkPace, paceOf } from './timing-checks.ts';
import { checkLength } from './transfer-checks.ts';
import { Arrivals, type WholeRead } from './whole-read.ts';

const MIB = 1_048_576;

/** Of a server that answers at once. */
const exchange = openExchange({
  url: 'https://example.com/files/a.bin',
  headers: {},
  fetch: async () => new Response('x'),
  stallTimeoutMs: 1_000,
  signal: new AbortController().signal,
});
/** Of one that answers late. */
const slowExchange = (ms: number): Exchange => ({
  ...exchange,
  fetch: async () => {
    await delay(ms);
    return new Response('x');
  },
});

function endpointWith(
  headers: Record<string, string>,
  whole: Partial<WholeRead> = {},
  rest: Partial<Endpoint> = {},
): Endpoint {
  const all = new Headers(headers);
  return {
    exchange,
    whole: {
      status: 200,
      headers: all,
      url: 'https://example.com/files/a.bin',
      sizeBytes: 20 * MIB,
      receivedBytes: 20 * MIB,
      failure: undefined,
      isLeft: false,
      firstByteMs: 100,
      lastByteMs: 200,
      arrivals: new Arrivals(),
      samples: new Samples(20 * MIB),
      digests: new Map(),
      ...whole,
    },
    version: versionOf(all),
    head: undefined,
    headFailure: undefined,
    quickFirstByteMs: 100,
    ...rest,
  };
}

/** Arrivals of 20 MiB: 6 MiB at once, then a pace in MiB/s. */
function arrivalsAt(mibPerSecond: number): Pick<WholeRead, 'arrivals' | 'lastByteMs'> {
  const arrivals = new Arrivals();
  let lastByteMs = 100;
  for (let sizeBytes = 65_536; sizeBytes <= 20 * MIB; sizeBytes += 65_536) {
    lastByteMs = 100 + (Math.max(0, sizeBytes - 6 * MIB) / MIB / mibPerSecond) * 1000;
    arrivals.add(sizeBytes, lastByteMs);
  }
  return { arrivals, lastByteMs };
}

describe('pace', () => {
  it.each([
    [2, 'paced', 'pass'],
    [1.9, 'paced', 'pass'],
    [40, 'faster', 'pass'],
    [1, 'slower', 'warn'],
  ])('of %d MiB/s is %s', (mibPerSecond, name, verdict) => {
    const pace = paceOf(endpointWith({}, arrivalsAt(mibPerSecond)).whole);
    expect(pace?.verdict).toBe(name);
    expect(checkPace(pace).verdict).toBe(verdict);
  });

  it('does not show in a small object', () => {
    const pace = paceOf(endpointWith({}, { ...arrivalsAt(2), receivedBytes: 8 * MIB }).whole);
    expect(checkPace(pace).verdict).toBe('skip');
  });
});

describe('first byte and buffering', () => {
  it.each([
    ['streamed', { firstByteMs: 100, lastByteMs: 7_000 }, 'pass', 'pass'],
    ['late once, as from a cold start', { firstByteMs: 6_900, lastByteMs: 20_000 }, 'pass', 'pass'],
    ['all at the end', { firstByteMs: 690, lastByteMs: 700 }, 'fail', 'pass'],
    ['small', { firstByteMs: 690, lastByteMs: 700, receivedBytes: 1000 }, 'skip', 'skip'],
    ['quick', { firstByteMs: 290, lastByteMs: 300 }, 'pass', 'pass'],
  ])('%s', async (_, whole, firstByte, buffering) => {
    const endpoint = endpointWith({}, whole);
    expect([checkFirstByte(endpoint).verdict, (await checkBuffering(endpoint)).verdict]).toEqual([
      firstByte,
      buffering,
    ]);
  });

  it('fails what is late each time', async () => {
    const late = endpointWith({}, { firstByteMs: 6_900, lastByteMs: 20_000 }, { exchange: slowExchange(700) });
    expect((await checkBuffering({ ...late, quickFirstByteMs: 10 })).verdict).toBe('fail');
  });

  it('tells a slow function from a proxy: all its answers are slow', async () => {
    const slow = endpointWith({}, { firstByteMs: 3_200, lastByteMs: 9_000 }, { quickFirstByteMs: 3_000 });
    expect((await checkBuffering(slow)).verdict).toBe('pass');
  });
});

describe('names', () => {
  it.each([
    [`attachment; filename="a.pdf"; filename*=UTF-8''a.pdf`, 'pass'],
    [`attachment; filename="__.pdf"; filename*=UTF-8''%E8%AB%8B.pdf`, 'pass'],
    [`attachment; filename*=UTF-8''%E8%AB%8B.pdf`, 'warn'],
    ['attachment', 'warn'],
    [undefined, 'warn'],
    ['attachment; filename="con.txt"', 'warn'],
    [`attachment; filename=x; filename*=UTF-8''..%2Fa`, 'fail'],
    [`attachment; filename=x; filename*=UTF-8''a%E2%80%AEfdp.exe`, 'fail'],
    [`attachment; filename=x; filename*=UTF-8''a%0Ab`, 'fail'],
    ['attachment; filename=".bashrc"', 'fail'],
  ])('%j is a %s', (header, verdict) => {
    expect(checkName(endpointWith(header === undefined ? {} : { 'Content-Disposition': header })).verdict).toBe(
      verdict,
    );
  });
});

describe('headers', () => {
  it.each([
    ['"a"', 'pass'],
    ['W/"a"', 'fail'],
    ['a', 'fail'],
  ])('ETag %s is a %s', (etag, verdict) => {
    expect(checkEtag(endpointWith({ ETag: etag })).verdict).toBe(verdict);
  });

  it.each([
    [{ 'Content-Type': 'image/png', 'X-Content-Type-Options': 'nosniff' }, 'pass'],
    [{ 'Content-Type': 'image/png' }, 'warn'],
    [{ 'Content-Type': 'image/svg+xml', 'X-Content-Type-Options': 'nosniff' }, 'fail'],
    [
      { 'Content-Type': 'text/html', 'Content-Security-Policy': 'sandbox', 'X-Content-Type-Options': 'nosniff' },
      'pass',
    ],
    [{ 'Content-Type': 'text/html', 'Content-Disposition': 'attachment', 'X-Content-Type-Options': 'nosniff' }, 'pass'],
  ])('%j is a %s', (headers, verdict) => {
    expect(checkContentType(endpointWith(headers as Record<string, string>)).verdict).toBe(verdict);
  });

  it('names the length that a function URL takes away', () => {
    const finding = checkLength(endpointWith({ 'x-amzn-Remapped-Content-Length': '5' }), undefined);
    expect(finding).toMatchObject({ verdict: 'fail', advice: expect.stringContaining('function URL') });
  });

  it('says in which headers HEAD differs', () => {
    const head = {
      status: 200,
      headers: new Headers({ ETag: '"b"' }),
      bytes: new Uint8Array(),
      isWhole: true,
      firstByteMs: 1,
    };
    const finding = checkHead(endpointWith({ ETag: '"a"' }, {}, { head }));
    expect(finding).toMatchObject({ verdict: 'fail', seen: expect.stringContaining('etag: "b" / "a"') });
  });
});
