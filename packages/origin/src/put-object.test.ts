import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

let s3: StartedOrigin;
let client: S3Client;

beforeEach(async () => {
  s3 = await startedOrigin();
  await s3.origin.createBucket('files');
  client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEY });
});
afterEach(async () => {
  client.destroy();
  await s3.close();
});

const base64 = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('base64');
const dataFiles = async () => (await s3.files()).filter((file) => file.includes('/data/') || file.endsWith('.tmp'));
const get = async (key: string) => (await s3.fetch('GET', `/files/${key}`, SIGNED)).body;

/** Settles when `check` holds; polls, since what is waited for happens on the server after its client is gone. */
async function eventually(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('PutObject', () => {
  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'takes the SDK’s streams with a %s trailer',
    async (algorithm) => {
      const content = Buffer.alloc(300_000, algorithm);
      const { ETag } = await client.send(
        new PutObjectCommand({
          Bucket: 'files',
          Key: 'stream',
          Body: Readable.from([content.subarray(0, 100_000), content.subarray(100_000)]),
          ContentLength: content.byteLength,
          ChecksumAlgorithm: algorithm,
        }),
      );
      expect(ETag).toBe(`"${createHash('md5').update(content).digest('hex')}"`);
      expect(content.equals(await get('stream'))).toBe(true);
      const { headers } = await s3.fetch('HEAD', '/files/stream', { ...SIGNED, 'x-amz-checksum-mode': 'ENABLED' });
      expect(headers[`x-amz-checksum-${algorithm.toLowerCase()}`]).toBeDefined();
      expect(headers['content-encoding']).toBeUndefined();
    },
  );

  it('computes a CRC64NVME when the client sends none', async () => {
    const { headers } = await s3.fetch('PUT', '/files/a', SIGNED, '123456789');
    expect(headers).toMatchObject({ 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=', 'x-amz-checksum-type': 'FULL_OBJECT' });
  });

  it.each([
    [{ 'content-md5': base64('md5', 'other') }, 'BadDigest'],
    [{ 'content-md5': 'short' }, 'InvalidDigest'],
    [{ 'x-amz-checksum-sha256': base64('sha256', 'other') }, 'BadDigest'],
    [{ 'x-amz-content-sha256': '0'.repeat(64) }, 'XAmzContentSHA256Mismatch'],
    [{ 'x-amz-checksum-sha1': 'a', 'x-amz-checksum-crc32': 'b' }, 'InvalidRequest'],
    [{ 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'InvalidRequest'],
    [{ 'x-amz-checksum-sha512': 'a' }, 'NotImplemented'],
    [{ 'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' }, 'NotImplemented'],
    [{ 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }, 'IncompleteBody'],
    [{ 'x-amz-acl': 'public-read' }, 'NotImplemented'],
    [{ 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }, 'NotImplemented'],
    [{ 'x-amz-copy-source': '/files/none' }, 'NoSuchKey'],
    [{ 'x-amz-copy-source': 'nothing' }, 'InvalidArgument'],
    [{ 'x-amz-copy-source': '/files/b?versionId=1' }, 'NotImplemented'],
    [{ 'x-amz-tagging': 'a=b&a=c' }, 'InvalidArgument'],
    [{ 'x-amz-tagging': Array.from({ length: 11 }, (_, n) => `${n}=x`).join('&') }, 'BadRequest'],
    [{ 'x-amz-storage-class': 'GLACIER' }, 'NotImplemented'],
    [{ 'x-amz-meta-long': 'x'.repeat(2048) }, 'MetadataTooLarge'],
    [{ 'x-amz-expected-bucket-owner': '111122223333' }, 'AccessDenied'],
  ])('refuses %j and stores nothing', async (headers, code) => {
    const { status, body } = await s3.fetch(
      'PUT',
      '/files/a',
      { ...SIGNED, ...headers } as Record<string, string>,
      'content',
    );
    expect(body.toString()).toContain(`<Code>${code}</Code>`);
    expect(status).toBeGreaterThanOrEqual(400);
    expect((await s3.fetch('GET', '/files/a', SIGNED)).status).toBe(404);
    expect(await dataFiles()).toEqual([]);
  });

  it.each([
    [{ 'content-md5': base64('md5', 'content') }],
    [{ 'x-amz-checksum-sha1': base64('sha1', 'content') }],
    [{ 'x-amz-content-sha256': createHash('sha256').update('content').digest('hex') }],
    [{ 'x-amz-acl': 'private', 'x-amz-storage-class': 'STANDARD', 'x-amz-server-side-encryption': 'AES256' }],
  ])('takes %j', async (headers) => {
    expect(
      (await s3.fetch('PUT', '/files/a', { ...SIGNED, ...headers } as Record<string, string>, 'content')).status,
    ).toBe(200);
  });

  it('takes signed chunks', async () => {
    const signature = `;chunk-signature=${'a'.repeat(64)}`;
    const body = `7${signature}\r\ncontent\r\n0${signature}\r\n\r\n`;
    const framing = {
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-decoded-content-length': '7',
    };
    const headers = { ...SIGNED, ...framing, 'content-encoding': 'aws-chunked,gzip' };
    expect((await s3.fetch('PUT', '/files/a', headers, body)).status).toBe(200);
    const { headers: stored, body: content } = await s3.fetch('GET', '/files/a', SIGNED);
    expect([stored['content-encoding'], content.toString()]).toEqual(['gzip', 'content']);
  });

  it('wants to know the length of a body that is in no frame', async () => {
    const message = request(`${s3.endpoint}/files/a`, {
      method: 'PUT',
      headers: { ...SIGNED, 'transfer-encoding': 'chunked' },
    });
    message.end('content');
    const [response] = await once(message, 'response');
    response.resume();
    expect(response.statusCode).toBe(411);
  });

  it('asks for a body that waits for 100 Continue, and not when it is refused', async () => {
    for (const [target, asked, status] of [
      ['/files/a', true, 200],
      ['/none/a', false, 404],
    ] as const) {
      const message = request(`${s3.endpoint}${target}`, {
        method: 'PUT',
        headers: { ...SIGNED, 'content-length': '7', expect: '100-continue' },
      });
      let wasAsked = false;
      message.once('continue', () => {
        wasAsked = true;
        message.end('content');
      });
      message.flushHeaders();
      const [response] = await once(message, 'response');
      response.resume();
      await once(response, 'end');
      expect([wasAsked, response.statusCode]).toEqual([asked, status]);
      message.destroy();
    }
  });

  it('writes only where nothing is, if told so', async () => {
    const put = () => s3.fetch('PUT', '/files/once', { ...SIGNED, 'if-none-match': '*' }, 'content');
    const statuses = (await Promise.all([put(), put(), put()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412, 412]);
    expect((await dataFiles()).length).toBe(1);
  });

  it.each([
    '../../../../escape',
    '..%2f..%2f..%2fescape',
    '%2e%2e/%2e%2e/escape',
    '/etc/escape',
    'a//../b',
    '.',
    '..',
    'objects/x.json',
    '%00',
  ])('keeps the key %s within its directory', async (key) => {
    expect((await s3.fetch('PUT', `/files/${key}`, SIGNED, key)).status).toBe(200);
    expect((await get(key)).toString()).toBe(key);
    const places = (await s3.files()).map((file) => file.slice(s3.directory.length).replace(/[\da-f-]{36,}/, 'ID'));
    expect(places.sort()).toEqual([
      '/buckets/files/bucket.json',
      '/buckets/files/data/ID',
      '/buckets/files/objects/ID.json',
    ]);
    const listed = await client.send(new ListObjectsV2Command({ Bucket: 'files', EncodingType: 'url' }));
    expect(listed.Contents?.map(({ Key = '' }) => decodeURIComponent(Key))).toEqual([decodeURIComponent(key)]);
  });

  it('replaces and deletes, leaving no file behind', async () => {
    for (const content of ['one', 'two', 'three']) await s3.fetch('PUT', '/files/a', SIGNED, content);
    expect((await get('a')).toString()).toBe('three');
    expect((await dataFiles()).length).toBe(1);
    await client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a' }));
    expect((await s3.fetch('DELETE', '/files/a', SIGNED)).status).toBe(204);
    expect((await s3.files()).length).toBe(1);
  });
});

describe('an upload that is cut off', () => {
  it.each([
    ['with a length', 'Content-Length: 1000000\r\n\r\n', ''],
    [
      'in HTTP chunks',
      'Transfer-Encoding: chunked\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n\r\n',
      '10000\r\n10000\r\n',
    ],
  ])('%s leaves the old version and no file', async (_, headers, frame) => {
    await s3.fetch('PUT', '/files/a', SIGNED, 'old');
    const socket = connect(s3.listener.port, '127.0.0.1');
    socket.write(
      `PUT /files/a HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${SIGNED.authorization}\r\n${headers}${frame}`,
    );
    socket.write(Buffer.alloc(50_000, 1));
    await eventually(async () => (await dataFiles()).length === 2);
    socket.destroy();
    await eventually(async () => (await dataFiles()).length === 1);
    expect((await get('a')).toString()).toBe('old');
  });
});

describe('readers and writers at once', () => {
  it('gives each reader one whole version', async () => {
    const SIZE_BYTES = 300_000;
    const version = (fill: number) => Buffer.alloc(SIZE_BYTES, fill);
    await s3.fetch('PUT', '/files/a', SIGNED, version(1));
    let writing = true;
    const write = async () => {
      for (let fill = 2; fill < 12; fill += 1)
        expect((await s3.fetch('PUT', '/files/a', SIGNED, version(fill))).status).toBe(200);
      writing = false;
    };
    let reads = 0;
    const read = async () => {
      while (writing) {
        const { status, headers, body } = await s3.fetch('GET', '/files/a', SIGNED);
        expect([status, body.byteLength]).toEqual([200, SIZE_BYTES]);
        expect(body.equals(version(body[0] ?? 0))).toBe(true);
        expect(headers.etag).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
        reads += 1;
      }
    };
    await Promise.all([write(), read(), read(), read()]);
    expect(reads).toBeGreaterThan(3);
    await eventually(async () => (await dataFiles()).length === 1);
  });

  it('keeps a version that is being read when it is replaced, and removes it after', async () => {
    await s3.put('files', 'big', Buffer.alloc(30_000_000, 1));
    const [response] = await once(request(`${s3.endpoint}/files/big`, { headers: SIGNED }).end(), 'response');
    await s3.fetch('PUT', '/files/big', SIGNED, 'small');
    expect((await dataFiles()).length).toBe(2);
    let sizeBytes = 0;
    for await (const chunk of response) {
      expect(chunk.equals(Buffer.alloc(chunk.byteLength, 1))).toBe(true);
      sizeBytes += chunk.byteLength;
    }
    expect(sizeBytes).toBe(30_000_000);
    await eventually(async () => (await dataFiles()).length === 1);
  });

  it('releases a version whose reader hangs up', async () => {
    await s3.put('files', 'big', Buffer.alloc(30_000_000, 1));
    const message = request(`${s3.endpoint}/files/big`, { headers: SIGNED }).end();
    await once(message, 'response');
    await s3.fetch('DELETE', '/files/big', SIGNED);
    expect((await dataFiles()).length).toBe(1);
    message.destroy();
    await eventually(async () => (await dataFiles()).length === 0);
  });
});
