import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { bodyOf, readWhole } from '@spillway/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { KEY, SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';
import { startOrigin } from './start-origin.ts';

let s3: StartedOrigin;

afterEach(() => s3.close());

describe('startOrigin', () => {
  it('finds what was there, and removes what a crash left', async () => {
    s3 = await startedOrigin();
    await s3.put('files', 'a', 'content');
    const before = await s3.files();
    const bucket = join(s3.directory, 'buckets', 'files');
    await writeFile(join(bucket, 'data', 'half-written'), 'x');
    await writeFile(join(bucket, 'objects', 'x.json.1.tmp'), '{');
    await mkdir(join(bucket, 'uploads', 'half-made'));
    await mkdir(join(s3.directory, 'buckets', 'half-made', 'objects'), { recursive: true });
    s3 = await s3.restart();
    expect(await s3.files()).toEqual(before);
    expect(await readdir(join(s3.directory, 'buckets'))).toEqual(['files']);
    expect(s3.origin.hasBucket('files')).toBe(true);
    expect((await s3.fetch('GET', '/files/a', SIGNED)).body.toString()).toBe('content');
  });

  it('stores objects of this process, headers beyond ASCII too', async () => {
    s3 = await startedOrigin();
    await s3.origin.createBucket('files');
    await s3.origin.putObject({
      bucketName: 'files',
      key: 'a',
      body: bodyOf(Buffer.from('hello')),
      contentType: 'application/pdf',
      contentDisposition: 'attachment; filename="日本.pdf"',
      metadata: { Author: 'me' },
    });
    const { headers } = await s3.fetch('GET', '/files/a', SIGNED);
    expect(headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': Buffer.from('attachment; filename="日本.pdf"').toString('latin1'),
      'x-amz-meta-author': 'me',
      etag: '"5d41402abc4b2a76b9719d911017c592"',
    });
  });

  it('gives an object to another bucket, where it stays when the first one goes', async () => {
    s3 = await startedOrigin();
    await s3.put('files', 'a', 'content');
    await s3.origin.createBucket('others');
    await s3.origin.copyObject('a', 'files', 'others');
    const before = await s3.fetch('GET', '/files/a', SIGNED);
    expect((await s3.fetch('DELETE', '/files/a', SIGNED)).status).toBe(204);
    s3 = await s3.restart();
    const after = await s3.fetch('GET', '/others/a', SIGNED);
    expect(after).toMatchObject({ status: 200, body: Buffer.from('content') });
    expect(after.headers.etag).toBe(before.headers.etag);
    await expect(s3.origin.copyObject('a', 'files', 'others')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });

  it('gives the bytes of an object to this process', async () => {
    s3 = await startedOrigin();
    const { origin } = s3;
    await origin.createBucket('files');
    const bytes = randomBytes(300_000);
    for (const [key, body] of [
      ['a', bytes],
      ['empty', Buffer.alloc(0)],
    ] as const) {
      await origin.putObject({ bucketName: 'files', key, body: bodyOf(body) });
      const read = await readWhole(await origin.readObject('files', key), 1_000_000, 'EntityTooLarge');
      expect(Buffer.from(read).equals(body)).toBe(true);
    }
    await expect(origin.readObject('files', 'none')).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(origin.readObject('none', 'a')).rejects.toMatchObject({ code: 'NoSuchBucket' });
    const late = await origin.readObject('files', 'a');
    await s3.fetch('DELETE', '/files/a', SIGNED);
    await expect(readWhole(late, 1_000_000, 'EntityTooLarge')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });

  it('rejects what it can’t store', async () => {
    s3 = await startedOrigin();
    await s3.origin.createBucket('files');
    const put = (input: object) => s3.origin.putObject({ bucketName: 'files', key: 'a', body: bodyOf(), ...input });
    await expect(put({ bucketName: 'none' })).rejects.toMatchObject({ code: 'NoSuchBucket' });
    await expect(put({ key: 'k'.repeat(1025) })).rejects.toMatchObject({ code: 'KeyTooLongError' });
    await expect(put({ contentType: 'a\r\nb: c' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    const failing = async function* () {
      yield Buffer.from('x');
      throw new Error('the source failed');
    };
    await expect(put({ body: failing() })).rejects.toThrow('the source failed');
    await expect(s3.origin.createBucket('No')).rejects.toMatchObject({ code: 'InvalidBucketName' });
    expect((await s3.files()).length).toBe(1);
  });
});

it('says which file is damaged', async () => {
  s3 = await startedOrigin();
  await s3.put('files', 'a', 'content');
  const metadata = (await s3.files()).find((file) => file.includes('/objects/')) ?? '';
  await writeFile(metadata, '{');
  await expect(
    startOrigin({ directory: s3.directory, region: 'us-east-1', credentials: s3.credentials }),
  ).rejects.toThrow(`${metadata} is damaged`);
});

describe('buckets', () => {
  it('are made, listed, found and removed', async () => {
    s3 = await startedOrigin({ region: 'eu-west-1' });
    const client = new S3Client({ endpoint: s3.endpoint, region: 'eu-west-1', forcePathStyle: true, credentials: KEY });
    const nameOf = (promise: Promise<unknown>) => promise.catch((error: Error) => error.name);
    const create = (Bucket: string, LocationConstraint: 'eu-west-1' | 'us-west-2' = 'eu-west-1') =>
      client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }));
    await create('two-two');
    await create('one-one');
    expect(await nameOf(create('one-one'))).toBe('BucketAlreadyOwnedByYou');
    expect(await nameOf(create('bad..name'))).toBe('InvalidBucketName');
    expect(await nameOf(create('elsewhere', 'us-west-2'))).toBe('IllegalLocationConstraintException');
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    const { Buckets: page, ContinuationToken } = await client.send(new ListBucketsCommand({ MaxBuckets: 1 }));
    expect([page?.map(({ Name }) => Name), ContinuationToken]).toEqual([['one-one'], 'one-one']);
    const rest = await client.send(new ListBucketsCommand({ ContinuationToken }));
    expect(rest.Buckets?.map(({ Name }) => Name)).toEqual(['two-two']);
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['one-one', 'two-two']);
    expect(await client.send(new HeadBucketCommand({ Bucket: 'one-one' }))).toMatchObject({
      BucketRegion: 'eu-west-1',
    });
    expect(await client.send(new GetBucketLocationCommand({ Bucket: 'one-one' }))).toMatchObject({
      LocationConstraint: 'eu-west-1',
    });
    await s3.put('one-one', 'a', 'b');
    expect(await nameOf(client.send(new DeleteBucketCommand({ Bucket: 'one-one' })))).toBe('BucketNotEmpty');
    await client.send(new DeleteBucketCommand({ Bucket: 'two-two' }));
    expect(await nameOf(client.send(new HeadBucketCommand({ Bucket: 'two-two' })))).toBe('NotFound');
    client.destroy();
  });

  it.each([
    ['POST', '/files?delete', 400, 'Content-MD5'],
    ['GET', '/files?versions', 501, 'ListObjectVersions'],
    ['PUT', '/files?acl', 501, 'PutBucketAcl'],
    ['POST', '/files', 501, 'PostObject'],
    ['OPTIONS', '/files/a', 501, 'CORS'],
    ['PATCH', '/files/a', 405, 'MethodNotAllowed'],
  ])('%s %s: %d %s', async (method, target, status, text) => {
    s3 = await startedOrigin();
    await s3.origin.createBucket('files');
    const answer = await s3.fetch(method, target, SIGNED);
    expect([answer.status, answer.body.toString()]).toEqual([status, expect.stringContaining(text)]);
  });
});
