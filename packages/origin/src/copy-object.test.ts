import { CopyObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KEY, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

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

test('a copy has the checksum that is asked for, else that of its source', async () => {
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: 'hello', ChecksumAlgorithm: 'CRC32' }));
  const copy = async (more: object) => {
    const command = new CopyObjectCommand({ Bucket: 'files', Key: 'b', CopySource: 'files/a', ...more });
    return (await client.send(command)).CopyObjectResult;
  };
  expect(await copy({})).toMatchObject({ ChecksumCRC32: 'NhCmhg==', ETag: '"5d41402abc4b2a76b9719d911017c592"' });
  const asked = await copy({ ChecksumAlgorithm: 'SHA256' });
  expect(asked).toMatchObject({ ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' });
  expect(asked).not.toHaveProperty('ChecksumCRC32');
});
