import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Sha256 } from '@aws-crypto/sha256-js';
import { CreateMultipartUploadCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SignedUpload, signedUpload } from '../test/signed-upload.ts';
import { KEY, SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

let s3: StartedOrigin;
let client: S3Client;

beforeEach(async () => {
  s3 = await startedOrigin({ verifySignatures: true });
  await s3.put('files', 'a', 'old');
  client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEY });
});
afterEach(async () => {
  client.destroy();
  await s3.close();
});

const signer = new SignatureV4({
  ...{ credentials: KEY, region: 'us-east-1', service: 's3', sha256: Sha256, uriEscapePath: false },
});
const crc32 = (checksum: string) => `x-amz-checksum-crc32:${checksum}`;

const signed = (key: string, chunks: readonly Uint8Array[], trailer?: string): Promise<SignedUpload> =>
  signedUpload(`${s3.endpoint}/files/${key}`, { chunks, credentials: KEY, signer, trailer });
const send = ({ headers, body }: SignedUpload, key = 'a') => s3.fetch('PUT', `/files/${key}`, headers, body);
const codeOf = ({ body }: { body: Buffer }) => /<Code>(\w+)<\/Code>/.exec(body.toString())?.[1];

async function stored(key = 'a'): Promise<Buffer> {
  const object = await s3.origin.readObject('files', key);
  const chunks: Uint8Array[] = [];
  for await (const chunk of object) chunks.push(new Uint8Array(chunk));
  return Buffer.concat(chunks);
}

const CHUNKS = [Buffer.alloc(65_536, 'x'), Buffer.alloc(8192, 'y'), Buffer.from('end')];

describe('an upload signed chunk by chunk', () => {
  it('is stored', async () => {
    expect((await send(await signed('a', CHUNKS))).status).toBe(200);
    expect((await stored()).equals(Buffer.concat(CHUNKS))).toBe(true);
    expect((await send(await signed('a', []))).status).toBe(200);
    expect((await stored()).byteLength).toBe(0);
  });

  it('is stored with its trailer', async () => {
    const upload = await signed('a', [Buffer.from('123456789')], crc32('y/Q5Jg=='));
    expect((await send(upload)).headers).toMatchObject({ 'x-amz-checksum-crc32': 'y/Q5Jg==' });
    expect((await stored()).toString()).toBe('123456789');
    // As minio-go ends a trailer.
    const withBareLineFeed = upload.body.toString('latin1').replace('==\r\n', '==\n\r\n');
    expect((await send({ ...upload, body: Buffer.from(withBareLineFeed, 'latin1') })).status).toBe(200);
  });

  it('is refused with another’s secret', async () => {
    const credentials = { ...KEY, secretAccessKey: 'other' };
    const upload = await signedUpload(`${s3.endpoint}/files/a`, { chunks: CHUNKS, credentials, signer });
    const answer = await send(upload);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'SignatureDoesNotMatch']);
    expect((await stored()).toString()).toBe('old');
  });

  it('is refused with chunks out of order, left out, or of another upload', async () => {
    const [one, other] = [Buffer.alloc(8192, 1), Buffer.alloc(8192, 2)];
    const { headers, body } = await signed('a', [one, other]);
    const sizeBytes = 8192 + '2000;chunk-signature=\r\n\r\n'.length + 64;
    const [first, second, end] = [
      body.subarray(0, sizeBytes),
      body.subarray(sizeBytes, 2 * sizeBytes),
      body.subarray(2 * sizeBytes),
    ];
    const later = await signed('b', [one, other]);
    for (const parts of [
      [second, first, end],
      [first, first, end],
      [first, later.body.subarray(sizeBytes)],
      [later.body],
    ]) {
      expect(codeOf(await send({ headers, body: Buffer.concat(parts as Buffer[]) }))).toBe('SignatureDoesNotMatch');
    }
    expect(codeOf(await send({ headers, body: Buffer.concat([first, end]) }))).toBe('SignatureDoesNotMatch');
    expect((await stored()).toString()).toBe('old');
    expect((await send({ headers, body })).status).toBe(200);
  });

  it('is refused where any bit of it is another, and stores nothing', async () => {
    const content = Buffer.from('123456789');
    const upload = await signed('a', [content], crc32('y/Q5Jg=='));
    await fc.assert(
      fc.asyncProperty(fc.nat(upload.body.byteLength - 1), fc.nat(7), async (at, bit) => {
        const body = Buffer.from(upload.body);
        body[at] = (body[at] ?? 0) ^ (1 << bit);
        const { status } = await send({ ...upload, body });
        // The names of trailers are the same in capitals.
        const isSame = body.toString('latin1').toLowerCase() === upload.body.toString('latin1').toLowerCase();
        if (!isSame || status !== 200) expect(status).toBeGreaterThanOrEqual(400);
        expect((await stored()).equals(status === 200 ? content : Buffer.from('old'))).toBe(true);
        if (status === 200) await s3.put('files', 'a', 'old');
      }),
      { numRuns: 300 },
    );
    expect((await s3.files()).filter((file) => file.includes('/data/'))).toHaveLength(1);
    expect((await send(upload)).status).toBe(200);
  });

  it('is taken in chunks of any size, however the network cuts them', async () => {
    const size = fc.integer({ min: 8192, max: 20_000 });
    const sizes = fc.tuple(fc.array(size, { maxLength: 3 }), fc.integer({ min: 1, max: 100 }));
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(fc.nat(), { maxLength: 12 }), async ([full, last], at) => {
        const chunks = [...full, last].map((sizeBytes, index) => Buffer.alloc(sizeBytes, index + 1));
        const { headers, body } = await signed('cut', chunks, crc32('AAAAAA=='));
        const cuts = [0, ...at.map((cut) => cut % body.byteLength), body.byteLength].sort((a, b) => a - b);
        const message = request(`${s3.endpoint}/files/cut`, { method: 'PUT', headers });
        const answered = once(message, 'response');
        for (const [index, cut] of cuts.slice(1).entries()) {
          await new Promise((resolve) => message.write(body.subarray(cuts[index], cut), resolve));
        }
        message.end();
        const [response] = await answered;
        const text = Buffer.concat(await response.toArray()).toString();
        // The checksum is wrong: it is looked at when all signatures were found right.
        expect(text).toContain('<Code>BadDigest</Code>');
      }),
      { numRuns: 20 },
    );
  });

  it('ends at the first wrong chunk, of however many', async () => {
    const { headers, body } = await signed('a', Array(20).fill(Buffer.alloc(65_536)));
    body[100] = 1;
    // Not one chunk more than the first is sent: the answer comes all the same.
    const socket = connect(s3.listener.port, '127.0.0.1');
    const head = Object.entries({ ...headers, 'content-length': String(body.byteLength) });
    socket.write(`PUT /files/a HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    socket.write(body.subarray(0, 66_000));
    const [answer] = await once(socket, 'data');
    expect(answer.toString()).toMatch(/^HTTP\/1.1 403 .*<Code>SignatureDoesNotMatch<\/Code>/s);
    socket.destroy();
    expect((await stored()).toString()).toBe('old');
    expect((await s3.files()).filter((file) => file.includes('/data/'))).toHaveLength(1);
  });

  it('makes no part of a multipart upload when it is wrong', async () => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'files', Key: 'parts' }));
    const path = `/files/parts?partNumber=1&uploadId=${UploadId}`;
    const query = { partNumber: '1', uploadId: String(UploadId) };
    const querySigner = { sign: (head: Parameters<typeof signer.sign>[0]) => signer.sign({ ...head, query }) };
    const upload = await signedUpload(`${s3.endpoint}${path}`, {
      chunks: CHUNKS,
      credentials: KEY,
      signer: querySigner,
    });
    const wrong = Buffer.from(upload.body);
    wrong[70_000] = 0;
    expect(codeOf(await s3.fetch('PUT', path, upload.headers, wrong))).toBe('SignatureDoesNotMatch');
    expect((await s3.files()).filter((file) => file.includes('/data/'))).toHaveLength(1);
    const { headers } = await s3.fetch('PUT', path, upload.headers, upload.body);
    expect(headers.etag).toBe(`"${createHash('md5').update(Buffer.concat(CHUNKS)).digest('hex')}"`);
  });
});

describe('a header that is verified', () => {
  it('is taken of the SDK', async () => {
    await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'sdk', Body: 'content' }));
    expect((await client.send(new ListObjectsV2Command({ Bucket: 'files' }))).KeyCount).toBe(2);
  });

  it.each([
    ['AWS test:c2lnbmF0dXJl', 400, 'InvalidRequest'],
    ['AWS nothing', 400, 'InvalidArgument'],
    ['Bearer token', 400, 'InvalidArgument'],
    ['AWS4-ECDSA-P256-SHA256 Credential=test', 501, 'NotImplemented'],
    ['AWS4-HMAC-SHA256 Credential=test', 400, 'AuthorizationHeaderMalformed'],
    [SIGNED.authorization, 403, 'AccessDenied'],
  ])('%s is refused in XML', async (authorization, status, code) => {
    const answer = await s3.fetch('GET', '/files/a', { authorization });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/xml', server: 'AmazonS3' });
  });

  it('may be missing where anyone may read', async () => {
    expect(codeOf(await s3.fetch('GET', '/files/a'))).toBe('AccessDenied');
    expect(codeOf(await s3.fetch('PUT', '/files/a', {}, 'new'))).toBe('AccessDenied');
  });
});

it('without --verify-signatures the signatures in the body may say anything', async () => {
  const lenient = await startedOrigin();
  try {
    await lenient.origin.createBucket('files');
    const { headers, body } = await signed('a', CHUNKS, crc32('c/GH2A=='));
    const text = body.toString('latin1').replace(/chunk-signature=\w{4}/g, 'chunk-signature=0000');
    const answer = await lenient.fetch('PUT', '/files/a', headers, Buffer.from(text, 'latin1'));
    expect(codeOf(answer)).toBe('BadDigest');
    const plain = await signed('a', CHUNKS);
    plain.body[70_000] = 0;
    expect((await lenient.fetch('PUT', '/files/a', plain.headers, plain.body)).status).toBe(200);
  } finally {
    await lenient.close();
  }
});
