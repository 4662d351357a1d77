import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { namesS3Host } from './named-hosts.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'named-hosts-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function isNamedIn(name: string, content: string | Uint8Array): Promise<boolean> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return namesS3Host([directory], {});
}

const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

test.each([
  ['whole', 'index.mjs', "get('https://my-bucket.s3.us-east-1.amazonaws.com/path/to/object')"],
  ['in a template', 'app.py', "url = f'https://{BUCKET}.s3.{REGION}.amazonaws.com/{key}'"],
  ['in pieces', 'lib/deep/a.js', "const url = 'https://' + bucket +\n  '.s3.' + region +\n  '.amazonaws.com/' + key;"],
  ['path-style', 'a.rb', 'URI("https://s3.amazonaws.com/#{bucket}")'],
  ['behind many bytes', 'bundle.js', `${'x'.repeat(200_000)}.s3.amazonaws.com`],
])('a name %s', async (_, name, text) => {
  expect(await isNamedIn(name, text)).toBe(true);
});

test('a program, whose pieces may be anywhere', async () => {
  expect(await isNamedIn('bootstrap', Buffer.concat([ELF, Buffer.from('\0amazonaws.com\0')]))).toBe(true);
});

test.each([
  ['another service', 'index.mjs', "get('https://sqs.us-east-1.amazonaws.com/')"],
  ['no host', 'index.mjs', 'new S3Client({})'],
  ['a table of all endpoints', 'botocore/data/endpoints.json', '"s3.us-east-1.amazonaws.com"'],
  ['an installed package', 'node_modules/x/index.js', '"https://b.s3.us-east-1.amazonaws.com/"'],
  ['what is too far away', 'a.txt', `s3 ${'x'.repeat(500)} amazonaws.com`],
])('not %s', async (_, name, text) => {
  expect(await isNamedIn(name, text)).toBe(false);
});

test('a variable of the function, and a tree that is not there', async () => {
  expect(await namesS3Host([], { URL: 'https://b.s3.amazonaws.com/k' })).toBe(true);
  expect(await namesS3Host(['/nonexistent'], { URL: 'https://example.com/' })).toBe(false);
});
