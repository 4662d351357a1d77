import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';
import { effectiveHeaders } from './s3-request.ts';

let s3: StartedOrigin;

beforeEach(async () => {
  s3 = await startedOrigin();
  await s3.put('files', 'page.html', '<script></script>');
});
afterEach(() => s3.close());

it('keeps scripts of an object that a browser opens away from what listens on the same port', async () => {
  const policyOf = async (destination?: string) => {
    const sent = destination === undefined ? SIGNED : { ...SIGNED, 'sec-fetch-dest': destination };
    return (await s3.fetch('GET', '/files/page.html', sent)).headers['content-security-policy'];
  };
  for (const destination of ['document', 'iframe']) {
    expect(await policyOf(destination)).toMatch(/^sandbox /);
    expect(await policyOf(destination)).not.toContain('allow-same-origin');
  }
  expect(await policyOf()).toBeUndefined();
  expect(await policyOf('image')).toBeUndefined();
});

it.each([
  ['x-amz-storage-class', 'GLACIER'],
  ['x-amz-server-side-encryption-customer-key', 'x'],
  ['x-amz-checksum-xxhash3', 'x'],
  ['x-amz-of-next-year', 'x'],
])('refuses the header %s by name', async (name, value) => {
  const { status, body } = await s3.fetch('PUT', '/files/a', { ...SIGNED, [name]: value }, 'content');
  expect([status, body.toString()]).toEqual([501, expect.stringContaining(`<Header>${name}</Header>`)]);
});

it.each([undefined, 'ETag,Colour'])('refuses the object attributes %s', async (names) => {
  const wanted = names === undefined ? {} : { 'x-amz-object-attributes': names };
  const { status, body } = await s3.fetch('GET', '/files/page.html?attributes', { ...SIGNED, ...wanted });
  expect([status, body.toString()]).toEqual([400, expect.stringContaining('<Code>InvalidArgument</Code>')]);
});

it('refuses numbers that are none', async () => {
  expect((await s3.fetch('GET', '/?max-buckets=x', SIGNED)).status).toBe(400);
});

it('refuses a payload hash that S3 does not know, and stores nothing', async () => {
  const sent = { ...SIGNED, 'x-amz-content-sha256': 'STREAMING-NONSENSE' };
  const { status, body } = await s3.fetch('PUT', '/files/a', sent, 'content');
  expect([status, body.toString()]).toEqual([400, expect.stringContaining('<Code>InvalidArgument</Code>')]);
  expect((await s3.fetch('GET', '/files/a', SIGNED)).status).toBe(404);
});

it('never deletes a bucket with an object that was just stored', async () => {
  for (let round = 0; round < 20; round += 1) {
    await s3.origin.createBucket('short-lived');
    const [put, deleted] = await Promise.all([
      s3.fetch('PUT', '/short-lived/a', SIGNED, 'content'),
      s3.fetch('DELETE', '/short-lived', SIGNED),
    ]);
    const { status } = await s3.fetch('GET', '/short-lived/a', SIGNED);
    expect(status).toBe(put.status === 200 ? 200 : 404);
    expect(deleted.status === 204 && put.status === 200).toBe(false);
    await s3.fetch('DELETE', '/short-lived/a', SIGNED);
    await s3.fetch('DELETE', '/short-lived', SIGNED);
  }
});

it('takes metadata that a URL carries in the case of the SDK for Go', async () => {
  const headers = effectiveHeaders({ headers: {} } as IncomingMessage, new Map([['X-Amz-Meta-Name', 'a']]), {
    kind: 'query-v4',
    accessKeyId: 'test',
  });
  expect(headers).toEqual({ 'x-amz-meta-name': 'a' });
});

it('completes an upload of 10,000 parts, whose list is longer than 1 MiB', async () => {
  const part = `<Part><ETag>&quot;${'0'.repeat(32)}&quot;</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32><PartNumber>`;
  const parts = Array.from({ length: 10_000 }, (_, index) => `${part}${index + 1}</PartNumber></Part>`).join('');
  const created = await s3.fetch('POST', '/files/a?uploads', SIGNED);
  const uploadId = /<UploadId>([^<]+)/.exec(created.body.toString())?.[1];
  const body = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
  const answer = await s3.fetch('POST', `/files/a?uploadId=${uploadId}`, SIGNED, body);
  // The list was read: what is missing is the first part.
  expect(answer.body.toString()).toContain('<Code>InvalidPart</Code>');
});
