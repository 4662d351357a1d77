import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect } from 'vitest';
import { CREDENTIALS } from './s3-servers.ts';

export interface CaseContext {
  readonly client: S3Client;
  readonly endpoint: string;
  /** A bucket of this case's own, empty. */
  readonly bucket: string;
}

const run = promisify(execFile);
const MIB = 1_048_576;

/** The error's code as the SDK names it, or `none`. */
const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'none',
    (error: Error & { $metadata?: { httpStatusCode?: number } }) =>
      error.name === 'Unknown' ? String(error.$metadata?.httpStatusCode) : error.name,
  );

const put = ({ client, bucket }: CaseContext, Key: string, Body: string | Buffer, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ...more }));

const get = ({ client, bucket }: CaseContext, Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  client.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }));

const text = async (context: CaseContext, Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  (await get(context, Key, more)).Body?.transformToString();

const keys = async ({ client, bucket }: CaseContext) =>
  (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents?.map(({ Key }) => Key) ?? [];

/** One for what a user relies on; each is played on every server. */
export const cases: Readonly<Record<string, (context: CaseContext) => Promise<void>>> = {
  'buckets are made, found, listed and removed': async ({ client, bucket }) => {
    const Bucket = `${bucket}-other`;
    expect(await codeOf(client.send(new HeadBucketCommand({ Bucket })))).toBe('NotFound');
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new HeadBucketCommand({ Bucket }));
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
    await client.send(new DeleteBucketCommand({ Bucket }));
    expect(await codeOf(client.send(new DeleteBucketCommand({ Bucket })))).toBe('NoSuchBucket');
  },

  'a bucket with an object in it stays': async (context) => {
    const { client, bucket: Bucket } = context;
    await put(context, 'a', 'x');
    expect(await codeOf(client.send(new DeleteBucketCommand({ Bucket })))).toBe('BucketNotEmpty');
  },

  'a bucket name that is none is refused': async ({ client }) => {
    expect(await codeOf(client.send(new CreateBucketCommand({ Bucket: 'Under_Score' })))).toBe('InvalidBucketName');
  },

  'an object comes back as it was stored': async (context) => {
    await put(context, 'フォルダ/日本 (1)+~.txt', 'content', {
      ContentType: 'text/plain; charset=utf-8',
      ContentDisposition: "attachment; filename*=UTF-8''%E6%97%A5",
      CacheControl: 'max-age=5',
      ContentLanguage: 'ja',
      Metadata: { one: '1', two: '2' },
    });
    const found = await get(context, 'フォルダ/日本 (1)+~.txt');
    expect(found).toMatchObject({
      ContentType: 'text/plain; charset=utf-8',
      ContentDisposition: "attachment; filename*=UTF-8''%E6%97%A5",
      CacheControl: 'max-age=5',
      ContentLanguage: 'ja',
      Metadata: { one: '1', two: '2' },
      ContentLength: 7,
      ETag: `"${createHash('md5').update('content').digest('hex')}"`,
      AcceptRanges: 'bytes',
    });
    expect(await found.Body?.transformToString()).toBe('content');
  },

  'what is not there is said so': async (context) => {
    const { client, bucket: Bucket } = context;
    expect(await codeOf(get(context, 'none'))).toBe('NoSuchKey');
    expect(await codeOf(client.send(new HeadObjectCommand({ Bucket, Key: 'none' })))).toBe('NotFound');
    expect(await codeOf(client.send(new GetObjectCommand({ Bucket: `${Bucket}-none`, Key: 'a' })))).toBe(
      'NoSuchBucket',
    );
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'none' }));
  },

  'ranges are bytes of the object': async (context) => {
    await put(context, 'a', '0123456789');
    const ranged = async (Range: string) => {
      const { Body, ContentRange, $metadata } = await get(context, 'a', { Range });
      return [$metadata.httpStatusCode, await Body?.transformToString(), ContentRange];
    };
    expect(await ranged('bytes=0-0')).toEqual([206, '0', 'bytes 0-0/10']);
    expect(await ranged('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await ranged('bytes=8-99')).toEqual([206, '89', 'bytes 8-9/10']);
    expect(await ranged('bytes=7-')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await ranged('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await codeOf(ranged('bytes=10-'))).toBe('InvalidRange');
  },

  'several ranges are the whole object': async (context) => {
    await put(context, 'a', '0123456789');
    const { $metadata, Body } = await get(context, 'a', { Range: 'bytes=0-0,2-3' });
    expect([$metadata.httpStatusCode, await Body?.transformToString()]).toEqual([200, '0123456789']);
  },

  'conditional reads follow RFC 9110': async (context) => {
    const { ETag = '' } = await put(context, 'a', 'x');
    expect(await text(context, 'a', { IfMatch: ETag })).toBe('x');
    expect(await codeOf(get(context, 'a', { IfMatch: '"other"' }))).toBe('PreconditionFailed');
    expect(await codeOf(get(context, 'a', { IfNoneMatch: ETag }))).toBe('304');
    expect(await text(context, 'a', { IfNoneMatch: '"other"' })).toBe('x');
    expect(await codeOf(get(context, 'a', { IfUnmodifiedSince: new Date(0) }))).toBe('PreconditionFailed');
    expect(await codeOf(get(context, 'a', { IfModifiedSince: new Date(Date.now() - 10_000) }))).toBe('none');
  },

  'conditional writes never overwrite': async (context) => {
    await put(context, 'a', 'one', { IfNoneMatch: '*' });
    expect(await codeOf(put(context, 'a', 'two', { IfNoneMatch: '*' }))).toBe('PreconditionFailed');
    expect(await text(context, 'a')).toBe('one');
  },

  'checksums are verified and given back': async (context) => {
    await put(context, 'a', 'content', { ChecksumAlgorithm: 'SHA256' });
    const { ChecksumSHA256, ChecksumType } = await get(context, 'a', { ChecksumMode: 'ENABLED' });
    const wanted = createHash('sha256').update('content').digest('base64');
    expect([ChecksumSHA256, ChecksumType]).toEqual([wanted, 'FULL_OBJECT']);
    const wrong = createHash('sha256').update('other').digest('base64');
    expect(await codeOf(put(context, 'b', 'content', { ChecksumSHA256: wrong }))).toMatch(
      /^(BadDigest|InvalidRequest)$/,
    );
    expect(await codeOf(get(context, 'b'))).toBe('NoSuchKey');
  },

  'a wrong Content-MD5 stores nothing': async (context) => {
    const md5 = createHash('md5').update('other').digest('base64');
    expect(await codeOf(put(context, 'a', 'content', { ContentMD5: md5 }))).toBe('BadDigest');
    expect(await keys(context)).toEqual([]);
  },

  'lists are in the order of bytes, by prefix, delimiter and page': async (context) => {
    const { client, bucket: Bucket } = context;
    for (const key of ['b', 'a/2', 'a/1', 'a/z/3', 'é', 'B']) await put(context, key, 'x');
    expect(await keys(context)).toEqual(['B', 'a/1', 'a/2', 'a/z/3', 'b', 'é']);
    const page = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }));
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['B', 'b', 'é']);
    expect(page.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['a/']);
    const first = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2 }));
    const rest = await client.send(
      new ListObjectsV2Command({ Bucket, ContinuationToken: first.NextContinuationToken }),
    );
    expect([first.IsTruncated, first.Contents?.length, rest.Contents?.map(({ Key }) => Key)]).toEqual([
      true,
      2,
      ['a/2', 'a/z/3', 'b', 'é'],
    ]);
    const after = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/', StartAfter: 'a/1' }));
    expect(after.Contents?.map(({ Key }) => Key)).toEqual(['a/2', 'a/z/3']);
  },

  'parts become an object, whose ETag says how many they were': async (context) => {
    const { client, bucket: Bucket } = context;
    const body = randomBytes(11 * MIB);
    const upload = new Upload({ client, params: { Bucket, Key: 'large', Body: body }, partSize: 5 * MIB });
    const { ETag } = await upload.done();
    expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    const found = await get(context, 'large');
    expect(Buffer.compare(Buffer.from((await found.Body?.transformToByteArray()) ?? []), body)).toBe(0);
  },

  'uploads and parts are listed until they are aborted': async ({ client, bucket: Bucket }) => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    await client.send(new UploadPartCommand({ Bucket, Key: 'a', UploadId, PartNumber: 2, Body: 'two' }));
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads.map((each) => [each.Key, each.UploadId])).toEqual([['a', UploadId]]);
    const { Parts = [] } = await client.send(new ListPartsCommand({ Bucket, Key: 'a', UploadId }));
    expect(Parts.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([[2, 3]]);
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'a', UploadId }));
    expect(await codeOf(client.send(new ListPartsCommand({ Bucket, Key: 'a', UploadId })))).toBe('NoSuchUpload');
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
  },

  'parts that do not fit make no object': async ({ client, bucket: Bucket }) => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    const parts = await Promise.all(
      [1, 2].map(async (PartNumber) => {
        const part = { Bucket, Key: 'a', UploadId, PartNumber, Body: 'small' };
        return { PartNumber, ETag: (await client.send(new UploadPartCommand(part))).ETag };
      }),
    );
    const complete = (Parts: typeof parts) =>
      codeOf(
        client.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'a', UploadId, MultipartUpload: { Parts } })),
      );
    expect(await complete(parts)).toBe('EntityTooSmall');
    expect(await complete([...parts].reverse())).toBe('InvalidPartOrder');
    expect(await complete([{ PartNumber: 1, ETag: '"00000000000000000000000000000000"' }])).toBe('InvalidPart');
  },

  'parts become an object only with its own checksum': async ({ client, bucket: Bucket }) => {
    const target = { Bucket, Key: 'parts', ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    const part = { ...target, UploadId, PartNumber: 1, Body: '123456789' };
    const MultipartUpload = { Parts: [{ PartNumber: 1, ...(await client.send(new UploadPartCommand(part))) }] };
    const complete = (ChecksumCRC32: string) =>
      client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload, ChecksumCRC32 }));
    expect(await codeOf(complete('AAAAAA=='))).toBe('BadDigest');
    expect(await complete('y/Q5Jg==')).toMatchObject({ ChecksumCRC32: 'y/Q5Jg==' });
  },

  'an object is copied with its headers, or with others': async (context) => {
    const { client, bucket: Bucket } = context;
    await put(context, '日/a', 'content', { ContentType: 'text/plain', Metadata: { one: '1' } });
    const CopySource = `${Bucket}/${encodeURIComponent('日')}/a`;
    const { CopyObjectResult } = await client.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource }));
    expect(CopyObjectResult?.ETag).toBe(`"${createHash('md5').update('content').digest('hex')}"`);
    expect(await get(context, 'b')).toMatchObject({ ContentType: 'text/plain', Metadata: { one: '1' } });
    const replaced = { MetadataDirective: 'REPLACE', ContentType: 'text/html', Metadata: { two: '2' } } as const;
    await client.send(new CopyObjectCommand({ Bucket, Key: 'c', CopySource, ...replaced }));
    expect(await get(context, 'c')).toMatchObject({ ContentType: 'text/html', Metadata: { two: '2' } });
    expect(await text(context, 'c')).toBe('content');
  },

  'a copy needs its source, and a change where it is its own': async (context) => {
    const { client, bucket: Bucket } = context;
    await put(context, 'a', 'x');
    const copy = (more: object) =>
      codeOf(client.send(new CopyObjectCommand({ Bucket, Key: 'a', CopySource: `${Bucket}/a`, ...more })));
    expect(await copy({ CopySource: `${Bucket}/none` })).toBe('NoSuchKey');
    expect(await copy({})).toBe('InvalidRequest');
    expect(await copy({ MetadataDirective: 'REPLACE', Metadata: { one: '1' } })).toBe('none');
    expect(await copy({ Key: 'b', CopySourceIfMatch: '"other"' })).toBe('PreconditionFailed');
  },

  'parts are copied from ranges of other objects': async (context) => {
    const { client, bucket: Bucket } = context;
    const source = randomBytes(6 * MIB);
    await put(context, 'source', source);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    const ranges = [`bytes=0-${5 * MIB - 1}`, `bytes=${5 * MIB}-${6 * MIB - 1}`];
    const Parts = [];
    for (const [index, CopySourceRange] of ranges.entries()) {
      const part = {
        Bucket,
        Key: 'a',
        UploadId,
        PartNumber: index + 1,
        CopySource: `${Bucket}/source`,
        CopySourceRange,
      };
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
      Parts.push({ PartNumber: index + 1, ETag: CopyPartResult?.ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'a', UploadId, MultipartUpload: { Parts } }));
    const copied = Buffer.from((await (await get(context, 'a')).Body?.transformToByteArray()) ?? []);
    expect(Buffer.compare(copied, source)).toBe(0);
  },

  'many objects are deleted in one request': async (context) => {
    const { client, bucket: Bucket } = context;
    for (const key of ['a', 'b', 'c&<d>']) await put(context, key, 'x');
    const Objects = ['a', 'c&<d>', 'none'].map((Key) => ({ Key }));
    const { Deleted = [], Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect([Deleted.map(({ Key }) => Key).sort(), Errors]).toEqual([['a', 'c&<d>', 'none'], []]);
    expect(await keys(context)).toEqual(['b']);
    const quiet = { Objects: [{ Key: 'b' }], Quiet: true };
    expect((await client.send(new DeleteObjectsCommand({ Bucket, Delete: quiet }))).Deleted ?? []).toEqual([]);
  },

  'objects have tags': async (context) => {
    const { client, bucket: Bucket } = context;
    await put(context, 'a', 'x', { Tagging: 'one=1&two=%E6%97%A5' });
    const tags = async () => (await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }))).TagSet;
    const pairs = [
      { Key: 'one', Value: '1' },
      { Key: 'two', Value: '日' },
    ];
    expect((await tags())?.sort((a, b) => (String(a.Key) < String(b.Key) ? -1 : 1))).toEqual(pairs);
    expect((await get(context, 'a')).TagCount).toBe(2);
    const TagSet = [{ Key: 'three', Value: '3' }];
    await client.send(new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet } }));
    expect(await tags()).toEqual(TagSet);
    await client.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'a' }));
    expect((await tags()) ?? []).toEqual([]);
    expect(await codeOf(put(context, 'b', 'x', { Tagging: 'one=1&one=2' }))).toBe('InvalidArgument');
  },

  'buckets have tags': async ({ client, bucket: Bucket }) => {
    expect(await codeOf(client.send(new GetBucketTaggingCommand({ Bucket })))).toBe('NoSuchTagSet');
    const TagSet = [{ Key: 'one', Value: '1' }];
    await client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);
    await client.send(new DeleteBucketTaggingCommand({ Bucket }));
    expect(await codeOf(client.send(new GetBucketTaggingCommand({ Bucket })))).toBe('NoSuchTagSet');
  },

  'attributes are those that are asked for': async (context) => {
    const { client, bucket: Bucket } = context;
    await put(context, 'a', 'content');
    const ObjectAttributes = ['ETag', 'ObjectSize', 'StorageClass'] as const;
    const found = await client.send(
      new GetObjectAttributesCommand({ Bucket, Key: 'a', ObjectAttributes: [...ObjectAttributes] }),
    );
    const ETag = createHash('md5').update('content').digest('hex');
    expect(found).toMatchObject({ ETag, ObjectSize: 7, StorageClass: 'STANDARD' });
    expect(found.Checksum).toBeUndefined();
  },

  'a presigned URL opens what it was signed for, for a while': async (context) => {
    const { client, bucket: Bucket } = context;
    await put(context, 'a', 'content');
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'a' }), { expiresIn: 60 });
    expect(await (await fetch(url)).text()).toBe('content');
    const refused = async (changed: string, method = 'GET') => (await fetch(changed, { method })).status;
    expect(await refused(url.replace('/a?', '/b?'))).toBe(403);
    expect(await refused(url, 'DELETE')).toBe(403);
    expect(await refused(url.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).toBe(403);
    const past = { expiresIn: 1, signingDate: new Date(Date.now() - 60_000) };
    const expired = await fetch(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'a' }), past));
    expect([expired.status, await expired.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
  },

  'nobody reads without a signature': async (context) => {
    await put(context, 'a', 'content');
    const answer = await fetch(`${context.endpoint}/${context.bucket}/a`);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
  },

  'the AWS CLI copies files of any size to and fro, between keys, and removes them': async (context) => {
    const { endpoint, bucket } = context;
    const directory = await mkdtemp(join(tmpdir(), 'spillway-s3-cli-'));
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: endpoint,
      LC_ALL: 'C.UTF-8',
    };
    const s3 = async (...args: string[]) => (await run('aws', ['s3', ...args], { env })).stdout;
    try {
      const [file, back] = [join(directory, 'file'), join(directory, 'back')];
      const bytes = randomBytes(20 * MIB);
      await writeFile(file, bytes);
      await s3('cp', file, `s3://${bucket}/large`);
      await s3('cp', `s3://${bucket}/large`, `s3://${bucket}/copies/large`);
      await s3('mv', `s3://${bucket}/large`, `s3://${bucket}/copies/moved`);
      await s3('cp', `s3://${bucket}/copies/moved`, back);
      expect(Buffer.compare(await readFile(back), bytes)).toBe(0);
      expect(await keys(context)).toEqual(['copies/large', 'copies/moved']);
      await s3('rm', '--recursive', `s3://${bucket}`);
      expect(await keys(context)).toEqual([]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};
