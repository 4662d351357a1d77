import { UsageError } from '@spillway/wire';
import { expect, test, vi } from 'vitest';
import { downloadSettings } from './download-settings.ts';
import { StoreError } from './object-store/object-store.ts';
import { respond } from './respond.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { ask, contextOf, eventOf } from './testing/requests.ts';

const BYTES = Buffer.from('0123456789');
const object = () =>
  new MemoryStore(BYTES, { eTag: '"a"', lastModifiedMs: Date.UTC(2026, 10, 23), contentType: 'text/plain' });

test('a whole object has all that a client needs to name, resume and check it', async () => {
  const store = object();
  const { status, headers, text } = await ask({ store }, { key: 'reports%2F%E8%AB%8B%E6%B1%82%20100%25.pdf' });
  expect({ status, text }).toEqual({ status: 200, text: '0123456789' });
  expect(headers).toEqual({
    'Content-Type': 'text/plain',
    'Content-Disposition': `attachment; filename="__ 100%.pdf"; filename*=UTF-8''%E8%AB%8B%E6%B1%82%20100%25.pdf`,
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': '10',
    ETag: '"a"',
    'Last-Modified': 'Mon, 23 Nov 2026 00:00:00 GMT',
    'Cache-Control': 'no-cache, no-transform',
    'Accept-Ranges': 'bytes',
  });
  expect(store.reads).toEqual([{ key: 'reports/請求 100%.pdf', range: undefined }]);
});

test('one request to the store is enough, or one HEAD and one GET that is pinned to it', async () => {
  const store = object();
  await ask({ store }, { headers: { Range: 'bytes=2-3' } });
  await ask({ store }, { headers: { Range: 'bytes=2-3', 'If-Match': '"a"' } });
  await ask({ store }, { headers: { Range: 'bytes=2-3', 'If-Range': '"a"' } });
  expect({ heads: store.heads, reads: store.reads.map(({ ifMatch }) => ifMatch) }).toEqual({
    heads: 0,
    reads: [undefined, '"a"', '"a"'],
  });
  // If-Range that does not hold: the whole, without Range.
  const changed = await ask({ store }, { headers: { Range: 'bytes=2-3', 'If-Range': '"b"' } });
  expect(changed).toMatchObject({ status: 200, text: '0123456789' });
  expect(store.reads.slice(3)).toEqual([
    { key: 'a.bin', range: { first: 2, last: 3 }, ifMatch: '"b"' },
    { key: 'a.bin' },
  ]);
  await ask({ store }, { headers: { 'If-None-Match': '"b", "c"' } });
  expect(store.heads).toBe(1);
  expect(store.reads.at(-1)).toMatchObject({ ifMatch: '"a"' });
  await ask({ store }, { headers: { 'If-None-Match': '"a"' } });
  expect({ heads: store.heads, reads: store.reads.length }).toEqual({ heads: 2, reads: 6 });
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('%s is refused with what is allowed', async (method) => {
  const answer = await ask({ store: object() }, { method });
  expect(answer).toMatchObject({
    status: 405,
    headers: { Allow: 'GET, HEAD', 'Content-Type': 'application/problem+json' },
  });
  expect(JSON.parse(answer.text)).toMatchObject({ status: 405, title: 'Method Not Allowed' });
  expect(answer.headers['Content-Length']).toBe(String(answer.bytes.byteLength));
});

test('an answer to HEAD has the headers of the GET and no body, problems included', async () => {
  for (const headers of [{}, { 'If-None-Match': '"a"' }, { 'If-Match': '"b"' }]) {
    const get = await ask({ store: object() }, { headers });
    const head = await ask({ store: object() }, { headers, method: 'HEAD' });
    expect({ status: head.status, headers: head.headers }).toEqual({ status: get.status, headers: get.headers });
    expect(head.bytes).toHaveLength(0);
  }
});

test.each([
  '..%2Fsecret',
  '%2e%2e/secret',
  'a/../../secret',
  'a%5C..%5Csecret',
  '%252e%252e/secret',
  '%252e%252e%252fsecret',
  'a%00b',
  'a%0d%0aSet-Cookie:x',
  '',
  '.',
  'a'.repeat(1021),
])('%.30s names no object, and the store is not asked', async (key) => {
  const store = object();
  expect(await ask({ store, prefix: 'pub' }, { key })).toMatchObject({ status: 404 });
  expect({ reads: store.reads, heads: store.heads }).toEqual({ reads: [], heads: 0 });
});

test('what is decoded is decoded once, and stays below the prefix', async () => {
  const store = object();
  await ask({ store, prefix: 'pub' }, { key: 'a%2520b/%25' });
  expect(store.reads[0]?.key).toBe('pub/a%20b/%');
  expect(await ask({ store }, { key: '%ff' })).toMatchObject({ status: 400 });
  expect(await ask({ store }, { key: '%c0%ae%c0%ae/x' })).toMatchObject({ status: 400 });
});

test('metadata becomes no header unchecked', async () => {
  const store = new MemoryStore(BYTES, {
    eTag: '"a"\r\nX: y',
    contentType: 'text/html\r\nSet-Cookie: a=b',
    contentEncoding: 'gzip\r\nX: y',
    contentLanguage: 'de\nX: y',
    cacheControl: 'public\r\nX: y',
    contentDisposition: 'inline; filename="a\r\nX: y.html"',
    checksums: { type: 'FULL_OBJECT', values: { SHA256: 'x\r\nX: y', CRC32: 'AAAA' } },
  });
  const { headers } = await ask({ store });
  expect(headers).toEqual({
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename="a__X_ y.html"; filename*=UTF-8''a__X_%20y.html`,
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': '10',
    'Cache-Control': 'no-cache, no-transform',
    'Accept-Ranges': 'bytes',
  });
});

test('what a browser would run is an attachment in a sandbox, whatever was asked for', async () => {
  const store = object();
  for (const contentType of [
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'text/xml',
    'TEXT/HTML; charset=utf-8',
  ]) {
    store.metadata = { contentType };
    const { headers } = await ask({ store, disposition: 'inline' });
    expect(headers['Content-Disposition']).toMatch(/^attachment/);
    expect(headers['Content-Security-Policy']).toContain('sandbox');
  }
  store.metadata = { contentType: 'image/png' };
  expect((await ask({ store, disposition: 'inline' })).headers['Content-Disposition']).toMatch(/^inline/);
});

test('digests of the whole go with ranges, S3 checksums only with the whole', async () => {
  const store = object();
  const sha256 = 'hNiYd/DUBB77a/kaFvAkjy/VcxpSjjQwGpmyd5FlZXs=';
  store.metadata = {
    ...store.metadata,
    checksums: { type: 'FULL_OBJECT', values: { SHA256: sha256, CRC32: 'poTJVg==' } },
  };
  const whole = await ask({ store, verify: false });
  expect(whole.headers).toMatchObject({
    'Repr-Digest': `sha-256=:${sha256}:`,
    'x-amz-checksum-crc32': 'poTJVg==',
    'x-amz-checksum-type': 'FULL_OBJECT',
  });
  const range = await ask({ store }, { headers: { Range: 'bytes=0-1,1-2' } });
  expect(range).toMatchObject({ status: 206, text: '012', headers: { 'Repr-Digest': `sha-256=:${sha256}:` } });
  expect(range.headers['x-amz-checksum-crc32']).toBeUndefined();
  store.metadata = { checksums: { type: 'COMPOSITE', values: { SHA256: `${sha256}-3`, CRC32: 'poTJVg==-3' } } };
  const composite = await ask({ store });
  expect(composite.headers).toMatchObject({ 'x-amz-checksum-crc32': 'poTJVg==-3', 'x-amz-checksum-type': 'COMPOSITE' });
  expect(composite.headers['Repr-Digest']).toBeUndefined();
});

test('a hook refuses, renames and shows otherwise; an error of it lets nobody in', async () => {
  const store = object();
  const authorize = vi.fn(() => ({ allow: false, status: 401 }) as const);
  expect(await ask({ store, authorize })).toMatchObject({ status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
  expect(authorize).toHaveBeenCalledWith(expect.objectContaining({ method: 'GET', key: 'a.bin' }));
  const renamed = await ask({
    store,
    prefix: 'pub',
    authorize: async () => ({ allow: true, key: 'other.txt', fileName: '../報告.txt', disposition: 'inline' }),
  });
  expect(renamed.headers['Content-Disposition']).toBe(
    `inline; filename="__.txt"; filename*=UTF-8''%E5%A0%B1%E5%91%8A.txt`,
  );
  expect(renamed.headers['Cache-Control']).toBe('private, no-cache, no-transform');
  expect(store.reads).toEqual([{ key: 'pub/other.txt', range: undefined }]);
  expect(await ask({ store, authorize: () => ({ allow: true, key: '../x' }) })).toMatchObject({ status: 404 });
  const failing = () => {
    throw new Error('no database');
  };
  expect(await ask({ store, authorize: failing })).toMatchObject({
    status: 500,
    record: { error: 'Error: no database' },
  });
  // From JavaScript.
  expect(await ask({ store, authorize: (() => undefined) as never })).toMatchObject({ status: 403 });
  expect(store.reads).toHaveLength(1);
});

test('a hook that hangs is an answer, and hears that nobody waits', async () => {
  const signals: AbortSignal[] = [];
  const authorize = ({ signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return new Promise<never>(() => {});
  };
  const slow = await ask({ store: object(), authorize, authorizeTimeoutMs: 20 });
  expect(slow).toMatchObject({ status: 504, headers: { 'Content-Type': 'application/problem+json' } });
  expect(slow.record).toMatchObject({ outcome: 'failed', storeRequests: 0 });
  expect(slow.record.error).toContain('authorize did not decide within 20 ms');
  // 1,500 ms are kept for the log and the end of the stream.
  const late = await ask({ store: object(), authorize }, { remainingMs: 1_520 });
  expect(late).toMatchObject({ status: 504, record: { storeRequests: 0 } });
  expect(late.text).toContain('The time of the function was up before there was an answer.');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('a store that heeds no signal holds nothing up, and is let go of when it answers after all', async () => {
  const store = object();
  const get = store.get.bind(store);
  const returned = vi.fn(() => Promise.reject(new Error('nobody hears this')));
  const silence = { next: () => new Promise<never>(() => {}), return: returned };
  const answers: (() => void)[] = [];
  store.get = async (read) => {
    const open = { ...(await get(read)), body: { [Symbol.asyncIterator]: () => silence } };
    return new Promise((resolve) => answers.push(() => resolve(open)));
  };
  const patience = { openTimeoutMs: 10, idleTimeoutMs: 10, resumeTimeoutMs: 30, backoffMs: 1 };
  expect(await ask({ store, patience })).toMatchObject({ status: 504, record: { storeRequests: 3 } });
  for (const answer of answers) answer();
  await vi.waitFor(() => expect(returned).toHaveBeenCalledTimes(3));

  store.get = async (read) => ({ ...(await get(read)), body: { [Symbol.asyncIterator]: () => silence } });
  const silent = await ask({ store, patience });
  expect(silent).toMatchObject({ status: 200, error: { name: 'BrokenResponse', reason: 'origin' } });
  expect(returned.mock.calls.length).toBe(3 + 1 + silent.record.resumes);
  const late = await ask({ store, patience: { ...patience, idleTimeoutMs: 60_000 } }, { remainingMs: 1_520 });
  expect(late.error).toMatchObject({ name: 'BrokenResponse', reason: 'deadline' });

  store.head = () => new Promise(() => {});
  expect(await ask({ store, patience }, { method: 'HEAD' })).toMatchObject({ status: 504 });
  const presign = () => new Promise<never>(() => {});
  const redirecting = { store: Object.assign(object(), { presign }), patience, whenTooLarge: 'redirect' } as const;
  expect(await ask({ ...redirecting, maxResponseBytes: 1 })).toMatchObject({ status: 504 });
});

test('what does not fit is sent as far as it goes, redirected, or refused', async () => {
  const store = object();
  const sent = await ask({ store, maxResponseBytes: 6 });
  expect(sent).toMatchObject({
    status: 200,
    text: '012345',
    headers: { 'Content-Length': '10' },
    error: { reason: 'size' },
  });
  expect(await ask({ store, maxResponseBytes: 6 }, { headers: { Range: 'bytes=6-' } })).toMatchObject({
    status: 206,
    text: '6789',
  });
  const refused = await ask({ store, maxResponseBytes: 6, whenTooLarge: 'refuse' });
  expect(refused.status).toBe(403);
  expect(JSON.parse(refused.text)).toMatchObject({ maxRangeBytes: 6 });
  await expect(ask({ store, whenTooLarge: 'redirect' })).rejects.toThrow('needs a bucket');
  const presign = vi.fn(async () => 'https://bucket/signed');
  const redirected = await ask({
    store: Object.assign(store, { presign }),
    maxResponseBytes: 6,
    whenTooLarge: 'redirect',
  });
  expect(redirected).toMatchObject({
    status: 307,
    headers: { Location: 'https://bucket/signed', 'Cache-Control': 'no-store' },
  });
  expect(presign).toHaveBeenCalledWith(
    'a.bin',
    expect.objectContaining({ expiresInSeconds: 60, contentType: 'text/plain' }),
  );
  // 10 s are not enough for 64 MiB at Lambda's pace.
  const large = new MemoryStore(new Uint8Array(64 * 1_048_576));
  const late = await ask({ store: large, whenTooLarge: 'refuse' }, { remainingMs: 10_000 });
  expect(late).toMatchObject({ status: 403 });
  expect(late.text).toContain('take 29 s; the function has 8 s left');
});

test('the end of the time breaks a body that waits', async () => {
  const store = object();
  store.get = async () => ({
    metadata: { sizeBytes: 10, eTag: '"a"' },
    range: { first: 0, last: 9 },
    isPartial: false,
    body: (async function* () {
      yield Buffer.from('012');
      throw new StoreError('unavailable', 'gone');
    })(),
  });
  const answer = await ask({ store, patience: { backoffMs: 60_000 } }, { remainingMs: 1_600 });
  expect(answer).toMatchObject({ status: 200, text: '012', error: { name: 'BrokenResponse', reason: 'deadline' } });
});

test('pages of allowed origins may read the answers', async () => {
  const store = object();
  const corsOrigins = ['https://app.example.com'];
  const allowed = await ask({ store, corsOrigins }, { headers: { Origin: 'https://app.example.com' } });
  expect(allowed.headers).toMatchObject({ 'Access-Control-Allow-Origin': 'https://app.example.com', Vary: 'Origin' });
  const other = await ask({ store, corsOrigins }, { headers: { Origin: 'https://evil.example.com' } });
  expect(other.headers['Access-Control-Allow-Origin']).toBeUndefined();
  expect(await ask({ store, corsOrigins: ['*'] }, { method: 'OPTIONS' })).toMatchObject({
    status: 204,
    text: '',
    headers: { 'Access-Control-Allow-Methods': 'GET, HEAD', 'Access-Control-Allow-Origin': '*' },
  });
});

test('a page may send more headers where the options name them, ranges and conditions in any case', async () => {
  const cors = { corsOrigins: ['https://app.example.com'], corsRequestHeaders: ['x-api-key', 'X-Tenant'] };
  const { headers } = await ask({ store: object(), ...cors }, { method: 'OPTIONS' });
  const usual = 'Authorization, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range';
  expect(headers['Access-Control-Allow-Headers']).toBe(`${usual}, x-api-key, X-Tenant`);
});

test('an object that is always replaced is not served', async () => {
  const store = object();
  store.head = async () => ({ sizeBytes: 10, eTag: '"old"' });
  const answer = await ask({ store }, { headers: { 'If-None-Match': '"x"' } });
  expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
});

test('an answer that nobody reads is let go of by return()', async () => {
  const store = object();
  const get = store.get.bind(store);
  const returned = vi.fn();
  store.get = async (read) => ({
    ...(await get(read)),
    body: { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}), return: returned }) },
  });
  const { body } = await respond(eventOf({}), contextOf({}), downloadSettings({ store }));
  await body[Symbol.asyncIterator]().return?.();
  expect(returned).toHaveBeenCalledOnce();
});

test('a refusal for want of time names a range that the time is enough for', async () => {
  const large = new MemoryStore(new Uint8Array(64 * 1_048_576));
  const late = await ask({ store: large, whenTooLarge: 'refuse' }, { remainingMs: 10_000 });
  const { maxRangeBytes } = JSON.parse(late.text) as { readonly maxRangeBytes: number };
  const headers = { Range: `bytes=0-${maxRangeBytes - 1}` };
  expect(await ask({ store: large, whenTooLarge: 'refuse' }, { remainingMs: 10_000, headers })).toMatchObject({
    status: 206,
  });
  expect(maxRangeBytes).toBeGreaterThan(20_000_000);
});

test('an option that is misspelt is no option', () => {
  const store = object();
  const wrong = [
    { authorise: () => ({ allow: false }) },
    { authorize: 'me' },
    { whenTooLarge: 'refused' },
    { disposition: 'show' },
    { maxResponseBytes: 0 },
  ];
  for (const options of wrong) expect(() => downloadSettings({ store, ...options } as never)).toThrow(UsageError);
});

test("a hook knows who the API's authorizer let in", async () => {
  const store = object();
  const event = { ...eventOf({}), requestContext: { authorizer: { principalId: 'ann', team: 'blue' } } };
  const settings = downloadSettings({
    store,
    authorize: ({ key, event: { requestContext } }) => {
      const user = requestContext?.authorizer?.principalId;
      return user === undefined ? { allow: false, status: 401 } : { allow: true, key: `${user}/${key}` };
    },
  });
  const { body } = await respond(event, contextOf({}), settings);
  await body.return();
  expect(store.reads).toEqual([{ key: 'ann/a.bin', range: undefined }]);
});

test('a stored name in bare UTF-8 is read as browsers do', async () => {
  const store = object();
  const stored = (name: string) => Buffer.from(`attachment; filename="${name}"`).toString('latin1');
  // As Node.js shows the bytes of a header; then by a store of one's own; then Latin-1 that is no UTF-8.
  for (const [contentDisposition, name] of [
    [stored('請求書.pdf'), '%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf'],
    ['attachment; filename="請求書.pdf"', '%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf'],
    ['attachment; filename="caf\u00e9.pdf"', 'caf%C3%A9.pdf'],
  ] as const) {
    store.metadata = { contentDisposition };
    expect((await ask({ store })).headers['Content-Disposition']).toContain(`filename*=UTF-8''${name}`);
  }
  store.metadata = { contentDisposition: stored('\u202egnp.exe') };
  expect((await ask({ store })).headers['Content-Disposition']).toContain('filename="_gnp.exe"');
});
