import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Command, spillway } from './support/command.ts';
import { seededBytes, seededRandom } from './support/random.ts';
import { type RangeOrigin, serve, startRangeOrigin } from './support/range-origin.ts';
import { makeWorkspace, until, type Workspace } from './support/system.ts';

const SIZE_BYTES = 30_000_000;
const BYTES = seededBytes(7, SIZE_BYTES);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

let origin: RangeOrigin;
let workspace: Workspace;
const commands: Command[] = [];

beforeEach(async () => {
  workspace = await makeWorkspace();
  origin = await startRangeOrigin({ '/files/data.bin': { bytes: BYTES, etag: '"one"' } });
});
afterEach(async () => {
  for (const command of commands.splice(0)) {
    command.child.kill('SIGKILL');
    await command.ended();
  }
  await origin.close();
  await workspace.remove();
});

const place = (name: string) => join(workspace.path, name);
const url = () => `${origin.url}/files/data.bin`;
const sha256Of = (name: string) =>
  createHash('sha256')
    .update(readFileSync(place(name)))
    .digest('hex');

function get(...args: readonly string[]): Command {
  const command = spillway(['get', ...args]);
  commands.push(command);
  return command;
}

interface Document {
  readonly ok: boolean;
  readonly receivedBytes: number;
  readonly resumedBytes: number;
  readonly restarts: number;
  readonly mode: string;
  readonly wasThere: boolean;
  readonly verified?: { readonly algorithm: string; readonly source: string };
  readonly error?: { readonly code: string };
  readonly resume?: string;
}

async function document(...args: readonly string[]): Promise<{ exitCode: number | string; json: Document }> {
  const command = get(...args, '--json');
  const exitCode = await command.ended();
  return { exitCode, json: JSON.parse(command.stdout()) as Document };
}

/** Serves, but holds the bodies of all ranges from the `count`th request on until `release()`. */
function hold(count: number): () => void {
  const held: (() => void)[] = [];
  let isHeld = true;
  origin.intercept = (request, response, number) => {
    if (!isHeld || number < count) return false;
    held.push(() => {
      // What is there when it is answered, not when it was asked.
      const object = origin.objects.get('/files/data.bin');
      if (object !== undefined) serve(object, request, response);
    });
    return true;
  };
  return () => {
    isHeld = false;
    for (const answer of held.splice(0)) answer();
  };
}

const doneBytes = (file: string): number => {
  const state = JSON.parse(readFileSync(`${place(file)}.part.json`, 'utf8')) as {
    readonly done: readonly { readonly start: number; readonly end: number }[];
  };
  return state.done.reduce((sum, { start, end }) => sum + end - start, 0);
};

/** Waits until the state tells of bytes. */
const someDone = (file: string) =>
  until(async () => (existsSync(`${place(file)}.part.json`) && doneBytes(file) > 0 ? 'some' : 'none'), 'some');

describe('spillway get', () => {
  it('fetches in ranges, checks by --sha256 and leaves nothing but the file', async () => {
    const command = get(url(), '-o', place('out.bin'), '--sha256', SHA256);
    expect(await command.ended()).toBe(0);
    expect(sha256Of('out.bin')).toBe(SHA256);
    expect(readdirSync(workspace.path)).toEqual(['out.bin']);
    expect(origin.requests.filter((line) => line.startsWith('GET bytes=')).length).toBe(
      Math.ceil(SIZE_BYTES / 5_242_880),
    );
    expect(command.stdout()).toContain(`Verified: sha-256 ${SHA256}, given by the caller.`);
    expect(command.stdout()).toMatch(/6 requests, about 6 Lambda invocations, 30\.0 MB received\./);
  });

  it('verifies a file that is there, refuses another one, and replaces it by --force', async () => {
    writeFileSync(place('out.bin'), BYTES);
    expect(await document(url(), '-o', place('out.bin'), '--sha256', SHA256)).toMatchObject({
      exitCode: 0,
      json: { ok: true, wasThere: true },
    });
    writeFileSync(place('out.bin'), seededBytes(8, SIZE_BYTES));
    const refused = await document(url(), '-o', place('out.bin'), '--sha256', SHA256);
    expect(refused).toMatchObject({ exitCode: 8, json: { ok: false, error: { code: 'FileExists' } } });
    expect((await document(url(), '-o', place('out.bin'), '--sha256', SHA256, '--force')).exitCode).toBe(0);
    expect(sha256Of('out.bin')).toBe(SHA256);
  });

  it('goes on after Ctrl-C by the command that it prints, and keeps no header', async () => {
    const release = hold(4);
    const header = ['--header', 'X-Token: very-secret'];
    writeFileSync(place('out.bin'), 'to be replaced');
    const command = get(`${url()}?signature=query-secret`, '-o', place('out.bin'), ...header, '--force');
    await someDone('out.bin');
    command.child.kill('SIGINT');
    expect(await command.ended()).toBe(130);
    expect(command.stderr()).toContain('stopped.');
    expect(command.stderr()).toMatch(
      /To go on: spillway get '\S+\?\.\.\.' -o \S+out\.bin --header 'X-Token: \.\.\.' --force/,
    );
    expect(command.stderr()).not.toContain('secret');
    const state = readFileSync(place('out.bin.part.json'), 'utf8');
    expect(state).not.toContain('secret');
    expect(readFileSync(place('out.bin'), 'utf8')).toBe('to be replaced');

    release();
    const { exitCode, json } = await document(url(), '-o', place('out.bin'), ...header, '--force');
    expect(exitCode).toBe(0);
    expect(json.resumedBytes).toBeGreaterThan(0);
    expect(json.receivedBytes).toBeLessThan(SIZE_BYTES);
    expect(sha256Of('out.bin')).toBe(SHA256);
    expect(readdirSync(workspace.path)).toEqual(['out.bin']);
  });

  it('goes on after kill -9 at random moments, with fewer bytes than from scratch', async () => {
    const random = seededRandom(20_261_123);
    for (let round = 0; round < 5; round += 1) {
      const file = `round-${round}.bin`;
      const release = hold(origin.requests.length + 3 + Math.floor(random() * 4));
      const command = get(url(), '-o', place(file), '--concurrency', '2');
      await someDone(file);
      if (random() < 0.5) release();
      command.child.kill('SIGKILL');
      await command.ended();
      release();
      const { exitCode, json } = await document(url(), '-o', place(file), '--sha256', SHA256);
      expect(exitCode).toBe(0);
      expect(json.receivedBytes).toBeLessThan(SIZE_BYTES);
      expect(sha256Of(file)).toBe(SHA256);
    }
  });

  it.each([
    ['by a server that knows If-Match', true],
    ['by a server that ignores it', false],
  ])('notices an object that is replaced in the middle: %s', async (_, hasConditions) => {
    const other = seededBytes(9, SIZE_BYTES);
    for (const onChange of ['fail', 'restart']) {
      origin.objects.set('/files/data.bin', { bytes: BYTES, etag: '"one"', hasConditions });
      const release = hold(origin.requests.length + 4);
      const pending = document(url(), '-o', place(`${onChange}.bin`), '--on-change', onChange);
      await someDone(`${onChange}.bin`);
      origin.objects.set('/files/data.bin', { bytes: other, etag: '"two"', hasConditions });
      release();
      const { exitCode, json } = await pending;
      if (onChange === 'fail') {
        expect({ exitCode, code: json.error?.code }).toEqual({ exitCode: 6, code: 'ObjectChanged' });
        expect(existsSync(place('fail.bin'))).toBe(false);
      } else {
        expect({ exitCode, restarts: json.restarts }).toEqual({ exitCode: 0, restarts: 1 });
        expect(readFileSync(place('restart.bin')).equals(other)).toBe(true);
      }
    }
  });

  it('begins again when the object was replaced between two runs', async () => {
    const release = hold(4);
    const command = get(url(), '-o', place('out.bin'));
    await someDone('out.bin');
    command.child.kill('SIGKILL');
    await command.ended();
    const other = seededBytes(10, SIZE_BYTES);
    origin.objects.set('/files/data.bin', { bytes: other, etag: '"two"' });
    release();
    expect(await document(url(), '-o', place('out.bin'))).toMatchObject({ exitCode: 0, json: { restarts: 1 } });
    expect(readFileSync(place('out.bin')).equals(other)).toBe(true);
  });

  it('reads a server without ranges in one stream, and says so', async () => {
    origin.objects.set('/files/data.bin', { bytes: BYTES, etag: '"one"', hasRanges: false });
    const command = get(url(), '-o', place('out.bin'));
    expect(await command.ended()).toBe(0);
    expect(command.stderr()).toContain('One stream, no parallel ranges: the server sends no ranges.');
    expect(command.stdout()).toContain('Not verified');
    expect(sha256Of('out.bin')).toBe(SHA256);
  });

  it("takes the server's name, made safe", async () => {
    const headers = {
      'Content-Disposition': `attachment; filename="x"; filename*=UTF-8''..%2F..%2F%E8%AB%8B%E2%80%AEfdp.exe`,
    };
    origin.objects.set('/files/data.bin', { bytes: BYTES, etag: '"one"', headers });
    const bin = fileURLToPath(new URL('../../packages/cli/bin/spillway.js', import.meta.url));
    const printed = await promisify(execFile)(bin, ['get', url(), '--quiet'], { cwd: workspace.path });
    expect(printed.stdout + printed.stderr).toBe('');
    expect(readdirSync(workspace.path)).toEqual(['請_fdp.exe']);
  });

  it('throws away what has the wrong checksum', async () => {
    const { exitCode, json } = await document(url(), '-o', place('out.bin'), '--sha256', '0'.repeat(64));
    expect({ exitCode, code: json.error?.code }).toEqual({ exitCode: 7, code: 'DigestMismatch' });
    expect(existsSync(place('out.bin'))).toBe(false);
  });

  it.each([
    [['-o', '-'], '-o - is not supported'],
    [['--sha256', 'abc'], '--sha256 takes 64'],
    [['--concurrency', '0'], '--concurrency takes'],
    [['--range-size', '5MB'], '--range-size takes'],
    [['--header', 'secret'], "--header takes 'Name: value'"],
    [['--header', 'Range: bytes=0-1'], 'get sets this header itself'],
  ])('refuses %j', async (args, message) => {
    const command = get(url(), ...args);
    expect(await command.ended()).toBe(1);
    expect(command.stderr()).toContain(message);
    expect(command.stderr()).not.toContain('secret');
    expect(origin.requests).toEqual([]);
  });

  it('says what the system says of the file', async () => {
    const { exitCode, json } = await document(url(), '-o', place('missing/out.bin'));
    expect({ exitCode, code: json.error?.code }).toEqual({ exitCode: 1, code: 'ENOENT' });
  });

  it('says what a server that refuses has said', async () => {
    const { exitCode, json } = await document(`${origin.url}/nothing`, '-o', place('out.bin'));
    expect({ exitCode, code: json.error?.code }).toEqual({ exitCode: 3, code: 'Refused' });
    expect(readdirSync(workspace.path)).toEqual([]);
  });
});
