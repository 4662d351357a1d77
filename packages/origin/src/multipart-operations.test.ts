import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  type ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

const MIB = 1_048_576;
const target = { Bucket: 'files', Key: 'big/日本.bin' };

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

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();

async function start(input: { ChecksumAlgorithm?: ChecksumAlgorithm; ChecksumType?: 'FULL_OBJECT' } = {}) {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...input }));
  const part = (PartNumber: number, Body: Uint8Array) =>
    client.send(
      new UploadPartCommand({
        ...target,
        UploadId,
        PartNumber,
        Body,
        ...(input.ChecksumAlgorithm && { ChecksumAlgorithm: input.ChecksumAlgorithm }),
      }),
    );
  const complete = (Parts: { PartNumber: number; ETag: string | undefined }[], more: object = {}) =>
    client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts }, ...more }));
  return { UploadId, part, complete };
}

describe('a multipart upload', () => {
  it('is what lib-storage makes of a stream', async () => {
    const content = randomBytes(11 * MIB + 7);
    const chunks = Array.from({ length: 12 }, (_, index) => content.subarray(index * MIB, (index + 1) * MIB));
    const upload = new Upload({
      client,
      params: { ...target, Body: Readable.from(chunks), ContentType: 'a/b', Metadata: { a: 'b' } },
    });
    const { ETag } = await upload.done();
    const parts = [content.subarray(0, 5 * MIB), content.subarray(5 * MIB, 10 * MIB), content.subarray(10 * MIB)];
    expect(ETag).toBe(`"${md5(Buffer.concat(parts.map(md5))).toString('hex')}-3"`);
    const { Body, ...output } = await client.send(new GetObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    expect(output).toMatchObject({ ETag, ContentLength: content.byteLength, ContentType: 'a/b', Metadata: { a: 'b' } });
    expect(content.equals((await Body?.transformToByteArray()) as Uint8Array)).toBe(true);
    // Across the border of two parts, and of all three.
    for (const [first, last] of [
      [5 * MIB - 2, 5 * MIB + 1],
      [5 * MIB - 1, 10 * MIB],
    ] as const) {
      const { body } = await s3.fetch('GET', '/files/big/%E6%97%A5%E6%9C%AC.bin', {
        ...SIGNED,
        range: `bytes=${first}-${last}`,
      });
      expect(body.equals(content.subarray(first, last + 1))).toBe(true);
    }
    expect((await s3.files()).filter((file) => file.includes('/uploads/'))).toEqual([]);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)('has a %s of the whole if told so', async (algorithm) => {
    const parts = [randomBytes(5 * MIB), randomBytes(1000)];
    const { part, complete } = await start({ ChecksumAlgorithm: algorithm, ChecksumType: 'FULL_OBJECT' });
    const [one, two] = [await part(1, parts[0] as Buffer), await part(2, parts[1] as Buffer)];
    await complete([
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ]);
    // The SDK holds what it reads against it.
    const { Body, ChecksumType, ...output } = await client.send(
      new GetObjectCommand({ ...target, ChecksumMode: 'ENABLED' }),
    );
    expect(ChecksumType).toBe('FULL_OBJECT');
    const bytes = await Body?.transformToByteArray();
    expect(Buffer.concat(parts).equals(bytes as Uint8Array)).toBe(true);
    if (algorithm !== 'CRC32') return;
    const expected = Buffer.alloc(4);
    expected.writeUInt32BE(crc32(Buffer.concat(parts)));
    expect(output.ChecksumCRC32).toBe(expected.toString('base64'));
  });

  it('is held against the checksum of the whole', async () => {
    const whole = await start({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const Parts = [{ PartNumber: 1, ETag: (await whole.part(1, Buffer.from('123456789'))).ETag }];
    await expect(whole.complete(Parts, { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
    const output = await whole.complete(Parts, { ChecksumCRC32: 'y/Q5Jg==', ChecksumType: 'FULL_OBJECT' });
    expect(output).toMatchObject({ ChecksumCRC32: 'y/Q5Jg==', ChecksumType: 'FULL_OBJECT' });
  });

  it.each(['-1', ''])('is held against the composite checksum of its parts, written with "%s"', async (end) => {
    const { part, complete } = await start({ ChecksumAlgorithm: 'SHA1' });
    const { ETag, ChecksumSHA1 = '' } = await part(1, Buffer.from('only'));
    const ofOne = createHash('sha1').update(Buffer.from(ChecksumSHA1, 'base64')).digest('base64');
    const Parts = [{ PartNumber: 1, ETag }];
    await expect(complete(Parts, { ChecksumSHA1: `${ofOne}-2` })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(complete(Parts, { ChecksumSHA1: ChecksumSHA1 })).rejects.toMatchObject({ name: 'BadDigest' });
    const output = await complete(Parts, { ChecksumSHA1: `${ofOne}${end}` });
    expect(output).toMatchObject({ ChecksumSHA1: `${ofOne}-1`, ChecksumType: 'COMPOSITE' });
  });

  it('has a composite checksum by default', async () => {
    const { part, complete } = await start({ ChecksumAlgorithm: 'SHA256' });
    const { ETag, ChecksumSHA256 } = await part(1, Buffer.from('only'));
    const output = await complete([{ PartNumber: 1, ETag }]);
    const expected = createHash('sha256')
      .update(Buffer.from(ChecksumSHA256 ?? '', 'base64'))
      .digest('base64');
    expect(output).toMatchObject({ ChecksumSHA256: `${expected}-1`, ChecksumType: 'COMPOSITE' });
  });

  it('takes parts with any checksum when it was told no algorithm, and those of its own only when it was', async () => {
    const one = await start();
    const { ETag } = await one.part(1, Buffer.from('123456789'));
    expect(await one.complete([{ PartNumber: 1, ETag }])).toMatchObject({ ChecksumCRC64NVME: 'rosUhgp5mIg=' });
    const other = await start({ ChecksumAlgorithm: 'SHA1' });
    const path = `/files/big/%E6%97%A5%E6%9C%AC.bin?partNumber=1&uploadId=${other.UploadId}`;
    const { body } = await s3.fetch('PUT', path, SIGNED, '123456789');
    expect(body.toString()).toContain('expected checksum Type: sha1, actual checksum Type: null');
  });

  it('outlives a restart, with its parts', async () => {
    const { part, UploadId } = await start();
    await part(2, Buffer.from('two'));
    const { ETag } = await part(1, Buffer.alloc(5 * MIB));
    s3 = await s3.restart();
    client.destroy();
    client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEY });
    const { Parts } = await client.send(new ListPartsCommand({ ...target, UploadId }));
    expect(Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5 * MIB],
      [2, 3],
    ]);
    await client.send(
      new CompleteMultipartUploadCommand({
        ...target,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    expect(await client.send(new HeadObjectCommand(target))).toMatchObject({ ContentLength: 5 * MIB });
    // The part that was left out is gone, and the object outlives a restart too.
    expect((await s3.files()).filter((file) => file.includes('/data/')).length).toBe(1);
    s3 = await s3.restart();
    expect((await s3.fetch('HEAD', '/files/big/%E6%97%A5%E6%9C%AC.bin', SIGNED)).headers['content-length']).toBe(
      String(5 * MIB),
    );
  });

  it('refuses what does not fit, and loses nothing', async () => {
    const { part, complete, UploadId } = await start();
    const small = await part(1, Buffer.from('small'));
    const other = await part(2, Buffer.from('other'));
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'ok',
        (error: Error) => error.name,
      );
    const both = [
      { PartNumber: 1, ETag: small.ETag },
      { PartNumber: 2, ETag: other.ETag },
    ];
    expect(await codeOf(complete(both))).toBe('EntityTooSmall');
    expect(await codeOf(complete([...both].reverse()))).toBe('InvalidPartOrder');
    expect(await codeOf(complete([{ PartNumber: 1, ETag: other.ETag }]))).toBe('InvalidPart');
    expect(await codeOf(complete([{ PartNumber: 3, ETag: other.ETag }]))).toBe('InvalidPart');
    expect(await codeOf(complete([{ PartNumber: 1, ETag: small.ETag }], { MpuObjectSize: 4 }))).toBe('InvalidRequest');
    expect(await codeOf(complete([{ PartNumber: 1, ETag: small.ETag }], { ChecksumCRC64NVME: 'AAAAAAAAAAA=' }))).toBe(
      'BadDigest',
    );
    expect(await codeOf(part(0, Buffer.alloc(1)))).toBe('InvalidArgument');
    expect(await codeOf(part(10_001, Buffer.alloc(1)))).toBe('InvalidArgument');
    const malformed = await s3.fetch(
      'POST',
      `/files/big/%E6%97%A5%E6%9C%AC.bin?uploadId=${UploadId}`,
      SIGNED,
      '<CompleteMultipartUpload>',
    );
    expect(malformed.body.toString()).toContain('<Code>MalformedXML</Code>');
    expect(await codeOf(complete([{ PartNumber: 1, ETag: small.ETag }]))).toBe('ok');
    expect(await codeOf(complete([{ PartNumber: 1, ETag: small.ETag }]))).toBe('NoSuchUpload');
  });

  it('leaves nothing when it is aborted', async () => {
    const { part, UploadId } = await start();
    await part(1, Buffer.from('part'));
    await part(1, Buffer.from('again'));
    expect((await s3.files()).filter((file) => file.includes('/data/')).length).toBe(1);
    const path = `/files/big/%E6%97%A5%E6%9C%AC.bin?uploadId=${UploadId}`;
    expect((await s3.fetch('DELETE', path, SIGNED)).status).toBe(204);
    expect((await s3.fetch('DELETE', path, SIGNED)).status).toBe(404);
    expect((await s3.files()).length).toBe(1);
  });
});
