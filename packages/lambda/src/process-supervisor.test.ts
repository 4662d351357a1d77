import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRunning, TEST_BOOTSTRAP, until } from '../test/test-lambda.ts';
import { ProcessSupervisor } from './process-supervisor.ts';

let directory: string;
let groups: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spillway-supervisor-'));
  await mkdir(join(directory, 'ours/deep'), { recursive: true });
});
afterEach(async () => {
  for (const { pid } of groups) if (pid !== undefined && isRunning(pid)) process.kill(-pid, 'SIGKILL');
  groups = [];
  await rm(directory, { recursive: true, force: true });
});

function startGroup(): number {
  const child = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore' });
  groups.push(child);
  return child.pid ?? 0;
}

describe('the supervisor', () => {
  test('kills the groups that it knows, no others, and removes its directory only', async () => {
    const [known, ended, other] = [startGroup(), startGroup(), startGroup()];
    await writeFile(join(directory, 'theirs'), '');
    const supervisor = new ProcessSupervisor(join(directory, 'ours'));
    supervisor.add(known);
    supervisor.add(ended);
    supervisor.remove(ended);
    await supervisor.close();
    await until(() => !isRunning(known));
    expect([isRunning(ended), isRunning(other)]).toEqual([true, true]);
    expect(existsSync(join(directory, 'ours'))).toBe(false);
    expect(existsSync(join(directory, 'theirs'))).toBe(true);
    await supervisor.close();
  });

  test('takes a directory whatever its name', async () => {
    const odd = join(directory, '-rf $(touch x) "a\' b');
    await mkdir(odd);
    await new ProcessSupervisor(odd).close();
    expect(existsSync(odd)).toBe(false);
    expect(() => new ProcessSupervisor('relative')).toThrow(TypeError);
  });
});

test('when the server is killed outright, its environments and temporary files are gone within 2 s', async () => {
  await mkdir(join(directory, 'f'));
  await mkdir(join(directory, 'state'));
  await writeFile(
    join(directory, 'f/index.js'),
    `const { spawn } = require('child_process');
     exports.handler = async () => {
       const child = spawn('/bin/sleep', ['600']);
       await new Promise((r) => setTimeout(r, 300));
       return [process.pid, child.pid];
     };`,
  );
  const script = fileURLToPath(new URL('../test/killed-server.js', import.meta.url));
  const server = spawn(process.execPath, [script, directory, TEST_BOOTSTRAP], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const { pids, runs } = JSON.parse(line.toString()) as { pids: number[]; runs: string[] };
  expect(new Set(pids.filter(isRunning)).size).toBe(4);
  expect(runs).toHaveLength(1);
  server.kill('SIGKILL');
  const killedAtMs = performance.now();
  await until(() => !pids.some(isRunning) && !runs.some((run) => existsSync(join(directory, 'state', run))));
  expect(performance.now() - killedAtMs).toBeLessThan(2000);
  expect(existsSync(join(directory, 'state/logs'))).toBe(true);
});
