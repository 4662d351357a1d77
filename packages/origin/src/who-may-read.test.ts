import {
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

const OPEN = { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: false, restrictPublicBuckets: false };
const Policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::files/pub/*' },
    { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::files/pub/secret' },
  ],
});
const Bucket = 'files';

let s3: StartedOrigin;
let client: S3Client;

beforeEach(async () => {
  s3 = await startedOrigin();
  for (const key of ['pub/a', 'pub/secret', 'private']) await s3.put('files', key, key);
  client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEY });
});
afterEach(async () => {
  client.destroy();
  await s3.close();
});

const statusOf = async (target: string, method = 'GET', headers = {}) =>
  (await s3.fetch(method, target, headers)).status;

describe('everyone', () => {
  it('may do nothing with a new bucket', async () => {
    for (const target of ['/', '/files', '/files/pub/a', '/files/none', '/files?policy'])
      expect(await statusOf(target)).toBe(403);
    for (const method of ['HEAD', 'DELETE', 'PUT']) expect(await statusOf('/files/pub/a', method)).toBe(403);
    expect(await statusOf('/none/a')).toBe(404);
    expect(await statusOf('/files/pub/a', 'GET', SIGNED)).toBe(200);
  });

  it('may read what the policy says, once public policies are not blocked', async () => {
    await expect(s3.origin.putBucketPolicy('files', Policy)).rejects.toThrow(
      'prevented by the BlockPublicPolicy setting',
    );
    await s3.origin.putPublicAccessBlock('files', OPEN);
    await s3.origin.putBucketPolicy('files', Policy);
    s3 = await s3.restart();
    expect(await statusOf('/files/pub/a')).toBe(200);
    expect(await statusOf('/files/pub/a', 'HEAD')).toBe(200);
    expect(await statusOf('/files/pub/none')).toBe(403);
    expect(await statusOf('/files/private')).toBe(403);
    expect(await statusOf('/files/pub/secret')).toBe(403);
    expect(await statusOf('/files/pub/secret', 'GET', SIGNED)).toBe(403);
    expect(await statusOf('/files/pub/a', 'PUT')).toBe(403);
    expect(await statusOf('/files')).toBe(403);
    const override = await s3.fetch('GET', '/files/pub/a?response-content-type=text/html');
    expect([override.status, override.body.toString()]).toEqual([400, expect.stringContaining('InvalidRequest')]);
    await s3.origin.putPublicAccessBlock('files', { ...OPEN, restrictPublicBuckets: true });
    expect(await statusOf('/files/pub/a')).toBe(403);
  });
});

it('speaks the SDK’s language of policies and blocks', async () => {
  const nameOf = (promise: Promise<unknown>) => promise.catch((error: Error) => error.name);
  expect(await nameOf(client.send(new GetBucketPolicyCommand({ Bucket })))).toBe('NoSuchBucketPolicy');
  expect(await nameOf(client.send(new PutBucketPolicyCommand({ Bucket, Policy })))).toBe('AccessDenied');
  const PublicAccessBlockConfiguration = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: false,
    RestrictPublicBuckets: false,
  };
  await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  expect(await client.send(new GetPublicAccessBlockCommand({ Bucket }))).toMatchObject({
    PublicAccessBlockConfiguration,
  });
  await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  expect(await client.send(new GetBucketPolicyCommand({ Bucket }))).toMatchObject({ Policy });
  expect(await client.send(new GetBucketPolicyStatusCommand({ Bucket }))).toMatchObject({
    PolicyStatus: { IsPublic: true },
  });
  await client.send(new DeletePublicAccessBlockCommand({ Bucket }));
  expect(await nameOf(client.send(new GetPublicAccessBlockCommand({ Bucket })))).toBe(
    'NoSuchPublicAccessBlockConfiguration',
  );
  await client.send(new DeleteBucketPolicyCommand({ Bucket }));
  expect(await statusOf('/files/pub/a')).toBe(403);
});

it('reports statements that have no effect', async () => {
  const Statement = [
    {
      Sid: 'Cdn',
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::files/*',
    },
  ];
  await s3.origin.putBucketPolicy('files', JSON.stringify({ Statement }));
  expect(s3.lines).toEqual([expect.stringMatching(/^Bucket policy of files, not evaluated: Cdn/)]);
  expect(await statusOf('/files/pub/a')).toBe(403);
});

describe('a presigned URL', () => {
  const sign = (key: string, input: object = {}, options: object = {}) =>
    getSignedUrl(client, new GetObjectCommand({ Bucket, Key: key, ...input }), { expiresIn: 60, ...options });

  it('lets whoever has it read that one object', async () => {
    const url = new URL(await sign('private', { ResponseContentDisposition: 'attachment' }));
    const answer = await s3.fetch('GET', url.pathname + url.search, { host: url.host });
    expect([answer.status, answer.body.toString(), answer.headers['content-disposition']]).toEqual([
      200,
      'private',
      'attachment',
    ]);
    expect(await statusOf(url.pathname + url.search, 'HEAD', { host: url.host })).toBe(403);
    const other = await s3.fetch('GET', url.pathname.replace('private', 'pub/a') + url.search, { host: url.host });
    expect([other.status, other.body.toString()]).toEqual([
      403,
      expect.stringContaining('<StringToSign>AWS4-HMAC-SHA256'),
    ]);
  });

  it('stores what it was signed for', async () => {
    const command = new PutObjectCommand({ Bucket, Key: 'up', ContentType: 'text/plain', Metadata: { name: '日本' } });
    const url = new URL(await getSignedUrl(client, command, { expiresIn: 60 }));
    // The SDK signs the checksum of no body into it, which S3 does not hold against the body.
    expect(url.search).toContain('x-amz-checksum-crc32=AAAAAA');
    const put = await s3.fetch('PUT', url.pathname + url.search, { host: url.host, 'content-type': 'a/b' }, 'content');
    expect(put.status).toBe(200);
    const { headers, body } = await s3.fetch('GET', '/files/up', SIGNED);
    expect([headers['content-type'], headers['x-amz-meta-name'], body.toString()]).toEqual([
      'a/b',
      Buffer.from('日本').toString('latin1'),
      'content',
    ]);
    const withAcl = new PutObjectCommand({ Bucket, Key: 'up', ACL: 'public-read' });
    const refused = new URL(await getSignedUrl(client, withAcl, { expiresIn: 60 }));
    const { status, body: error } = await s3.fetch(
      'PUT',
      refused.pathname + refused.search,
      { host: refused.host },
      'x',
    );
    expect([status, error.toString()]).toEqual([501, expect.stringContaining('x-amz-acl')]);
  });

  it('ends', async () => {
    const url = new URL(await sign('private', {}, { signingDate: new Date(Date.now() - 61_000) }));
    const { status, body } = await s3.fetch('GET', url.pathname + url.search, { host: url.host });
    expect(status).toBe(403);
    expect(body.toString()).toContain('<Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires>');
  });

  it('is of a key that is known', async () => {
    s3.credentials.remove(KEY.accessKeyId);
    const url = new URL(await sign('private'));
    const { body } = await s3.fetch('GET', url.pathname + url.search, { host: url.host });
    expect(body.toString()).toContain('<Code>InvalidAccessKeyId</Code>');
  });
});
