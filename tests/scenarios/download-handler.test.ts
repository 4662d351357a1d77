import { execFile, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUNDLE_PATH } from '@spillway/handler/bundle';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { BUCKET_NAME, downloadStack } from './support/download-handler.ts';
import { makeWorkspace, type System, startSystem, type Workspace } from './support/system.ts';

const OBJECT = randomBytes(3 * 1_048_576 + 17);
const SHA_256 = createHash('sha256').update(OBJECT).digest('hex');
const JAPANESE = 'reports/請求書 2026年11月.pdf';

const HAS_WGET = spawnSync('wget', ['--version'], { stdio: 'ignore' }).status === 0;

let system: System;
let workspace: Workspace;
let url = '';
let japaneseUrl = '';

beforeAll(async () => {
  workspace = await makeWorkspace();
  system = await startSystem(downloadStack());
  await system.put(BUCKET_NAME, 'files/object.bin', OBJECT);
  await system.put(BUCKET_NAME, JAPANESE, OBJECT, 'application/pdf');
  await system.put(BUCKET_NAME, 'page.html', Buffer.from('<script>1</script>'), 'text/html');
  await system.put(BUCKET_NAME, 'empty', new Uint8Array());
  url = system.url('/download/{key+}', 'files/object.bin');
  japaneseUrl = system.url('/download/{key+}', JAPANESE);
});
afterAll(async () => {
  await system?.close();
  await workspace?.remove();
});

const download = (...args: readonly string[]) =>
  promisify(execFile)('curl', ['--silent', '--show-error', '--fail', ...args], { cwd: workspace.path });

describe('a download by curl', () => {
  it('is whole, and its head says what HEAD says', async () => {
    const get = await curl(url);
    expect(get).toMatchObject({ exitCode: 0, status: 200, sha256: SHA_256 });
    const head = await curl(url, '--head');
    expect(head).toMatchObject({ exitCode: 0, status: 200 });
    const names = ['content-length', 'content-type', 'content-disposition', 'etag', 'last-modified', 'accept-ranges'];
    for (const name of [...names, 'cache-control', 'x-amz-checksum-crc64nvme', 'x-amz-checksum-type']) {
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    }
    expect(get.headers.get('content-length')).toBe(String(OBJECT.byteLength));
    expect(get.headers.get('etag')).toMatch(/^"[^"]+"$/);
  });

  it('is named by -OJ, in ASCII, as curl reads names', async () => {
    await download('-OJ', japaneseUrl);
    const [saved = ''] = readdirSync(workspace.path).filter((name) => name.endsWith('.pdf'));
    expect(saved).toBe('___ 2026_11_.pdf');
    expect(Buffer.compare(readFileSync(join(workspace.path, saved)), OBJECT)).toBe(0);
    const head = await curl(japaneseUrl, '--head');
    expect(head.headers.get('content-disposition')).toContain(
      "filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8%202026%E5%B9%B411%E6%9C%88.pdf",
    );
  });

  it('is resumed by -C - where it was, and once more when it is whole', async () => {
    const path = join(workspace.path, 'object.bin');
    writeFileSync(path, OBJECT.subarray(0, 1_000_000));
    await download('-C', '-', '-O', url);
    expect(Buffer.compare(readFileSync(path), OBJECT)).toBe(0);
    // 416 at the full size is a success for curl.
    await promisify(execFile)('curl', ['--silent', '-C', '-', '-O', url], { cwd: workspace.path });
    expect(statSync(path).size).toBe(OBJECT.byteLength);
    await rm(path);
  });

  it.skipIf(!HAS_WGET)('is resumed by wget -c', async () => {
    writeFileSync(join(workspace.path, 'object.bin'), OBJECT.subarray(0, 2_000_000));
    const wget = spawn('wget', ['--quiet', '-c', url], { cwd: workspace.path });
    expect(await once(wget, 'close')).toEqual([0, null]);
    expect(Buffer.compare(readFileSync(join(workspace.path, 'object.bin')), OBJECT)).toBe(0);
  });
});

describe('ranges and conditions', () => {
  it.each([
    ['0-9', 'bytes 0-9', 0, 10],
    ['100-', `bytes 100-${OBJECT.byteLength - 1}`, 100, undefined],
    ['-5', `bytes ${OBJECT.byteLength - 5}-${OBJECT.byteLength - 1}`, OBJECT.byteLength - 5, undefined],
    ['0-4,5-9', 'bytes 0-9', 0, 10],
  ])('%s is a 206', async (range, contentRange, first, end) => {
    const part = OBJECT.subarray(first, end);
    const answer = await curl(url, '--range', range);
    expect(answer).toMatchObject({ status: 206, sha256: createHash('sha256').update(part).digest('hex') });
    expect(answer.headers.get('content-range')).toBe(`${contentRange}/${OBJECT.byteLength}`);
    expect(answer.headers.get('content-length')).toBe(String(part.byteLength));
  });

  it('answers each without a body, too', async () => {
    const eTag = (await curl(url, '--head')).headers.get('etag') ?? '';
    const asked = async (...headers: readonly string[]) => {
      const { status, exitCode, sizeBytes } = await curl(url, ...headers.flatMap((header) => ['--header', header]));
      return { status, exitCode, hasBody: sizeBytes > 0 };
    };
    expect(await asked(`If-None-Match: ${eTag}`)).toEqual({ status: 304, exitCode: 0, hasBody: false });
    expect(await asked(`If-None-Match: "x", W/${eTag}`)).toMatchObject({ status: 304 });
    expect(await asked('If-Match: "x"')).toEqual({ status: 412, exitCode: 0, hasBody: true });
    expect(await asked(`If-Match: ${eTag}`, 'Range: bytes=0-0')).toMatchObject({ status: 206 });
    expect(await asked('If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT')).toMatchObject({ status: 304 });
    expect(await asked('If-Range: "x"', 'Range: bytes=0-0')).toMatchObject({ status: 200 });
    expect(await asked(`If-Range: ${eTag}`, 'Range: bytes=0-0')).toMatchObject({ status: 206 });
    expect(await asked('Range: bytes=99999999-')).toMatchObject({ status: 416 });
  });

  it('refuses other methods, missing objects and keys that climb', async () => {
    expect(await curl(url, '--request', 'POST')).toMatchObject({ status: 405 });
    const missing = await curl(system.url('/download/{key+}', 'nothing'));
    expect(missing.status).toBe(404);
    expect(JSON.parse(missing.text)).toMatchObject({ status: 404 });
    expect(missing.headers.get('content-type')).toBe('application/problem+json');
    const base = system.url('/download/{key+}', '');
    for (const key of ['..%2f..%2fsecret', '%252e%252e%252fsecret', 'a%5c..%5csecret']) {
      expect(await curl(`${base}${key}`, '--path-as-is')).toMatchObject({ status: 404 });
    }
  });

  it('sends an empty object, and keeps a page from being one', async () => {
    expect(await curl(system.url('/download/{key+}', 'empty'))).toMatchObject({
      exitCode: 0,
      status: 200,
      sizeBytes: 0,
    });
    const page = await curl(system.url('/download/{key+}', 'page.html'));
    expect(page.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is one file of less than 100 KB', () => {
    expect(statSync(BUNDLE_PATH).size).toBeLessThan(100_000);
  });

  it('says in one line what it did', async () => {
    await curl(url, '--range', '0-0');
    const logs = await system.logsWith('DownloadFunction', '"contentRange":"bytes 0-0/');
    expect(logs).toContain('"outcome":"complete"');
    expect(logs).toContain('"Namespace":"Spillway"');
  });
});

describe('an object that one response cannot hold', () => {
  const limited = (policy: string) =>
    startSystem(
      downloadStack({ environment: { SPILLWAY_WHEN_TOO_LARGE: policy, SPILLWAY_MAX_RESPONSE_BYTES: '1500000' } }),
    );

  it('is sent as far as it goes, and resumed by curl until it is whole', async () => {
    const other = await limited('send-what-fits');
    try {
      await other.put(BUCKET_NAME, 'large.bin', OBJECT);
      const cut = await curl(other.url('/download/{key+}', 'large.bin'));
      expect(cut).toMatchObject({ exitCode: 18, status: 200 });
      expect(cut.headers.get('content-length')).toBe(String(OBJECT.byteLength));
      const path = join(workspace.path, 'large.bin');
      const exits: unknown[] = [];
      for (let tries = 0; tries < 5 && exits.at(-1) !== 0; tries += 1) {
        const args = ['--silent', '-C', '-', '-o', path, other.url('/download/{key+}', 'large.bin')];
        exits.push((await once(spawn('curl', args), 'close'))[0]);
      }
      expect(exits).toEqual([18, 18, 0]);
      expect(Buffer.compare(readFileSync(path), OBJECT)).toBe(0);
    } finally {
      await other.close();
    }
  });

  it('is redirected to a presigned URL that names it, for a short while', async () => {
    const other = await limited('redirect');
    try {
      await other.put(BUCKET_NAME, JAPANESE, OBJECT, 'application/pdf');
      const url = other.url('/download/{key+}', JAPANESE);
      const first = await curl(url);
      expect(first).toMatchObject({ status: 307, exitCode: 0, sizeBytes: 0 });
      expect(first.headers.get('location')).toContain('X-Amz-Expires=60');
      const followed = await curl(url, '--location');
      expect(followed).toMatchObject({ status: 200, sha256: SHA_256 });
      expect(followed.headers.get('content-disposition')).toContain("filename*=UTF-8''%E8%AB%8B");
    } finally {
      await other.close();
    }
  });
});
