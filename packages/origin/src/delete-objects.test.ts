import { createHash } from 'node:crypto';
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KEY, SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

let s3: StartedOrigin;
let client: S3Client;
beforeEach(async () => {
  s3 = await startedOrigin();
  await s3.origin.createBucket('files');
  client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', credentials: KEY, forcePathStyle: true });
});
afterEach(async () => {
  client.destroy();
  await s3.close();
});

const keys = async () => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'files' }));
  return Contents.map(({ Key }) => Key);
};

test('a key is deleted with all its blanks, and no other', async () => {
  const all = ['  ', ' a', ' a ', 'a', 'a ', '\ta\n'];
  for (const Key of all) await client.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'x' }));
  for (const [index, Key] of all.entries()) {
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({ Bucket: 'files', Delete: { Objects: [{ Key }] } }),
    );
    expect(Deleted).toEqual([{ Key }]);
    expect((await keys()).sort()).toEqual(all.slice(index + 1).sort());
  }
});

test('blanks between elements and around other values count for nothing', async () => {
  await s3.put('files', 'a', 'x');
  const document = '<Delete>\n  <Quiet> true </Quiet>\n  <Object>\n    <Key>a</Key>\n  </Object>\n</Delete>\n';
  expect(await post(document)).toMatchObject({ status: 200 });
  expect(await keys()).toEqual([]);
});

test.each([
  [
    'an external entity',
    '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>',
  ],
  ['no end of depth', `<Delete>${'<Object>'.repeat(20_000)}${'</Object>'.repeat(20_000)}</Delete>`],
  ['a name that every object has', '<Delete><__proto__><Key>z</Key></__proto__></Delete>'],
])('a document with %s is malformed', async (_, document) => {
  const { status, body } = await post(document);
  expect(status).toBe(400);
  expect(body.toString()).toContain('<Code>MalformedXML</Code>');
});

const post = (document: string) =>
  s3.fetch(
    'POST',
    '/files?delete',
    {
      ...SIGNED,
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'content-md5': createHash('md5').update(document).digest('base64'),
    },
    document,
  );
