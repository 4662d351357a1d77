import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HttpObjectStore } from './object-store/http-object-store.ts';
import { S3ObjectStore } from './object-store/s3-object-store.ts';
import { eTagOf, type Fault, type FaultyOrigin, startFaultyOrigin } from './testing/faulty-origin.ts';
import { type Answer, ask, type Request } from './testing/requests.ts';

const SIZE_BYTES = 300_000;
const PATIENCE = { openTimeoutMs: 400, idleTimeoutMs: 100, resumeTimeoutMs: 3_000, backoffMs: 2 };

/** A generator of numbers from 0 to below `limit` that is the same each time (mulberry32). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const random = numbers(7);
const noise = (seed: number) => {
  const next = numbers(seed);
  return Uint8Array.from({ length: SIZE_BYTES }, () => next(256));
};
const ONE = noise(1);
const TWO = noise(2);

let origin: FaultyOrigin;
const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

beforeAll(async () => {
  origin = await startFaultyOrigin(ONE, TWO);
  Object.assign(process.env, credentials, { AWS_ENDPOINT_URL_S3: origin.url });
  // The first request of the SDK loads it, which takes longer than this test's patience.
  await ask({ bucket: 'bucket' });
});
afterAll(async () => {
  await origin.close();
  for (const name of [...Object.keys(credentials), 'AWS_ENDPOINT_URL_S3']) delete process.env[name];
});
beforeEach(() => {
  origin.nextFault = () => ({ kind: 'none' });
  origin.version = 0;
});

/** These faults in turn, then none. */
const faults = (...list: readonly Fault[]) => {
  const left = [...list];
  origin.nextFault = () => left.shift() ?? { kind: 'none' };
};

const stores = [
  ['S3', () => new S3ObjectStore({ bucket: 'bucket' })],
  ['HTTP', () => new HttpObjectStore({ baseUrl: origin.url })],
] as const;

describe.each(stores)('%s', (_, create) => {
  const get = (request: Request = {}) => ask({ store: create(), patience: PATIENCE }, request);

  test.each(['cut', 'reset', 'stall', 'end'] as const)(
    'a body that comes to a %s is resumed where it was',
    async (kind) => {
      faults({ kind, atByte: 70_000 }, { kind, atByte: 50_000 });
      const headers = { Range: 'bytes=1000-' };
      const answer = await get({ headers });
      expect(answer.error).toBeUndefined();
      expect(Buffer.compare(answer.bytes, ONE.subarray(1000))).toBe(0);
      expect(answer.record).toMatchObject({ status: 206, storeRequests: 3 });
      // A reset may overtake the head, and S3 always names a length: then there was nothing to resume yet.
      expect(answer.record.resumes + answer.record.retries).toBe(2);
      if (kind === 'reset' || kind === 'end') return;
      expect(answer.record.resumes).toBe(2);
      expect(origin.requests.at(-1)?.headers).toMatchObject({ 'if-match': eTagOf(ONE) });
      expect(origin.requests.at(-1)?.headers.range).toMatch(/^bytes=\d+-299999$/);
      expect(origin.requests.at(-1)?.headers['if-range']).toBeUndefined();
    },
  );

  test('an object that was replaced breaks the body, and is never spliced', async () => {
    faults({ kind: 'replace', atByte: 90_000 });
    const answer = await get();
    expect(answer.error).toMatchObject({ name: 'BrokenResponse', reason: 'changed' });
    expect(answer.bytes.byteLength).toBeLessThan(SIZE_BYTES);
    expect(Buffer.compare(answer.bytes, ONE.subarray(0, answer.bytes.byteLength))).toBe(0);
  });

  test('a length that is wrong never passes for a whole object', async () => {
    for (const offBy of [-1000, 1000]) {
      faults({ kind: 'length', offBy });
      const answer = await get();
      expect(answer.error).toMatchObject({ name: 'BrokenResponse' });
      expect(answer.bytes.byteLength).toBeLessThan(Number(answer.headers['Content-Length']));
    }
  });

  test('a store that fails for good ends the body after a while', async () => {
    const left: Fault[] = [{ kind: 'cut', atByte: 10 }];
    origin.nextFault = () => left.shift() ?? { kind: 'status', status: 500 };
    const impatient = { ...PATIENCE, resumeTimeoutMs: 100 };
    const answer = await ask({ store: create(), patience: impatient });
    expect(answer.error).toMatchObject({ name: 'BrokenResponse', reason: 'origin' });
  });

  test('failures before the first byte are tried again, then told apart', async () => {
    faults({ kind: 'status', status: 500 }, { kind: 'silence' });
    expect(await get()).toMatchObject({ status: 200, error: undefined, record: { retries: 2 } });
    const always = async (fault: Fault) => {
      origin.nextFault = () => fault;
      return get();
    };
    expect(await always({ kind: 'status', status: 500 })).toMatchObject({ status: 502, record: { storeRequests: 3 } });
    expect(await always({ kind: 'silence' })).toMatchObject({ status: 504, record: { storeRequests: 3 } });
    const throttled = await always({ kind: 'status', status: 503 });
    expect(throttled).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    expect(await always({ kind: 'status', status: 429 })).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '1' },
    });
    expect(await always({ kind: 'status', status: 404 })).toMatchObject({ status: 404, record: { storeRequests: 1 } });
    expect(await always({ kind: 'status', status: 403 })).toMatchObject({ status: 403 });
  });

  test.each([503, 429])('a %i is not asked again before the time that its Retry-After names', async (status) => {
    const patient = { ...PATIENCE, openTimeoutMs: 1_500 };
    const wait = { kind: 'status', status, retryAfter: '1' } as const;
    // Before the first byte, then in the middle.
    for (const list of [[wait], [{ kind: 'cut', atByte: 70_000 } as const, wait]]) {
      faults(...list);
      const startedMs = performance.now();
      const answer = await ask({ store: create(), patience: patient });
      expect(answer).toMatchObject({ status: 200, error: undefined });
      expect(Buffer.compare(answer.bytes, ONE)).toBe(0);
      expect(performance.now() - startedMs).toBeGreaterThan(990);
    }
  });

  test('a wait that is too long is left to the client', async () => {
    const date = new Date(Date.now() + 61_000).toUTCString();
    for (const [retryAfter, told] of [
      ['60', /^60$/],
      [date, /^6[01]$/],
    ] as const) {
      faults({ kind: 'status', status: 503, retryAfter });
      const answer = await get();
      expect(answer).toMatchObject({ status: 503, record: { storeRequests: 1 } });
      expect(answer.headers['Retry-After']).toMatch(told);
    }
    faults({ kind: 'cut', atByte: 70_000 }, { kind: 'status', status: 503, retryAfter: '60' });
    expect(await get()).toMatchObject({ status: 200, error: { reason: 'origin' }, record: { resumes: 1 } });
    // Ten seconds would be waited for, had the function as many.
    faults({ kind: 'status', status: 503, retryAfter: '5' });
    const patience = { ...PATIENCE, openTimeoutMs: 10_000 };
    expect(await ask({ store: create(), patience }, { remainingMs: 4_000 })).toMatchObject({ status: 503 });
  });

  test('250 downloads through seeded faults: each is right or reported, none short, none spliced', async () => {
    const outcomes = { whole: 0, broken: 0, refused: 0 };
    for (let run = 0; run < 250; run += 1) {
      origin.nextFault = () => anyFault();
      const answer = await get(run % 2 === 0 ? {} : { headers: { Range: `bytes=${random(SIZE_BYTES)}-` } });
      outcomes[judge(answer)] += 1;
    }
    expect(outcomes.whole).toBeGreaterThan(60);
    expect(outcomes.broken).toBeGreaterThan(10);
  }, 60_000);
});

function anyFault(): Fault {
  const atByte = random(SIZE_BYTES);
  const dice = random(20);
  if (dice < 9) return { kind: 'none' };
  if (dice < 16)
    return { kind: (['cut', 'reset', 'end', 'cut', 'reset', 'end', 'replace'] as const)[dice - 9] ?? 'cut', atByte };
  if (dice === 16 && random(4) === 0) return { kind: 'stall', atByte };
  if (dice < 19) return { kind: 'status', status: [500, 503][random(2)] ?? 500 };
  return { kind: 'length', offBy: random(2000) - 1000 };
}

/** @throws AssertionError when what looks whole is not. */
function judge({ status, headers, bytes, error }: Answer): 'whole' | 'broken' | 'refused' {
  if (status >= 500) return 'refused';
  const object = [ONE, TWO].find((version) => eTagOf(version) === headers['ETag']) ?? ONE;
  const [, first = '0', last = String(SIZE_BYTES - 1)] = /bytes (\d+)-(\d+)/.exec(headers['Content-Range'] ?? '') ?? [];
  const asked = object.subarray(Number(first), Number(last) + 1);
  expect(Buffer.compare(bytes, asked.subarray(0, bytes.byteLength))).toBe(0);
  if (error !== undefined) {
    expect(bytes.byteLength).toBeLessThan(Number(headers['Content-Length'] ?? Number.POSITIVE_INFINITY));
    return 'broken';
  }
  expect(bytes.byteLength).toBe(asked.byteLength);
  return 'whole';
}
