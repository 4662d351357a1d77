import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unzip, unzippedBytes } from '../unzip.ts';
import { archiveCode } from './code-archive.ts';

let directory: string;
let code: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'spillway-archive-')));
  code = join(directory, 'code');
  await mkdir(code);
});
afterEach(() => rm(directory, { recursive: true }));

const configuration = (of: FunctionConfiguration['code'], runtime = 'nodejs20.x') =>
  ({ code: of, runtime }) as FunctionConfiguration;

async function archived(of: FunctionConfiguration, ignoredPaths: readonly string[] = []): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archiveCode(of, ignoredPaths)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function unpacked(zip: Buffer): Promise<string> {
  const target = await mkdtemp(join(directory, 'out-'));
  await writeFile(`${target}.zip`, zip);
  await unzip(`${target}.zip`, target);
  return target;
}

const name = fc.stringMatching(/^[a-zä]{1,8}$/);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

test('what is packed is what is unpacked, and the same each time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(path, fc.uint8Array({ maxLength: 3000 }), { maxKeys: 8 }), async (files) => {
      const root = await mkdtemp(join(directory, 'in-'));
      const kept: [string, Uint8Array][] = [];
      for (const [file, content] of Object.entries(files)) {
        const written = await mkdir(dirname(join(root, file)), { recursive: true })
          .then(() => writeFile(join(root, file), content))
          .then(() => true)
          // One path may be a directory of another.
          .catch(() => false);
        if (written) kept.push([file, content]);
      }
      const of = configuration({ kind: 'directory', path: root });
      const zip = await archived(of);
      expect((await archived(of)).equals(zip)).toBe(true);
      const target = await unpacked(zip);
      for (const [file, content] of kept) expect(await readFile(join(target, file))).toEqual(Buffer.from(content));
      if (kept.length > 0) {
        const total = kept.reduce((sum, [, content]) => sum + content.byteLength, 0);
        expect(await unzippedBytes(`${target}.zip`)).toBe(total);
      }
    }),
    { numRuns: 30 },
  );
});

test('mode bits and links are kept, what is no code is left out', async () => {
  await writeFile(join(code, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await symlink('run.sh', join(code, 'link'));
  for (const left of ['.git', 'state']) {
    await mkdir(join(code, left));
    await writeFile(join(code, left, 'x'), 'x');
  }
  const zip = await archived(configuration({ kind: 'directory', path: code }), [join(code, 'state')]);
  const target = await unpacked(zip);
  expect((await readdir(target)).sort()).toEqual(['link', 'run.sh']);
  expect((await lstat(join(target, 'run.sh'))).mode & 0o777).toBe(0o755);
  expect(await readlink(join(target, 'link'))).toBe('run.sh');
});

test('inline code is one file, a zip is itself', async () => {
  const target = await unpacked(await archived(configuration({ kind: 'inline', source: 'x' }, 'python3.12')));
  expect(await readFile(join(target, 'index.py'), 'utf8')).toBe('x');
  await writeFile(join(directory, 'a.zip'), 'bytes');
  expect(await archived(configuration({ kind: 'zip', path: join(directory, 'a.zip') }))).toEqual(Buffer.from('bytes'));
});
