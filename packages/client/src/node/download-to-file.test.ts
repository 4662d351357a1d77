import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededBytes } from '../../../../tests/scenarios/support/random.ts';
import {
  type Intercept,
  type RangeOrigin,
  type ServedObject,
  serve,
  startRangeOrigin,
} from '../../../../tests/scenarios/support/range-origin.ts';
import type { DownloadEvent } from '../progress.ts';
import { type DownloadedFile, type DownloadToFileOptions, downloadToFile } from './download-to-file.ts';
import { PartFile } from './part-file.ts';

const RANGE_BYTES = 10_000;
const BYTES = seededBytes(3, 95_000);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const CHECKSUM = { algorithm: 'sha-256', hex: sha256(BYTES).toString('hex') } as const;
const OBJECT: ServedObject = { bytes: BYTES, etag: '"one"' };

let origin: RangeOrigin;
let directory: string;
let file: string;
let events: DownloadEvent[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'client-'));
  file = join(directory, 'out.bin');
  events = [];
  origin = await startRangeOrigin({ '/object': OBJECT });
});
afterEach(async () => {
  await origin.close();
  await rm(directory, { recursive: true, force: true });
});

const fetchFile = (options: DownloadToFileOptions = {}): Promise<DownloadedFile> =>
  downloadToFile(`${origin.url}/object`, {
    file,
    rangeSizeBytes: RANGE_BYTES,
    stallTimeoutMs: 1_500,
    retries: 3,
    onEvent: (event) => events.push(event),
    ...options,
  });

const expectWhole = () => expect(readFileSync(file).equals(BYTES)).toBe(true);
const failed = (code: string) => expect.objectContaining({ name: 'DownloadError', code });
const eventsOf = (type: DownloadEvent['type']) => events.filter((event) => event.type === type);

/** Plays `answer` once, for the `count`th request. */
function at(count: number, answer: (...args: Parameters<Intercept>) => void): void {
  origin.intercept = (request, response, number) => {
    if (number !== count) return false;
    answer(request, response, number);
    return true;
  };
}

/** Answers all but the last range of a path; `held` when that was asked for. */
function holdLastRange(path: string): { readonly held: Promise<void>; readonly release: () => void } {
  const before = origin.intercept;
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    origin.intercept = (request, response, count) => {
      if (request.url !== path || request.headers.range !== 'bytes=90000-94999')
        return before?.(request, response, count);
      release = () => serve(origin.objects.get(path) ?? OBJECT, request, response);
      resolve();
      return true;
    };
  });
  return { held, release: () => release() };
}

describe('an answer that is not what was asked for', () => {
  const headers = { ETag: '"one"', 'Content-Range': 'bytes 10000-19999/95000', 'Content-Length': 10_000 };
  const part = BYTES.subarray(10_000, 20_000);

  it.each<[string, Intercept]>([
    ['another range', (_, r) => void r.writeHead(206, { ...headers, 'Content-Range': 'bytes 0-9999/95000' }).end(part)],
    ['no Content-Range', (_, r) => void r.writeHead(206, { ETag: '"one"', 'Content-Length': 10_000 }).end(part)],
    [
      'a length that is not that of the range',
      (_, r) => void r.writeHead(206, { ...headers, 'Content-Length': 5 }).end('12345'),
    ],
    [
      'a clean end too soon',
      (_, r) => void r.writeHead(206, { ...headers, 'Content-Length': [] }).end(part.subarray(0, 9_991)),
    ],
    [
      'more than the range',
      (_, r) => void r.writeHead(206, { ...headers, 'Content-Length': [] }).end(BYTES.subarray(0, 12_000)),
    ],
    ['the whole', (_, r) => void r.writeHead(200, { ETag: '"one"', 'Content-Length': 95_000 }).end(BYTES)],
    ['no ETag', (_, r) => void r.writeHead(206, { ...headers, ETag: [] }).end(part)],
    [
      'a coding',
      (_, r) =>
        void r.writeHead(206, { ...headers, 'Content-Length': [], 'Content-Encoding': 'gzip' }).end(gzipSync(part)),
    ],
    ['a stall', (_, r) => void r.writeHead(206, headers).write(part.subarray(0, 5_000))],
    ['a cut', (_, r) => void r.writeHead(206, headers).write(part.subarray(0, 5_000), () => r.destroy())],
    ['a reset', (request) => void request.socket.resetAndDestroy()],
    ['503', (_, r) => void r.writeHead(503).end()],
  ])('%s is asked for again', async (_, answer) => {
    let isPlayed = false;
    origin.intercept = (request, response, count) => {
      if (isPlayed || request.headers.range !== 'bytes=10000-19999') return false;
      isPlayed = true;
      answer(request, response, count);
      return true;
    };
    const { retries } = await fetchFile({ concurrency: 1, maxConcurrency: 1 });
    expect(retries).toBeGreaterThanOrEqual(1);
    expectWhole();
  });

  it('makes no list of ranges that a claimed size could blow up', async () => {
    const size = Number.MAX_SAFE_INTEGER - 1;
    origin.intercept = (request, response) => {
      if (request.headers.range !== 'bytes=0-9999') response.writeHead(403).end();
      else {
        response.writeHead(206, { ETag: '"one"', 'Content-Range': `bytes 0-9999/${size}` });
        response.end(BYTES.subarray(0, 10_000));
      }
      return true;
    };
    await expect(fetchFile()).rejects.toEqual(failed('Refused'));
  });

  it('goes on at the byte that a range reached', async () => {
    at(2, (_, response) => {
      response.writeHead(206, headers).write(part.subarray(0, 4_000));
    });
    await fetchFile({ concurrency: 1, maxConcurrency: 1, checksum: CHECKSUM });
    expect(origin.requests).toContain('GET bytes=14000-19999');
    expectWhole();
  });

  it('takes less than was asked for, and asks for the rest', async () => {
    at(2, (_, response) => {
      response.writeHead(206, { ...headers, 'Content-Range': 'bytes 10000-12999/95000', 'Content-Length': 3_000 });
      response.end(BYTES.subarray(10_000, 13_000));
    });
    expect((await fetchFile({ concurrency: 1, maxConcurrency: 1, checksum: CHECKSUM })).retries).toBe(0);
    expect(origin.requests).toContain('GET bytes=13000-19999');
    expectWhole();
  });

  it('fails in the end, and leaves a part to go on from', async () => {
    origin.intercept = (request, response) => {
      if (request.headers.range?.startsWith('bytes=90000-') !== true) return false;
      response.writeHead(503, { 'Retry-After': '0' }).end();
      return true;
    };
    await expect(fetchFile()).rejects.toEqual(failed('Unreachable'));
    expect(existsSync(file)).toBe(false);
    origin.intercept = undefined;
    expect(await fetchFile()).toMatchObject({ resumedBytes: 90_000 });
    expectWhole();
  });
});

describe('a throttled function', () => {
  it.each([429, 500, 502, 503])('%d halves what is on its way at once, and is waited for', async (status) => {
    let throttled = 0;
    origin.intercept = (request, response, count) => {
      if (request.method === 'HEAD' || count < 4 || throttled >= 2) return false;
      throttled += 1;
      response.writeHead(status).end();
      return true;
    };
    const downloaded = await fetchFile();
    expect(downloaded.throttled).toBe(2);
    expect(downloaded.estimatedInvocations).toBe(downloaded.requests - (status === 429 ? 2 : 0));
    expectWhole();
  });

  it('is not asked before the time that Retry-After names', async () => {
    let refusedAtMs = 0;
    let askedAgainAtMs = 0;
    origin.intercept = (request, response) => {
      if (request.headers.range !== 'bytes=0-9999') return false;
      if (refusedAtMs > 0) {
        askedAgainAtMs = performance.now();
        return false;
      }
      refusedAtMs = performance.now();
      response.writeHead(429, { 'Retry-After': '1' }).end();
      return true;
    };
    await fetchFile();
    expect(askedAgainAtMs - refusedAtMs).toBeGreaterThanOrEqual(990);
  });
});

describe('checksums', () => {
  const digest = { 'Repr-Digest': `sha-256=:${sha256(BYTES).toString('base64')}:` };

  it('takes the Repr-Digest of a range, and asks for no more', async () => {
    origin.objects.set('/object', { ...OBJECT, headers: digest });
    expect((await fetchFile()).verified).toMatchObject({ algorithm: 'sha-256', source: 'server' });
    expect(origin.requests.some((line) => line.startsWith('HEAD'))).toBe(false);
  });

  it("takes S3's checksum of a HEAD, and none of a range", async () => {
    origin.intercept = (request, response) => {
      response.setHeader('x-amz-checksum-type', 'FULL_OBJECT');
      response.setHeader('x-amz-checksum-crc32', request.method === 'HEAD' ? 'AAAAAA==' : 'BBBBBB==');
      return false;
    };
    await expect(fetchFile()).rejects.toEqual(failed('DigestMismatch'));
    expect(readdirSync(directory)).toEqual([]);
  });

  it('says when there is none', async () => {
    expect((await fetchFile()).verified).toBeUndefined();
  });

  it('notices that a HEAD tells another size', async () => {
    origin.intercept = (request, response) => {
      if (request.method !== 'HEAD') return false;
      response.writeHead(200, { ETag: '"one"', 'Content-Length': 95_001 }).end();
      return true;
    };
    await expect(fetchFile({ onChange: 'fail' })).rejects.toEqual(failed('ObjectChanged'));
  });

  it('notices a part that calls itself the whole, though the first HEAD is lost', async () => {
    let heads = 0;
    origin.intercept = (request, response, count) => {
      if (request.method === 'HEAD') {
        heads += 1;
        if (heads === 1) request.socket.destroy();
        return heads === 1;
      }
      if (count > 1) return false;
      response.writeHead(200, { ETag: '"one"', 'Content-Length': 10_000 }).end(BYTES.subarray(0, 10_000));
      return true;
    };
    expect(await fetchFile()).toMatchObject({ restarts: 1, sizeBytes: 95_000 });
    expectWhole();
  });

  it('refuses bytes that are not those of the digest', async () => {
    origin.objects.set('/object', {
      ...OBJECT,
      headers: { 'Repr-Digest': `sha-256=:${sha256(BYTES.subarray(1)).toString('base64')}:` },
    });
    await expect(fetchFile()).rejects.toEqual(failed('DigestMismatch'));
    expect(existsSync(file)).toBe(false);
  });
});

describe('a server that gives less', () => {
  it('without a strong validator is read in one stream, and begun again when it is cut', async () => {
    origin.objects.set('/object', { bytes: BYTES, etag: 'W/"weak"' });
    let cuts = 0;
    origin.intercept = (request, response) => {
      if (request.headers.range !== undefined || cuts > 0 || request.method === 'HEAD') return false;
      cuts += 1;
      response.writeHead(200, { ETag: 'W/"weak"', 'Content-Length': 95_000 });
      response.write(BYTES.subarray(0, 50_000), () => response.destroy());
      return true;
    };
    const { mode } = await fetchFile();
    expect(mode).toBe('stream');
    expect(eventsOf('fallback')).toHaveLength(1);
    expect(origin.requests.filter((line) => line === 'GET whole')).toHaveLength(2);
    expectWhole();
  });

  it('is read in ranges without a validator where a digest proves them', async () => {
    origin.objects.set('/object', { bytes: BYTES });
    expect(await fetchFile({ checksum: CHECKSUM })).toMatchObject({ mode: 'ranges' });
    expectWhole();
  });

  it('without ranges goes on by leaving out what is there', async () => {
    origin.objects.set('/object', { ...OBJECT, hasRanges: false });
    at(1, (_, response) => {
      response.writeHead(200, { ETag: '"one"', 'Content-Length': 95_000 });
      response.write(BYTES.subarray(0, 50_000), () => response.destroy());
    });
    expect(await fetchFile()).toMatchObject({ mode: 'stream', retries: 1 });
    expect(origin.requests.at(-1)).toMatch(/^GET (?:bytes=\d+-|whole)$/);
    expectWhole();
  });

  it.each([
    ['length', 50_000],
    ['no length', []],
  ])('and then sends the rest as if it were the whole, with %s, is asked again', async (_, length) => {
    let rests = 0;
    origin.intercept = (request, response) => {
      if (request.method === 'HEAD') return false;
      if (request.headers.range === 'bytes=0-9999') {
        response.writeHead(200, { ETag: '"one"', 'Content-Length': 95_000 });
        response.write(BYTES.subarray(0, 45_000), () => response.destroy());
        return true;
      }
      rests += 1;
      if (rests > 1) return false;
      response.writeHead(200, { ETag: '"one"', 'Content-Length': length }).end(BYTES.subarray(45_000));
      return true;
    };
    expect(await fetchFile()).toMatchObject({ mode: 'stream' });
    expect(rests).toBe(2);
    expectWhole();
  });

  it('with neither length nor checksum is refused, unless it is accepted', async () => {
    origin.intercept = (request, response) => {
      if (request.method === 'HEAD') return false;
      response.writeHead(200, {}).end(BYTES);
      return true;
    };
    await expect(fetchFile()).rejects.toEqual(failed('UnknownLength'));
    expect(await fetchFile({ acceptUnknownLength: true })).toMatchObject({ sizeBytes: 95_000 });
    expectWhole();
  });

  it('that codes its bodies is refused', async () => {
    origin.intercept = (request, response) => {
      const coded = gzipSync(BYTES);
      const range = request.headers.range === undefined ? {} : { 'Content-Range': `bytes 0-9999/${coded.byteLength}` };
      const body = request.headers.range === undefined ? coded : coded.subarray(0, 10_000);
      response.writeHead(request.headers.range === undefined ? 200 : 206, {
        'Content-Encoding': 'gzip',
        'Content-Length': body.byteLength,
        ETag: '"one"',
        ...range,
      });
      response.end(body);
      return true;
    };
    await expect(fetchFile()).rejects.toEqual(failed('ContentCoded'));
  });

  it('that has no byte gives an empty file', async () => {
    origin.objects.set('/object', { bytes: new Uint8Array(0), etag: '"none"' });
    expect(await fetchFile()).toMatchObject({ sizeBytes: 0 });
    expect(eventsOf('fallback')).toEqual([]);
    expect(readFileSync(file).byteLength).toBe(0);
  });
});

describe('the file', () => {
  it('is not begun by two at once', async () => {
    const first = fetchFile();
    await expect(fetchFile()).rejects.toEqual(failed('FileInUse'));
    await first;
    expectWhole();
  });

  it('is never put together by two that began in the same moment', async () => {
    const other = seededBytes(5, 95_000);
    origin.objects.set('/other', { bytes: other, etag: '"two"' });
    // Another name for the directory stands for another process: it passes what one process knows of itself.
    const link = `${directory}-link`;
    symlinkSync(directory, link);
    const [first, second] = [holdLastRange('/object'), holdLastRange('/other')];
    const one = fetchFile({ force: true });
    await first.held;
    const two = downloadToFile(`${origin.url}/other`, { file: join(link, 'out.bin'), rangeSizeBytes: RANGE_BYTES });
    await second.held;
    first.release();
    await expect(one).rejects.toEqual(failed('FileInUse'));
    expect(existsSync(file)).toBe(false);
    second.release();
    await two;
    expect(readFileSync(file).equals(other)).toBe(true);
    expect(readdirSync(directory)).toEqual(['out.bin']);
    rmSync(link);
  });

  it('does not take the place of one that came to be there meanwhile', async () => {
    const { held, release } = holdLastRange('/object');
    const pending = fetchFile();
    await held;
    writeFileSync(file, 'mine');
    release();
    await expect(pending).rejects.toEqual(failed('FileExists'));
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(await fetchFile({ force: true })).toMatchObject({ resumedBytes: 95_000 });
    expectWhole();
  });

  it('writes through no link that somebody else put beside it', async () => {
    const precious = join(directory, 'precious');
    writeFileSync(precious, 'mine');
    const abort = new AbortController();
    const { held } = holdLastRange('/object');
    const pending = fetchFile({ signal: abort.signal });
    await held;
    symlinkSync(precious, `${file}.part.json.new`);
    abort.abort();
    await expect(pending).rejects.toThrow();
    expect(readFileSync(precious, 'utf8')).toBe('mine');
  });

  it('is proven by an ETag that is its MD5', async () => {
    const etag = `"${createHash('md5').update(BYTES).digest('hex')}"`;
    origin.objects.set('/object', { bytes: BYTES, etag });
    writeFileSync(file, BYTES);
    expect(await fetchFile()).toMatchObject({ wasThere: true });
    writeFileSync(file, seededBytes(4, 95_000));
    await expect(fetchFile()).rejects.toEqual(failed('FileExists'));
  });

  it('goes into a directory under the name that the server gives it', async () => {
    expect(await fetchFile({ file: directory })).toMatchObject({ file: join(directory, 'object') });
    expect(readdirSync(directory)).toEqual(['object']);
    mkdirSync(join(directory, 'sub', 'object'), { recursive: true });
    await expect(fetchFile({ file: join(directory, 'sub') })).rejects.toEqual(failed('FileExists'));
  });

  it('is not resumed from a part that only a query and a date tell from another', async () => {
    const dates = { 'Last-Modified': 'Mon, 02 Nov 2026 10:00:00 GMT' };
    const other = seededBytes(6, 95_000);
    origin.objects.set('/object', { bytes: BYTES, headers: dates });
    const abort = new AbortController();
    let isHeld = true;
    const held = new Promise<void>((resolve) => {
      origin.intercept = (request) => {
        if (!isHeld || request.headers.range !== 'bytes=90000-94999') return false;
        resolve();
        return true;
      };
    });
    const one = downloadToFile(`${origin.url}/object?id=1`, {
      file,
      rangeSizeBytes: RANGE_BYTES,
      signal: abort.signal,
    });
    await held;
    abort.abort();
    await expect(one).rejects.toThrow();
    isHeld = false;
    origin.objects.set('/object', { bytes: other, headers: dates });
    await downloadToFile(`${origin.url}/object?id=2`, { file, rangeSizeBytes: RANGE_BYTES });
    expect(readFileSync(file).equals(other)).toBe(true);
    expect(readdirSync(directory)).toEqual(['out.bin']);
  });

  it('is not resumed from a part of another address', async () => {
    writeFileSync(`${file}.part`, new Uint8Array(95_000));
    const state = {
      format: 'spillway-part-3',
      url: 'http://elsewhere/object',
      query: '',
      version: { etag: '"one"', isStrong: true },
      inode: String(statSync(`${file}.part`).ino),
    };
    writeFileSync(
      `${file}.part.json`,
      JSON.stringify({
        ...state,
        sizeBytes: 95_000,
        done: [{ start: 0, end: 95_000, crc32: crc32(new Uint8Array(95_000)) }],
        pid: process.pid,
      }),
    );
    expect(await fetchFile()).toMatchObject({ resumedBytes: 0 });
    expectWhole();
  });

  it('is left as a part by an abort', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const held = new Promise<void>((resolve) => {
      origin.intercept = (request) => {
        if (request.headers.range !== 'bytes=90000-94999') return false;
        resolve();
        return true;
      };
    });
    const pending = fetchFile({ signal: abort.signal });
    await held;
    abort.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(readdirSync(directory).sort()).toEqual(['out.bin.part', 'out.bin.part.json']);
  });
});

/** Leaves a part of `query` with all ranges but the last. */
async function leavePart(query = ''): Promise<void> {
  const abort = new AbortController();
  const { held, release } = holdLastRange(`/object${query}`);
  const pending = downloadToFile(`${origin.url}/object${query}`, {
    file,
    rangeSizeBytes: RANGE_BYTES,
    signal: abort.signal,
  });
  await held;
  abort.abort();
  await expect(pending).rejects.toThrow();
  release();
  origin.intercept = () => false;
}

describe('a part', () => {
  it.each(['.part', '.part.json'])('that no download left stays: %s', async (suffix) => {
    writeFileSync(`${file}${suffix}`, 'mine');
    await expect(fetchFile()).rejects.toEqual(failed('FileExists'));
    await expect(fetchFile()).rejects.toThrow(`${file}${suffix} is there, and no download left it`);
    expect(readFileSync(`${file}${suffix}`, 'utf8')).toBe('mine');
    expect(readdirSync(directory)).toEqual([`out.bin${suffix}`]);
    expect(await fetchFile({ force: true })).toMatchObject({ resumedBytes: 0 });
    expectWhole();
    expect(readdirSync(directory)).toEqual(['out.bin']);
  });

  it('that came in place of ours stays, and so does a link', async () => {
    await leavePart();
    writeFileSync(`${file}.part.other`, 'mine');
    renameSync(`${file}.part.other`, `${file}.part`);
    await expect(fetchFile()).rejects.toEqual(failed('FileExists'));
    rmSync(`${file}.part`);
    symlinkSync(join(directory, 'nowhere'), `${file}.part`);
    await expect(fetchFile()).rejects.toEqual(failed('FileExists'));
    rmSync(`${file}.part`);
    expect(await fetchFile()).toMatchObject({ resumedBytes: 0 });
  });

  it.skipIf(process.getuid?.() !== 0)('that somebody else put into a directory for all is not taken over', async () => {
    await leavePart();
    chmodSync(directory, 0o1777);
    for (const suffix of ['.part', '.part.json']) chownSync(`${file}${suffix}`, 12_345, 12_345);
    await expect(fetchFile()).rejects.toEqual(failed('FileExists'));
  });

  it('of an older form, and what holds nothing, gives way', async () => {
    await leavePart();
    const state = readFileSync(`${file}.part.json`, 'utf8');
    writeFileSync(`${file}.part.json`, state.replace(/spillway-part-\d+/, 'spillway-part-2'));
    expect(await fetchFile()).toMatchObject({ resumedBytes: 0 });
    rmSync(file);
    for (const suffix of ['.part', '.part.json']) writeFileSync(`${file}${suffix}`, '');
    await fetchFile();
    expectWhole();
  });

  it('of an object whose size nobody knows is recognised after a crash', async () => {
    // As kill -9 leaves it: never by leave().
    const identity = { url: `${origin.url}/object`, query: '', version: { etag: '"one"', isStrong: true } };
    const part = await PartFile.open(file, identity, undefined);
    await part.write([BYTES.subarray(0, 100)], 0);
    expect(await fetchFile()).toMatchObject({ resumedBytes: 0 });
    expectWhole();
    await part.leave();
    expectWhole();
  });

  it('is held against what was written to it, and only what differs is fetched again', async () => {
    await leavePart();
    const bytes = readFileSync(`${file}.part`);
    bytes[12_345] = (bytes[12_345] ?? 0) ^ 1;
    writeFileSync(`${file}.part`, bytes);
    expect(await fetchFile()).toMatchObject({ resumedBytes: 0, verified: undefined });
    expectWhole();
    expect(eventsOf('discarded')).toEqual([{ type: 'discarded', lostBytes: expect.any(Number) }]);

    rmSync(file);
    await leavePart();
    const state = JSON.parse(readFileSync(`${file}.part.json`, 'utf8')) as object;
    const { ino } = statSync(`${file}.part`);
    writeFileSync(`${file}.part`, BYTES.subarray(0, 90_000));
    expect(statSync(`${file}.part`).ino).toBe(ino);
    const cut = (start: number, end: number) => ({ start, end, crc32: crc32(BYTES.subarray(start, end)) });
    const done = [cut(0, 30_000), { ...cut(30_000, 60_000), crc32: 7 }, cut(60_000, 90_000)];
    writeFileSync(`${file}.part.json`, JSON.stringify({ ...state, done }));
    expect(await fetchFile()).toMatchObject({ resumedBytes: 60_000 });
    expectWhole();
  });

  it('is read again where an answer that contradicts itself took a piece of it back', async () => {
    const part = await PartFile.open(
      file,
      { url: 'u', query: '', version: { isStrong: true }, sizeBytes: 95_000 },
      undefined,
    );
    for (const start of [0, 40_000]) {
      await part.write([BYTES.subarray(start, start + 40_000)], start);
      part.done.add({ start, end: start + 40_000 });
    }
    part.done.remove({ start: 10_000, end: 20_000 });
    await part.leave();
    const { done } = JSON.parse(readFileSync(`${file}.part.json`, 'utf8')) as { done: unknown };
    expect(done).toEqual([
      { start: 0, end: 10_000, crc32: crc32(BYTES.subarray(0, 10_000)) },
      { start: 20_000, end: 80_000, crc32: crc32(BYTES.subarray(20_000, 80_000)) },
    ]);
  });

  it('is of one query, though the ETag is that of the other', async () => {
    const other = seededBytes(6, 95_000);
    await leavePart('?id=1');
    origin.objects.set('/object', { bytes: other, etag: '"one"' });
    await downloadToFile(`${origin.url}/object?id=2`, { file, rangeSizeBytes: RANGE_BYTES });
    expect(readFileSync(file).equals(other)).toBe(true);
  });

  it('goes on by a presigned URL with a new signature, and keeps none', async () => {
    const query = (secret: string) => `?versionId=7&X-Amz-Date=${secret}&X-Amz-Signature=${secret}`;
    await leavePart(query('monday'));
    expect(readFileSync(`${file}.part.json`, 'utf8')).not.toContain('monday');
    const { resumedBytes } = await downloadToFile(`${origin.url}/object${query('tuesday')}`, { file });
    expect(resumedBytes).toBeGreaterThan(0);
    expectWhole();
  });
});

it("sends the caller's headers to the URL's own origin alone", async () => {
  const other = await startRangeOrigin({ '/elsewhere': OBJECT });
  const seen: (string | undefined)[] = [];
  other.intercept = (request) => {
    seen.push(request.headers['x-token'] as string | undefined, request.headers['range']);
    return false;
  };
  origin.intercept = (request, response) => {
    expect(request.headers['x-token']).toBe('secret');
    response.writeHead(307, { Location: `${other.url}/elsewhere` }).end();
    return true;
  };
  await fetchFile({ headers: { 'X-Token': 'secret' }, rangeSizeBytes: 1_000_000 });
  expectWhole();
  expect(seen).toContain('bytes=0-999999');
  expect(seen).not.toContain('secret');
  await other.close();
});

it('keeps no connection busy when it has failed', async () => {
  const closed = new Promise<void>((resolve) => {
    origin.intercept = (request, response, count) => {
      if (count === 1) return false;
      if (request.headers.range === 'bytes=20000-29999') response.writeHead(403).end();
      else once(request.socket, 'close').then(() => resolve());
      return true;
    };
  });
  await expect(fetchFile()).rejects.toEqual(failed('Refused'));
  await closed;
});
