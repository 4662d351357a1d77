import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeStateDirectory } from './state-directory.ts';

let parent: string;
const outerTmpdir = process.env['TMPDIR'];

beforeEach(async () => {
  parent = await realpath(await mkdtemp(join(tmpdir(), 'state-directory-')));
  process.env['TMPDIR'] = parent;
});
afterEach(async () => {
  if (outerTmpdir === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = outerTmpdir;
  await rm(parent, { recursive: true, force: true });
});

describe('a temporary state directory', () => {
  it('is there while it is held, and removed with all that is in it', async () => {
    const directory = await takeStateDirectory();
    await writeFile(join(directory.path, 'file'), 'x');
    expect(await readdir(parent)).toHaveLength(1);
    await directory.release();
    expect(await readdir(parent)).toEqual([]);
  });

  it('is removed by the next server when its own was killed, and nothing else is', async () => {
    const leftover = join(parent, 'spillway-0123456789abcdef');
    await mkdir(join(leftover, 'origin'), { recursive: true });
    const others = [
      'spillway-backup',
      'spillway-AbCdEf',
      'spillway-0123456789abcdef.tgz',
      'my-spillway-0123456789abcdef',
    ];
    for (const name of others) await mkdir(join(parent, name));
    const target = join(parent, 'target');
    await mkdir(target);
    await symlink(target, join(parent, 'spillway-fedcba9876543210'));
    const running = await takeStateDirectory();
    expect(existsSync(leftover)).toBe(false);
    for (const name of [...others, 'target', 'spillway-fedcba9876543210'])
      expect(existsSync(join(parent, name))).toBe(true);
    await running.release();
  });

  it('is not taken for a leftover by servers that start at the same time', async () => {
    const directories = await Promise.all(Array.from({ length: 20 }, () => takeStateDirectory()));
    for (const { path } of directories) expect(existsSync(path)).toBe(true);
    await Promise.all(directories.map(({ release }) => release()));
    expect(await readdir(parent)).toEqual([]);
  });

  it('names TMPDIR when there can be none', async () => {
    process.env['TMPDIR'] = join(parent, 'missing');
    await expect(takeStateDirectory()).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('TMPDIR'),
    });
  });
});

describe('a given state directory', () => {
  it('has one server at a time, by whatever path, and stays', async () => {
    const path = join(parent, 'state');
    const first = await takeStateDirectory(path);
    await symlink(path, join(parent, 'link'));
    for (const same of [path, join(parent, 'link'), `${path}/`]) {
      await expect(takeStateDirectory(same)).rejects.toMatchObject({
        name: 'UsageError',
        message: expect.stringContaining('in use'),
      });
    }
    await first.release();
    const second = await takeStateDirectory(path);
    expect(second.path).toBe(path);
    await second.release();
    expect(existsSync(path)).toBe(true);
  });

  it.runIf(process.platform === 'linux')(
    'is locked under a name that every version of Node.js takes as it is',
    async () => {
      const directory = await takeStateDirectory(join(parent, 'state'));
      const digest = createHash('sha256').update(directory.path).digest('hex');
      // The kernel shows a NUL as @: the first one alone, and none that fills the name up.
      expect(readFileSync('/proc/net/unix', 'latin1')).toMatch(new RegExp(` @spillway-${digest}-+\n`));
      await directory.release();
    },
  );

  it('can not be a file', async () => {
    await writeFile(join(parent, 'file'), '');
    await expect(takeStateDirectory(join(parent, 'file'))).rejects.toMatchObject({ name: 'UsageError' });
  });
});
