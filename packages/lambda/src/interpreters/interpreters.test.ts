import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { candidates } from './candidates.ts';
import { misfitNote, misfits } from './compiled-modules.ts';
import { findInterpreter, type InterpreterRequest } from './find-interpreter.ts';
import type { Interpreter } from './interpreter.ts';

let directory: string;
const before = { ...process.env };
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'spillway-interpreters-')));
  // Nothing of this machine's.
  process.env = { ...before, HOME: join(directory, 'home'), PATH: join(directory, 'bin') };
  for (const name of ['PYENV_ROOT', 'UV_PYTHON_INSTALL_DIR', 'XDG_DATA_HOME', 'NVM_DIR']) delete process.env[name];
});
afterEach(async () => {
  process.env = before;
  await rm(directory, { recursive: true, force: true });
});

/** A program that answers as Python does, or fails as a version manager's shim. */
async function python(path: string, version?: readonly [number, number]): Promise<string> {
  const target = join(directory, path);
  await mkdir(join(target, '..'), { recursive: true });
  const answer =
    version && JSON.stringify([target, ...version, 0, 'x86_64', `.cpython-${version.join('')}-x86_64-linux-gnu.so`]);
  await writeFile(
    target,
    answer ? `#!/bin/sh\necho '${answer}'\n` : '#!/bin/sh\necho "no version is set" >&2\nexit 1\n',
  );
  await chmod(target, 0o755);
  return target;
}

const find = (more: Partial<InterpreterRequest> = {}) =>
  findInterpreter({ runtime: 'python3.12', settings: new Map(), fits: () => false, ...more });

// What is at /usr/bin is there in any case, but is never nearer than what these tests make.
describe('the interpreter of a runtime', () => {
  test('is the version that it names, from where uv or pyenv put it; a shim that fails does not count', async () => {
    await python('bin/python3.12');
    await python('bin/python3', [3, 13]);
    const uv = await python('home/.local/share/uv/python/cpython-3.12.4-linux-x86_64-gnu/bin/python3.12', [3, 12]);
    const found = await find();
    expect(found?.interpreter.path).toBe(uv);
    expect(found?.warning).toBeUndefined();
    await rm(join(directory, 'home/.local'), { recursive: true });
    const pyenv = await python('home/.pyenv/versions/3.12.1/bin/python3.12', [3, 12]);
    expect((await find())?.interpreter.path).toBe(pyenv);
  });

  test('is one that loads the compiled modules, if not the named version', async () => {
    await python('bin/python3.12');
    await python('bin/python3.13', [3, 13]);
    const fitting = await python('bin/python3.9', [3, 9]);
    const found = await find({ fits: ({ minor }) => minor === 9 });
    expect(found?.interpreter.path).toBe(fitting);
    expect(found?.warning).toBe(
      `There is no Python 3.12 here for the runtime python3.12: it runs on Python 3.9, ${fitting}. Install Python 3.12 to run what Lambda runs.`,
    );
  });

  test('is else the nearest, the newer of two', async () => {
    await python('bin/python3.12');
    await python('bin/python3.10', [3, 10]);
    const near = await python('bin/python3.13', [3, 13]);
    expect((await find())?.interpreter.path).toBe(near);
  });

  test('is the one of the settings, which must run', async () => {
    const mine = await python('mine/python', [3, 8]);
    const settings = new Map([['python3.12', mine]]);
    expect((await find({ settings }))?.interpreter.path).toBe(mine);
    const broken = new Map([['python3.12', await python('mine/broken')]]);
    await expect(find({ settings: broken })).rejects.toThrow(/interpreter for python3\.12, .*broken, does not run/);
  });

  test('is this process for its own Node.js, and undefined for what has none', async () => {
    const major = process.versions.node.split('.')[0];
    const found = await find({ runtime: `nodejs${major}.x` });
    expect(found?.interpreter).toMatchObject({ path: process.execPath, major: Number(major), language: 'nodejs' });
    expect(await find({ runtime: 'provided.al2023' })).toBeUndefined();
    expect(await find({ runtime: 'java21' })).toBeUndefined();
  });
});

test('candidates: those whose path names the version, the others, and the shims of version managers', async () => {
  process.env['PATH'] = `${join(directory, 'bin')}:${join(directory, 'shims')}`;
  for (const path of ['bin/python3', 'bin/python3.1', 'shims/python3', 'home/.pyenv/versions/3.12.1/bin/python3']) {
    await python(path);
  }
  const ours = (paths: readonly string[]) => paths.filter((path) => path.startsWith(directory));
  const { named, others, shims } = candidates('python', 3, 12);
  expect(ours(named)).toEqual([join(directory, 'home/.pyenv/versions/3.12.1/bin/python3')]);
  expect(ours(others)).toEqual([join(directory, 'bin/python3.1'), join(directory, 'bin/python3')]);
  expect(ours(shims)).toEqual([join(directory, 'shims/python3')]);
});

describe('compiled modules', () => {
  const interpreter: Interpreter = {
    language: 'python',
    path: '/usr/bin/python3.11',
    major: 3,
    minor: 11,
    architecture: 'x86_64',
    extensionSuffixes: ['.cpython-311-x86_64-linux-gnu.so', '.abi3.so', '.so'],
  };

  /** Enough of an ELF file to tell its machine. */
  async function module(path: string, machine = 0x3e): Promise<string> {
    const head = Buffer.alloc(64);
    head.writeUInt32BE(0x7f454c46, 0);
    head.writeUInt16LE(machine, 18);
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), head);
    return join(directory, path);
  }

  test('misfit when no variant has the tag and the machine of the interpreter', async () => {
    const paths = await Promise.all([
      module('a/_a.cpython-311-x86_64-linux-gnu.so'),
      module('a/_a.cpython-312-x86_64-linux-gnu.so'),
      module('b/_b.abi3.so'),
      module('c/libc.so'),
    ]);
    expect(misfits(paths, interpreter)).toEqual([]);
    const other = await module('d/_d.cpython-312-x86_64-linux-gnu.so');
    const arm = await module('e/_e.abi3.so', 0xb7);
    expect(misfits([...paths, other, arm], interpreter)).toEqual([
      { path: other, tag: 'cpython-312-x86_64-linux-gnu' },
      { path: arm, tag: 'abi3' },
    ]);
  });

  test('are named with their tag, the interpreter and the command that helps', async () => {
    const path = await module('pydantic_core/_pydantic_core.cpython-312-x86_64-linux-gnu.so');
    await mkdir(join(directory, 'pydantic_core-2.33.2.dist-info'));
    const record = 'pydantic_core/_pydantic_core.cpython-312-x86_64-linux-gnu.so,sha256=x,64\n';
    await writeFile(join(directory, 'pydantic_core-2.33.2.dist-info/RECORD'), record);
    const note = await misfitNote(directory, misfits([path], interpreter), interpreter, {
      runtime: 'python3.11',
      architecture: 'arm64',
    });
    expect(note).toBe(
      "pydantic_core/_pydantic_core.cpython-312-x86_64-linux-gnu.so is compiled for cpython-312-x86_64-linux-gnu; Python 3.11 on x86_64 (/usr/bin/python3.11) can't load it. " +
        'For python3.11 on arm64, as on Lambda: pip install --platform manylinux2014_aarch64 --only-binary=:all: --python-version 3.11 ' +
        `--implementation cp --upgrade --target ${directory} pydantic_core==2.33.2`,
    );
  });
});
