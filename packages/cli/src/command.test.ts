import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// The command as a user runs it, in a process of its own: it runs what is built.
const BIN = fileURLToPath(new URL('../bin/spillway.js', import.meta.url));

let temporary: string;
let running: ChildProcessByStdio<null, Readable, Readable> | undefined;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'command-'));
});
afterEach(async () => {
  running?.kill('SIGKILL');
  running = undefined;
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
});

const environment = () => ({ ...process.env, TMPDIR: temporary });

function ended(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...environment(), AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } };
    execFile(process.execPath, [BIN, ...args], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

function start(...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  running = spawn(process.execPath, [BIN, 'start', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
  });
  return running;
}

async function readyUrl(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const [, url] = /^Ready on (\S+)$/m.exec(text) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error(`ended without a ready line: ${text}`);
}

const objectFiles = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).size >= 64 * 1_048_576);

describe('spillway', () => {
  it.each([
    [['toString'], 'there is no command "toString"'],
    [['start', '--region', 'here'], '--region'],
    [['start', '--port', '0', '--inspect', 'Nobody'], 'Functions: DownloadFunction, BufferedDownloadFunction'],
    [['start', '--aws-credentials', 'host'], 'AWS_ACCESS_KEY_ID is not set'],
    [['start', '--limit', 'streamMaxDurationMs=1e10'], '--limit streamMaxDurationMs'],
    [['logs', 'One', '--port', '70000'], '--port'],
  ])('%j says what is wrong and exits with 1', async (args, text) => {
    const { code, stdout, stderr } = await ended(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(text);
    expect(stderr).not.toContain('    at ');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('says that what answers is not Spillway', async () => {
    const other = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await ended('logs', 'One', '--port', String(port));
    other.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is not Spillway') });
  });

  it('says that the state directory can not be written', async () => {
    await writeFile(join(temporary, 'file'), '');
    const { code, stderr } = await ended('start', '--port', '0', '--state', join(temporary, 'file'));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(join(temporary, 'file')) });
  });
});

describe('spillway start', () => {
  it('leaves nothing when Ctrl-C comes before it is ready', async () => {
    const child = start();
    const exited = once(child, 'exit');
    while (readdirSync(temporary).length === 0) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('ends well when those who read its output went first', async () => {
    const child = start();
    const exited = once(child, 'exit');
    const url = await readyUrl(child);
    child.stdout.destroy();
    child.stderr.destroy();
    // A failed request is reported on stderr, where nobody is.
    expect((await fetch(`${url}/_aws/execute-api/abcdefghij/prod/x`)).status).toBe(403);
    expect((await fetch(`${url}/_aws/execute-api/abcdefghij/prod/x`)).status).toBe(403);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('keeps the objects of a state directory and does not write them again', async () => {
    const state = join(temporary, 'state');
    const inodes: number[][] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const child = start('--state', state);
      const exited = once(child, 'exit');
      await readyUrl(child);
      child.kill('SIGINT');
      expect(await exited).toEqual([0, null]);
      inodes.push(objectFiles(state).map((path) => statSync(path).ino));
    }
    // One file, however many buckets share it.
    expect(new Set(inodes[0]).size).toBe(1);
    expect(inodes[1]).toEqual(inodes[0]);
  });

  it('says that the disk is full and leaves nothing', async () => {
    const script = 'ulimit -f 20000; exec "$0" "$@"';
    const child = spawn('sh', ['-c', script, process.execPath, BIN, 'start', '--port', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment(),
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(stderr).toMatch(/^spillway: .*disk.* full/m);
    expect(stderr).not.toContain('    at ');
    expect(existsSync(temporary) && readdirSync(temporary)).toEqual([]);
  });
});
