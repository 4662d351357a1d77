import { lstat, mkdir, mkdtemp, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeZip, type ZipEntry } from '../test/write-zip.ts';
import { unzip } from './unzip.ts';

let directory: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'spillway-unzip-')));
  await mkdir(join(directory, 'out'));
});
afterEach(() => rm(directory, { recursive: true }));

async function unpacked(...entries: readonly ZipEntry[]): Promise<void> {
  await writeZip(join(directory, 'code.zip'), entries);
  await unzip(join(directory, 'code.zip'), join(directory, 'out'));
}

test('files come with their directories and mode bits', async () => {
  await unpacked(
    { name: 'index.js', content: 'one' },
    { name: 'bin/', content: '', mode: 0o040755 },
    { name: 'bin/deep/run.sh', content: 'two', mode: 0o100755 },
  );
  expect(await readFile(join(directory, 'out/index.js'), 'utf8')).toBe('one');
  expect((await stat(join(directory, 'out/bin/deep/run.sh'))).mode & 0o777).toBe(0o755);
});

test('links within the zip are kept', async () => {
  await unpacked({ name: 'lib/a.js', content: 'one' }, { name: 'bin/a.js', content: '../lib/a.js', mode: 0o120777 });
  expect(await readlink(join(directory, 'out/bin/a.js'))).toBe('../lib/a.js');
  expect(await readFile(join(directory, 'out/bin/a.js'), 'utf8')).toBe('one');
});

test.each(['../evil', 'a/../../evil', '/evil', '..\\evil'])('an entry %s that leads out is refused', async (name) => {
  await expect(unpacked({ name, content: 'x' })).rejects.toMatchObject({ name: 'UsageError' });
  await expect(lstat(join(directory, 'evil'))).rejects.toThrow();
});

test('a link that leads out is refused, and nothing is written through one', async () => {
  await expect(unpacked({ name: 'link', content: '..', mode: 0o120777 })).rejects.toThrow(/leads out/);
  const through = [
    { name: 'here', content: 'lib', mode: 0o120777 },
    { name: 'here/a.js', content: 'x' },
  ];
  await expect(unpacked(...through)).rejects.toMatchObject({ name: 'UsageError' });
});

test('what is no zip is refused', async () => {
  await writeFile(join(directory, 'code.zip'), 'no zip');
  await expect(unzip(join(directory, 'code.zip'), join(directory, 'out'))).rejects.toThrow(
    /Could not unzip .*code\.zip/,
  );
});
