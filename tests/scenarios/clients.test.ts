// Command-line clients as they are installed, against the download function: one row each in docs/clients.md.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ASCII_NAME, type ClientTarget, JAPANESE_NAME, startClientTarget } from './support/client-target.ts';
import { runIn, runs, sha256Of } from './support/client-tools.ts';
import { makeWorkspace, type Workspace } from './support/system.ts';

let target: ClientTarget;
let sha256 = '';
let workspace: Workspace;

beforeAll(async () => {
  target = await startClientTarget();
  sha256 = createHash('sha256').update(target.bytes).digest('hex');
});
afterAll(() => target?.close());
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => workspace?.remove());

const place = (name: string) => join(workspace.path, name);
const run = (program: string, ...args: readonly string[]) => runIn(workspace.path, program, ...args);
const writePart = (name: string) => writeFileSync(place(name), target.bytes.subarray(0, 2_000_000));

describe.skipIf(!runs('curl'))('curl (needs curl)', () => {
  const curl = (...args: readonly string[]) => run('curl', '--silent', '--fail', ...args);

  it('saves it by -OJ under its ASCII name', async () => {
    expect(await curl('-OJ', target.url)).toBe(0);
    expect(readdirSync(workspace.path)).toEqual([ASCII_NAME]);
    expect(sha256Of(place(ASCII_NAME))).toBe(sha256);
  });

  it('resumes by -C -, and takes what is whole for that', async () => {
    writePart('out.pdf');
    expect(await curl('-C', '-', '-o', 'out.pdf', target.url)).toBe(0);
    expect(sha256Of(place('out.pdf'))).toBe(sha256);
    expect(await run('curl', '--silent', '-C', '-', '-o', 'out.pdf', target.url)).toBe(0);
    expect(statSync(place('out.pdf')).size).toBe(target.bytes.byteLength);
  });

  it.each([
    ['cut', 18],
    ['reset', 56],
  ] as const)('ends with an error when it is %s, and goes on by -C -', async (fault, exitCode) => {
    const { objectUrl } = await target.faulty(fault, 1);
    expect(await curl('-o', 'out.pdf', objectUrl)).toBe(exitCode);
    expect(statSync(place('out.pdf')).size).toBeLessThan(target.bytes.byteLength);
    expect(await curl('-C', '-', '-o', 'out.pdf', objectUrl)).toBe(0);
    expect(sha256Of(place('out.pdf'))).toBe(sha256);
  });
});

describe.skipIf(!runs('wget'))('wget (needs wget)', () => {
  const wget = (...args: readonly string[]) => run('wget', '--quiet', ...args);

  it('saves it by --content-disposition under its own name', async () => {
    expect(await wget('--content-disposition', target.url)).toBe(0);
    expect(readdirSync(workspace.path)).toEqual([JAPANESE_NAME]);
    expect(sha256Of(place(JAPANESE_NAME))).toBe(sha256);
  });

  it('resumes by -c, under its own name too', async () => {
    writePart(JAPANESE_NAME);
    expect(await wget('-c', '--content-disposition', target.url)).toBe(0);
    expect(readdirSync(workspace.path)).toEqual([JAPANESE_NAME]);
    expect(sha256Of(place(JAPANESE_NAME))).toBe(sha256);
  });

  it('goes on by itself when it is cut', async () => {
    const { objectUrl, played } = await target.faulty('cut', 1);
    expect(await wget('-O', 'out.pdf', objectUrl)).toBe(0);
    expect(played.get('cut')).toBe(1);
    expect(sha256Of(place('out.pdf'))).toBe(sha256);
  });

  it('ends with an error when it is cut again and again', async () => {
    const { objectUrl } = await target.faulty('cut', 100);
    expect(await wget('--tries', '2', '-O', 'out.pdf', objectUrl)).not.toBe(0);
    expect(statSync(place('out.pdf')).size).toBeLessThan(target.bytes.byteLength);
  });
});

describe.skipIf(!runs('aria2c'))('aria2 (needs aria2c)', () => {
  // Its least part is 20 MiB, unless it is told.
  const aria2c = (...args: readonly string[]) =>
    run('aria2c', '--quiet', '--no-conf', '-x4', '-s4', '--min-split-size=1M', ...args);

  it('saves it by four connections under its own name', async () => {
    expect(await aria2c(target.url)).toBe(0);
    expect(readdirSync(workspace.path)).toEqual([JAPANESE_NAME]);
    expect(sha256Of(place(JAPANESE_NAME))).toBe(sha256);
  });

  it('resumes by -c', async () => {
    writePart('out.pdf');
    expect(await aria2c('-c', '-o', 'out.pdf', target.url)).toBe(0);
    expect(readdirSync(workspace.path)).toEqual(['out.pdf']);
    expect(sha256Of(place('out.pdf'))).toBe(sha256);
  });

  it('goes on by itself when it is cut', async () => {
    const { objectUrl, played } = await target.faulty('cut', 2);
    expect(await aria2c('--retry-wait=1', '-o', 'out.pdf', objectUrl)).toBe(0);
    expect(played.get('cut')).toBe(2);
    expect(sha256Of(place('out.pdf'))).toBe(sha256);
  });

  it('ends with an error and leaves its control file when it is cut again and again', async () => {
    const { objectUrl } = await target.faulty('cut', 1000);
    expect(await aria2c('--max-tries=1', '-o', 'out.pdf', objectUrl)).not.toBe(0);
    expect(existsSync(place('out.pdf.aria2'))).toBe(true);
    const whole = await target.faulty('cut', 0);
    expect(await aria2c('-c', '-o', 'out.pdf', whole.objectUrl)).toBe(0);
    expect(sha256Of(place('out.pdf'))).toBe(sha256);
  });
});
