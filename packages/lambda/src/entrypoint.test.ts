import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { invalidEntrypoint } from './entrypoint.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spillway-entrypoint-'));
  await mkdir(join(directory, 'task'));
  await mkdir(join(directory, 'opt'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const PLACED = { taskRoot: '/var/task', optDirectory: '/opt' };
const looked = () =>
  invalidEntrypoint({ taskRoot: join(directory, 'task'), optDirectory: join(directory, 'opt') }, PLACED);

async function write(path: string, content: string | Buffer, mode = 0o755): Promise<void> {
  await writeFile(join(directory, path), content);
  await chmod(join(directory, path), mode);
}

test('a bootstrap that is not there', () => {
  expect(looked()).toEqual({
    text: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
    hint: expect.stringContaining('root of the package'),
  });
});

test("a layer's is as good; the function's own comes first", async () => {
  await write('opt/bootstrap', '#!/bin/sh\n');
  expect(looked()).toBeUndefined();
  await write('task/bootstrap', '#!/bin/sh\n', 0o644);
  expect(looked()?.text).toBe('fork/exec /var/task/bootstrap: permission denied');
});

test.each([
  ['a script', '#!/bin/sh\n', undefined],
  ['an interpreter of the environment', '#!/opt/python/bin/python3\n', undefined],
  ['Windows line ends', '#!/bin/sh\r\n', 'no such file or directory'],
  ['a missing interpreter', '#!/no/such/interpreter -x\n', 'no such file or directory'],
  ['a text', 'exit 0\n', 'exec format error'],
])('%s', async (_, content, refusal) => {
  await write('task/bootstrap', content);
  expect(looked()?.text).toBe(refusal && `fork/exec /var/task/bootstrap: ${refusal}`);
});

test.runIf(process.platform === 'linux')('an executable of this machine or of another', async () => {
  const elf = Buffer.alloc(64);
  elf.write('\x7fELF', 'latin1');
  elf.writeUInt16LE(process.arch === 'arm64' ? 183 : 62, 18);
  await write('task/bootstrap', elf);
  expect(looked()).toBeUndefined();
  // SPARC: nobody runs it by QEMU.
  elf.writeUInt16LE(2, 18);
  await write('task/bootstrap', elf);
  expect(looked()?.text).toBe('fork/exec /var/task/bootstrap: exec format error');
});
