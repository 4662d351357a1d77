import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
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

function startGroup(options: SpawnOptions = {}): number {
  const child = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore', ...options });
  groups.push(child);
  return child.pid ?? 0;
}

/** The child has a session of its own and an empty environment. */
async function startGroupAndChild(options: SpawnOptions): Promise<readonly number[]> {
  const script = `
    const child = require('child_process').spawn('/bin/sleep', ['600'], { detached: true, env: {}, stdio: 'ignore' });
    console.log(child.pid);`;
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const parent = spawn(process.execPath, ['-e', script], { detached: true, ...options, stdio: [...stdio] });
  groups.push(parent);
  const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
  return [parent.pid ?? 0, Number(line.toString())];
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

  test.skipIf(process.platform !== 'linux')(
    'kills what left its group, by what it inherited, and its children',
    async () => {
      const env = (AWS_LAMBDA_RUNTIME_API: string) => ({ ...process.env, AWS_LAMBDA_RUNTIME_API });
      const supervisor = new ProcessSupervisor(join(directory, 'ours'));
      const ours = startGroup({ env: env('127.0.0.1:3456') });
      const cleared = await startGroupAndChild({ env: env('127.0.0.1:3457') });
      const others = [
        startGroup({ env: env('127.0.0.1:34567') }),
        startGroup({ env: { ...process.env, OTHER_AWS_LAMBDA_RUNTIME_API: '127.0.0.1:3456' } }),
        startGroup({ env: env('127.0.0.1:3458') }),
      ];
      for (const port of [3456, 3457, 3458]) supervisor.addEnvironment(`127.0.0.1:${port}`);
      supervisor.removeEnvironment('127.0.0.1:3458');
      await supervisor.close();
      await until(() => ![ours, ...cleared].some(isRunning));
      expect(others.map(isRunning)).toEqual([true, true, true]);
    },
  );

  // For root all directories can be written to.
  test('removes directories that were made read-only, and no more', async () => {
    await mkdir(join(directory, 'theirs'), { mode: 0o555 });
    await symlink(join(directory, 'theirs'), join(directory, 'ours/deep/link'));
    for (const mode of [0o555, 0]) {
      const path = join(directory, `ours/deep/${mode}`);
      await mkdir(path);
      await writeFile(join(path, 'file'), '');
      await chmod(path, mode);
    }
    await new ProcessSupervisor(join(directory, 'ours')).close();
    expect(existsSync(join(directory, 'ours'))).toBe(false);
    expect((await stat(join(directory, 'theirs'))).mode & 0o777).toBe(0o555);
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
       const daemon = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore' });
       await new Promise((r) => setTimeout(r, 300));
       return [process.pid, child.pid, ...(process.platform === 'linux' ? [daemon.pid] : [])];
     };`,
  );
  const script = fileURLToPath(new URL('../test/killed-server.js', import.meta.url));
  const server = spawn(process.execPath, [script, directory, TEST_BOOTSTRAP], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const { pids, runs } = JSON.parse(line.toString()) as { pids: number[]; runs: string[] };
  expect(new Set(pids.filter(isRunning)).size).toBe(process.platform === 'linux' ? 6 : 4);
  expect(runs).toHaveLength(1);
  server.kill('SIGKILL');
  const killedAtMs = performance.now();
  await until(() => !pids.some(isRunning) && !runs.some((run) => existsSync(join(directory, 'state', run))));
  expect(performance.now() - killedAtMs).toBeLessThan(2000);
  expect(existsSync(join(directory, 'state/logs'))).toBe(true);
});
