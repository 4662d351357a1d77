import { Readable } from 'node:stream';
import { ListObjectsCommand, ListObjectsV2Command, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, SIGNED, type StartedOrigin, startedOrigin } from '../test/started-origin.ts';

const KEYS = ['a/1', 'a/2', 'a/b/3', 'c', 'c d+e&<f>.txt', 'd/', '\uffff', '\u{1F600}', 'あ/い'];

let s3: StartedOrigin;
let client: S3Client;

beforeAll(async () => {
  s3 = await startedOrigin();
  for (const key of [...KEYS].reverse()) await s3.put('files', key, key);
  client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEY });
});
afterAll(async () => {
  client.destroy();
  await s3.close();
});

const byUtf8 = (keys: readonly string[]) => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

describe('ListObjectsV2', () => {
  it('lists keys in the order of their UTF-8 bytes', async () => {
    const { Contents, KeyCount, IsTruncated } = await client.send(new ListObjectsV2Command({ Bucket: 'files' }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(byUtf8(KEYS));
    expect([KeyCount, IsTruncated]).toEqual([KEYS.length, false]);
    expect(Contents?.[0]).toMatchObject({
      Size: 3,
      StorageClass: 'STANDARD',
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
  });

  it.each([1, 2, 3, 1000])('pages by %d', async (pageSize) => {
    const listed: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client, pageSize }, { Bucket: 'files', Delimiter: '/' })) {
      expect(page.KeyCount).toBeLessThanOrEqual(pageSize);
      listed.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
    }
    expect(byUtf8(listed.map(String))).toEqual(
      byUtf8(['a/', 'c', 'c d+e&<f>.txt', 'd/', 'あ/', '\uffff', '\u{1F600}']),
    );
  });

  it('takes prefix, delimiter and start-after', async () => {
    const list = async (input: object) => {
      const { Contents = [], CommonPrefixes = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: 'files', ...input }),
      );
      return [Contents.map(({ Key }) => Key), CommonPrefixes.map(({ Prefix }) => Prefix)];
    };
    expect(await list({ Prefix: 'a/', Delimiter: '/' })).toEqual([['a/1', 'a/2'], ['a/b/']]);
    expect(await list({ Prefix: 'a/', StartAfter: 'a/1' })).toEqual([['a/2', 'a/b/3'], []]);
    expect(await list({ StartAfter: 'あ', MaxKeys: 1 })).toEqual([['あ/い'], []]);
    expect(await list({ Prefix: 'none' })).toEqual([[], []]);
    expect(await list({ MaxKeys: 0 })).toEqual([[], []]);
  });

  it('encodes keys if asked to', async () => {
    const { body } = await s3.fetch('GET', '/files?list-type=2&encoding-type=url&prefix=c%20', SIGNED);
    expect(body.toString()).toContain('<Key>c%20d%2Be%26%3Cf%3E.txt</Key>');
    expect(body.toString()).toContain('<Prefix>c%20</Prefix>');
  });

  it.each(['max-keys=x', 'encoding-type=base64', 'continuation-token=x'])('refuses %s', async (query) => {
    const { status, body } = await s3.fetch('GET', `/files?list-type=2&${query}`, SIGNED);
    expect(status).toBe(400);
    expect(body.toString()).toContain('<Code>InvalidArgument</Code>');
  });
});

it('ListObjects pages by marker', async () => {
  const first = await client.send(new ListObjectsCommand({ Bucket: 'files', Delimiter: '/', MaxKeys: 1 }));
  expect(first).toMatchObject({ CommonPrefixes: [{ Prefix: 'a/' }], NextMarker: 'a/', IsTruncated: true });
  const second = await client.send(
    new ListObjectsCommand({ Bucket: 'files', Delimiter: '/', MaxKeys: 1, Marker: first.NextMarker }),
  );
  expect(second).toMatchObject({ Contents: [{ Key: 'c' }], NextMarker: 'c' });
});

describe('a bucket of more than 1,000 keys', () => {
  const many = [...Array(1500).keys()].map((n) => `${n % 3 === 0 ? 'deep/er/' : ''}${n % 7}/${n}`);
  /** What is listed in all, by the rules that S3's documentation gives. */
  const expected = (prefix: string, delimiter: string, after: string) => {
    const matching = byUtf8(many).filter((key) => key.startsWith(prefix) && key > after);
    const names = matching.map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + delimiter.length);
    });
    return [...new Set(names)].filter((name) => name !== after);
  };

  beforeAll(async () => {
    await s3.origin.createBucket('many');
    const put = (key: string) => s3.origin.putObject({ bucketName: 'many', key, body: Readable.from([]) });
    for (let first = 0; first < many.length; first += 100) await Promise.all(many.slice(first, first + 100).map(put));
  }, 60_000);

  async function listed(input: object, maxKeys?: number): Promise<{ names: string[]; pages: number[] }> {
    const [names, pages]: [string[], number[]] = [[], []];
    const size = maxKeys === undefined ? {} : { pageSize: maxKeys };
    for await (const page of paginateListObjectsV2({ client, ...size }, { Bucket: 'many', ...input })) {
      const here = [
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      ];
      expect(page.KeyCount).toBe(here.length);
      names.push(...here.map(String));
      pages.push(here.length);
    }
    return { names: byUtf8(names), pages };
  }

  it('is listed in pages of 1,000', async () => {
    expect(await listed({})).toEqual({ names: byUtf8(many), pages: [1000, 500] });
    expect((await listed({}, 5000)).pages).toEqual([1000, 500]);
  });

  it('is listed once each, in pages of any size, by prefix and delimiter', async () => {
    const prefixes = fc.constantFrom('', 'deep/', 'deep/er/', 'deep/er/3', '1', '1/', 'none');
    const delimiters = fc.constantFrom('', '/', '1', '/1', 'er/');
    const afters = fc.constantFrom('', '1/', '1/1000', 'deep/er/3/', 'deep', 'z');
    await fc.assert(
      fc.asyncProperty(
        prefixes,
        delimiters,
        afters,
        fc.integer({ min: 1, max: 400 }),
        async (Prefix, Delimiter, StartAfter, maxKeys) => {
          const names = expected(Prefix, Delimiter, StartAfter);
          const input = { Prefix, Delimiter, StartAfter };
          // Pages of one would be many.
          const size = Math.max(maxKeys, Math.ceil(names.length / 12));
          const answer = await listed(input, size);
          expect(answer.names).toEqual(byUtf8(names));
          expect(answer.pages.slice(0, -1).every((count) => count === size)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });
});

it('writes control characters as references', async () => {
  await s3.put('files', 'x\u0001y', '');
  const { body } = await s3.fetch('GET', '/files?prefix=x', SIGNED);
  expect(body.toString()).toContain('<Key>x&#x1;y</Key>');
});
