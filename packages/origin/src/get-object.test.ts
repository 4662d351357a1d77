import { readdir, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

let s3: StartedOrigin;
let client: S3Client;

beforeAll(async () => {
  s3 = await startedOrigin();
  await s3.origin.createBucket('files');
  client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEY });
});
afterAll(async () => {
  client.destroy();
  await s3.close();
});

const encode = (key: string) => key.split('/').map(encodeURIComponent).join('/');

describe('an object', () => {
  it('comes back with its headers, metadata and checksum', async () => {
    await client.send(
      new PutObjectCommand({
        Bucket: 'files',
        Key: 'a/b.txt',
        Body: 'hello',
        ContentType: 'text/plain; charset=utf-8',
        ContentDisposition: 'attachment; filename="b.txt"',
        ContentEncoding: 'identity',
        ContentLanguage: 'ja',
        CacheControl: 'no-store',
        Expires: new Date(0),
        Metadata: { author: 'someone' },
      }),
    );
    for (const command of [GetObjectCommand, HeadObjectCommand]) {
      const output = await client.send(new command({ Bucket: 'files', Key: 'a/b.txt', ChecksumMode: 'ENABLED' }));
      expect(output).toMatchObject({
        ContentType: 'text/plain; charset=utf-8',
        ContentDisposition: 'attachment; filename="b.txt"',
        ContentEncoding: 'identity',
        ContentLanguage: 'ja',
        CacheControl: 'no-store',
        ExpiresString: 'Thu, 01 Jan 1970 00:00:00 GMT',
        ContentLength: 5,
        AcceptRanges: 'bytes',
        Metadata: { author: 'someone' },
        ETag: '"5d41402abc4b2a76b9719d911017c592"',
        ChecksumCRC32: 'NhCmhg==',
        ChecksumType: 'FULL_OBJECT',
      });
      expect(Date.now() - (output.LastModified?.getTime() ?? 0)).toBeLessThan(10_000);
    }
  });

  it('keeps the bytes of a header as they were sent', async () => {
    const disposition = `attachment; filename="${Buffer.from('日本.txt').toString('latin1')}"`;
    const put = await s3.fetch('PUT', '/files/raw', { ...SIGNED, 'content-disposition': disposition }, 'x');
    expect(put.status).toBe(200);
    for (const method of ['GET', 'HEAD']) {
      const { headers } = await s3.fetch(method, '/files/raw', SIGNED);
      expect(headers['content-disposition'], method).toBe(disposition);
    }
  });

  it('has S3’s headers on every answer', async () => {
    for (const target of ['/files/a/b.txt', '/files/none', '/none/none']) {
      const { headers } = await s3.fetch('GET', target, SIGNED);
      expect(headers).toMatchObject({
        server: 'AmazonS3',
        'x-amz-request-id': expect.stringMatching(/^[0-9A-F]{16}$/),
        'x-amz-id-2': expect.any(String),
        date: expect.any(String),
      });
    }
  });

  it('comes back under any key, and nothing leaves its bucket', async () => {
    const nasty = fc.constantFrom(
      '..',
      '.',
      '',
      '/',
      '//',
      '\0',
      '%2e%2e',
      '%',
      '\\',
      'a',
      'A',
      'あ',
      '\u{1F600}',
      '\n',
      '+',
      ' ',
    );
    const key = fc.oneof(
      fc.array(nasty, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/')),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(
        key.filter((text) => text !== ''),
        async (text) => {
          const target = `/files/${encode(text)}`;
          expect((await s3.fetch('PUT', target, SIGNED, text)).status).toBe(200);
          const { status, body } = await s3.fetch('GET', target, SIGNED);
          expect([status, body.toString()]).toEqual([200, text]);
        },
      ),
      { numRuns: 60 },
    );
    const entries = await readdir(s3.directory);
    expect(entries).toEqual(['buckets']);
    expect(await readdir(join(s3.directory, 'buckets'))).toEqual(['files']);
    for (const file of await s3.files())
      expect(file).toMatch(/files\/(bucket\.json|objects\/[0-9a-f]{64}\.json|data\/[0-9a-f-]{36})$/);
  });

  it.each([
    [`/files/${'k'.repeat(1024)}`, 404, 'NoSuchKey'],
    [`/files/${'k'.repeat(1025)}`, 400, 'KeyTooLongError'],
    [`/files/${encodeURIComponent('あ'.repeat(342))}`, 400, 'KeyTooLongError'],
    ['/files/%ff', 400, 'InvalidURI'],
    ['/files/%zz', 400, 'InvalidURI'],
    ['/files/none', 404, '<Key>none</Key>'],
    ['/none/none', 404, '<BucketName>none</BucketName>'],
    ['/files/none?versionId=x', 501, 'versionId'],
    ['/files/a/b.txt?partNumber=1', 501, 'partNumber'],
    ['/files/a/b.txt?torrent', 501, 'GET object?torrent'],
    ['/files/a/b.txt?response-content-type=a%0Ab', 400, 'InvalidArgument'],
  ])('%.40s: %d %s', async (target, status, text) => {
    const answer = await s3.fetch('GET', target, SIGNED);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/xml');
    expect(answer.body.toString()).toContain(text);
    const head = await s3.fetch('HEAD', target, SIGNED);
    expect([head.status, head.body.byteLength]).toEqual([status, 0]);
  });
});

describe('parts and conditions', () => {
  const content = Buffer.from('0123456789');
  beforeAll(() => s3.put('files', 'digits', content));

  it('sends ranges without the checksum of the whole', async () => {
    const { Body, ...output } = await client.send(
      new GetObjectCommand({ Bucket: 'files', Key: 'digits', Range: 'bytes=2-4', ChecksumMode: 'ENABLED' }),
    );
    expect(output).toMatchObject({
      ContentRange: 'bytes 2-4/10',
      ContentLength: 3,
      $metadata: { httpStatusCode: 206 },
    });
    expect(output.ChecksumCRC64NVME).toBeUndefined();
    expect(await Body?.transformToString()).toBe('234');
    const head = await s3.fetch('HEAD', '/files/digits', { ...SIGNED, range: 'bytes=-1' });
    expect(head).toMatchObject({ status: 206, headers: { 'content-length': '1', 'content-range': 'bytes 9-9/10' } });
  });

  it('says how big it is when no byte is in range', async () => {
    const { status, headers, body } = await s3.fetch('GET', '/files/digits', { ...SIGNED, range: 'bytes=10-' });
    expect([status, headers['content-range']]).toEqual([416, 'bytes */10']);
    expect(body.toString()).toContain(
      '<RangeRequested>bytes=10-</RangeRequested><ActualObjectSize>10</ActualObjectSize>',
    );
  });

  it('answers 304 and 412', async () => {
    const { headers } = await s3.fetch('GET', '/files/digits', SIGNED);
    const same = await s3.fetch('GET', '/files/digits', {
      ...SIGNED,
      'if-none-match': String(headers.etag),
      range: 'bytes=0-0',
    });
    expect(same).toMatchObject({
      status: 304,
      headers: { etag: headers.etag, 'last-modified': headers['last-modified'] },
    });
    expect(same.headers['content-length']).toBeUndefined();
    const other = await s3.fetch('GET', '/files/digits', { ...SIGNED, 'if-match': '"x"' });
    expect(other.status).toBe(412);
    expect(other.body.toString()).toContain('<Condition>If-Match</Condition>');
    const changed = await s3.fetch('GET', '/files/digits', { ...SIGNED, range: 'bytes=0-0', 'if-range': '"x"' });
    expect([changed.status, changed.body.toString()]).toEqual([200, '0123456789']);
  });

  it('puts headers in the place of stored ones for signed callers', async () => {
    const target =
      '/files/digits?response-content-type=text%2Fhtml&response-content-disposition=inline&response-expires=0';
    const { headers } = await s3.fetch('GET', target, SIGNED);
    expect(headers).toMatchObject({ 'content-type': 'text/html', 'content-disposition': 'inline', expires: '0' });
  });

  it('sends an empty object', async () => {
    await s3.put('files', 'empty', '');
    const { status, headers } = await s3.fetch('GET', '/files/empty', { ...SIGNED, range: 'bytes=-5' });
    expect([status, headers['content-length'], headers['content-range']]).toEqual([200, '0', undefined]);
  });
});

describe('a data file that something else changed', () => {
  async function dataFile(): Promise<string> {
    const before = new Set(await s3.files());
    await s3.put('files', 'victim', Buffer.alloc(4_000_000, 1));
    const path = (await s3.files()).find((file) => !before.has(file) && file.includes('/data/'));
    if (path === undefined) throw new Error('No data file was made.');
    return path;
  }

  it('cuts the connection when bytes are missing', async () => {
    await truncate(await dataFile(), 2_000_000);
    await expect(s3.fetch('GET', '/files/victim', SIGNED)).rejects.toThrow('aborted');
    expect(s3.lines.at(-1)).toMatch(/GET \/files\/victim: InternalError: .* is shorter/);
  });

  it('is an internal error when the file is gone', async () => {
    await unlink(await dataFile());
    const { status, body } = await s3.fetch('GET', '/files/victim', SIGNED);
    expect(status).toBe(500);
    expect(body.toString()).toContain('<Code>InternalError</Code>');
  });
});

it('is found by a virtual-hosted address', async () => {
  await s3.put('files', '/x', 'slash');
  for (const host of [
    'files.s3.localhost',
    'files.s3.localhost:4566',
    'files.s3.us-east-1.localhost:80',
    'FILES.s3.localhost',
    'files.s3.amazonaws.com',
    'files.s3.eu-west-1.amazonaws.com',
    'files.s3.dualstack.us-east-1.amazonaws.com',
  ]) {
    const { body } = await s3.fetch('GET', '//x', { ...SIGNED, host });
    expect(body.toString(), host).toBe('slash');
  }
  const pathStyle = await s3.fetch('GET', '/files//x', { ...SIGNED, host: 's3.localhost:4566' });
  expect(pathStyle.body.toString()).toBe('slash');
});
