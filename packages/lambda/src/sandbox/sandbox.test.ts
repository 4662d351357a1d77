import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { isRunning, startTestLambda, type TestLambda, type TestLambdaOptions } from '../../test/test-lambda.ts';
import { openSandbox } from './sandbox.ts';

let lambda: TestLambda | undefined;
afterEach(() => lambda?.close());

const start = async (options: TestLambdaOptions = {}) => {
  lambda = await startTestLambda({ sandbox: 'auto', ...options });
  return lambda;
};

/** Each directory of the place holds a file of its name. What it gives back runs a script there. */
async function placeBelow(directory: string, keptPaths: readonly string[]) {
  const sandbox = await openSandbox({ setting: 'auto', directory, keptPaths, report: () => {} });
  const at = async (name: string) => {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, name), name);
    return join(directory, name);
  };
  const directories = { taskRoot: await at('task'), optDirectory: await at('opt'), langDirectory: await at('lang') };
  const place = sandbox.place({ ...directories, temporaryDirectory: await at('tmp') }, []);
  expect(place.isSandbox).toBe(true);
  return (script: string) => {
    const launch = place.launch({ command: '/bin/sh', arguments: ['-c', script], environment: {} });
    return execFileSync(launch.command, launch.arguments, { env: { PATH: '/usr/bin:/bin' } }).toString();
  };
}

/** This host may not let us. */
const probe = await mkdtemp(join(tmpdir(), 'spillway-sandbox-'));
const { isOpen } = await openSandbox({ setting: 'auto', directory: probe, keptPaths: [], report: () => {} });
await rm(probe, { recursive: true });

const LOOK = `
const { existsSync, writeFileSync, readFileSync } = require('fs');
const tries = (path) => { try { writeFileSync(path, 'x'); return 'written'; } catch ({ code }) { return code; } };
// Slow enough that two of them meet.
exports.handler = async (event) => (event.name && await new Promise((r) => setTimeout(r, 300)), {
  directory: process.cwd(),
  file: __filename,
  task: tries('/var/task/x'),
  opt: tries('/opt/x'),
  tmp: tries('/tmp/' + (event.name ?? 'x')),
  seen: existsSync('/tmp/' + event.other),
  layer: existsSync('/opt/layer.txt') && readFileSync('/opt/layer.txt', 'utf8'),
  temporary: require('os').tmpdir(),
  mode: (require('fs').statSync('/tmp').mode & 0o7777).toString(8),
  user: process.getuid(),
  pid: process.pid,
  group: Number(readFileSync('/proc/self/stat', 'utf8').split(' ')[4]),
  server: existsSync(event.host),
  variables: process.env,
});`;

type Seen = Readonly<Record<string, unknown>> & { readonly variables: Readonly<Record<string, string>> };

describe.skipIf(!isOpen)('in a mount namespace', () => {
  test("a function finds AWS's paths, and can write to /tmp alone", async () => {
    const { make, call, directory } = await start();
    await mkdir(join(directory, 'layer'));
    await writeFile(join(directory, 'layer/layer.txt'), 'from the layer');
    await make(LOOK, {
      layers: [{ kind: 'directory', path: join(directory, 'layer'), name: 'l' }],
      environment: { LD_PRELOAD_OF_MINE: '1' },
    });
    const seen = (await call({ host: directory })) as Seen;
    expect(seen).toMatchObject({
      directory: '/var/task',
      file: '/var/task/index.js',
      opt: 'EROFS',
      task: 'EROFS',
      tmp: 'written',
      temporary: '/tmp',
      mode: '1777',
      layer: 'from the layer',
      user: process.getuid?.(),
      // What lies below the host's /tmp is hidden, but for what is running.
      server: false,
    });
    expect(seen.variables).toMatchObject({ LAMBDA_TASK_ROOT: '/var/task', PWD: '/var/task', SHLVL: '0' });
    expect(seen.variables['PATH']).toBe('/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin');
    expect(seen.variables['NODE_PATH']).toMatch(/^\/opt\/nodejs\/node20\/node_modules:\/opt\/nodejs\/node_modules:/);
    expect(seen.variables['LD_LIBRARY_PATH']).toBe('/var/task:/var/task/lib:/opt/lib');
    for (const name of ['OLDPWD', 'TMPDIR']) expect(seen.variables).not.toHaveProperty(name);
  });

  test('each environment has its own /tmp, which the host does not see; the process leads its group', async () => {
    const { make, call } = await start();
    await make(LOOK);
    const names = ['spillway-a', 'spillway-b'];
    const seen = (await Promise.all(
      names.map((name) => call({ name, other: names.find((other) => other !== name) })),
    )) as Seen[];
    expect(seen.map((each) => each['seen'])).toEqual([false, false]);
    expect(seen.map((each) => each['group'])).toEqual(seen.map((each) => each['pid']));
    expect(names.some((name) => existsSync(`/tmp/${name}`))).toBe(false);
    expect(existsSync('/var/task')).toBe(false);
    await lambda?.close();
    expect(seen.map((each) => Number(each['pid'])).filter(isRunning)).toEqual([]);
  });

  test('a function that clears its /tmp clears nothing of the host, not even what it needs from there', async () => {
    const kept = await mkdtemp(join(tmpdir(), 'spillway-kept-'));
    await writeFile(join(kept, 'file'), 'kept');
    const directory = await mkdtemp(join(tmpdir(), 'spillway-run-'));
    const run = await placeBelow(directory, [kept]);
    const seen = run(`cat ${kept}/file; touch /tmp/own; rm -rf /tmp/* 2>/dev/null; ls /tmp ${kept}`);
    expect(seen.split(/\s+/).filter((word) => !word.includes('/'))).toEqual([kept.split('/').at(-1), 'file', '']);
    expect(await readFile(join(kept, 'file'), 'utf8')).toBe('kept');
    for (const each of [kept, directory]) await rm(each, { recursive: true });
  });

  test.skipIf(process.getuid?.() !== 0).each(['/opt', '/var', '/var/tmp', '/home', '/tmp'])(
    'the state may lie below %s',
    async (parent) => {
      const directory = await mkdtemp(join(parent, 'spillway-run-'));
      const run = await placeBelow(directory, []);
      expect(run('pwd; cat /var/task/task /opt/opt /tmp/tmp /var/lang/lang; ls -d /var/log')).toBe(
        '/var/task\ntaskopttmplang/var/log\n',
      );
      expect(run('touch /opt/x /var/task/x /var/lang/x 2>/dev/null; touch /tmp/x; cd /tmp; ls')).toBe('tmp\nx\n');
      await rm(directory, { recursive: true });
    },
  );

  test('memory is still measured, and its limit holds', async () => {
    const { make, call } = await start();
    await make(
      'exports.handler = () => { globalThis.held = Buffer.alloc(3e8, 1); return new Promise(() => setInterval(() => {}, 1000)); };',
    );
    await expect(call({})).rejects.toMatchObject({ errorType: 'Runtime.OutOfMemory' });
  });

  test('links that lead out of the code keep the function at its real place, and the log says so', async () => {
    const lines: string[] = [];
    const { make, call, directory } = await start({ report: (line) => lines.push(line) });
    await mkdir(join(directory, 'f'));
    await mkdir(join(directory, 'shared'));
    await writeFile(join(directory, 'shared/index.js'), 'module.exports = 42;');
    await symlink('../shared', join(directory, 'f/shared'));
    await make('exports.handler = () => [process.cwd(), require("./shared")];');
    expect(await call({})).toEqual([join(directory, 'f'), 42]);
    expect(lines).toEqual([
      expect.stringMatching(/^Function f: shared is a link that leads out of the function's code/),
    ]);
  });

  test('a debugger gets the real files', async () => {
    const { make, call, directory } = await start({ inspect: new Map([['f', 0]]) });
    await make('exports.handler = () => __filename;');
    expect(await call({})).toBe(join(directory, 'f/index.js'));
  });
});

test.skipIf(!isOpen || process.getuid?.() !== 0)('an ordinary user has the same', async () => {
  // A process of another user, which reads this source through the dist that is built from it.
  const directory = await mkdtemp(join(tmpdir(), 'spillway-user-'));
  await chmod(directory, 0o777);
  const script = `
    import { openSandbox } from ${JSON.stringify(join(import.meta.dirname, '../../dist/sandbox/sandbox.js'))};
    import { mkdirSync, writeFileSync } from 'node:fs';
    import { execFileSync } from 'node:child_process';
    const at = (name) => { mkdirSync(${JSON.stringify(directory)} + '/' + name); return ${JSON.stringify(directory)} + '/' + name; };
    const lines = [];
    const sandbox = await openSandbox({ setting: 'auto', directory: at('run'), keptPaths: [], report: (line) => lines.push(line) });
    const place = sandbox.place({ taskRoot: at('task'), optDirectory: at('opt'), temporaryDirectory: at('tmp'), langDirectory: at('lang') }, []);
    const script = 'id -u; pwd; touch /var/task/x 2>/dev/null || echo read-only; touch /tmp/x && ls /tmp; grep CapEff /proc/self/status';
    const launch = place.launch({ command: '/bin/sh', arguments: ['-c', script], environment: {} });
    console.log(JSON.stringify([sandbox.isOpen, lines, execFileSync(launch.command, launch.arguments, { env: {} }).toString()]));`;
  const asUser = [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ];
  const [isOpenToo, lines, output] = JSON.parse(execFileSync('setpriv', asUser).toString()) as [
    boolean,
    string[],
    string,
  ];
  await rm(directory, { recursive: true });
  expect(isOpenToo).toBe(true);
  expect(lines).toEqual([]);
  expect(output.split('\n').map((line) => line.trim())).toEqual([
    '65534',
    '/var/task',
    'read-only',
    'x',
    'CapEff:\t0000000000000000',
    '',
  ]);
});

describe('without one', () => {
  test('a function finds the real directories, and the log names what needs the others', async () => {
    const lines: string[] = [];
    const { make, call, directory, logText } = await start({ sandbox: 'off', report: (line) => lines.push(line) });
    await mkdir(join(directory, 'layer'));
    await writeFile(join(directory, 'layer/wrap'), '#!/bin/sh\nexport WRAPPED=1\nexec "$@"\n');
    await chmod(join(directory, 'layer/wrap'), 0o755);
    await make('exports.handler = () => process.env;', {
      layers: [{ kind: 'directory', path: join(directory, 'layer'), name: 'l' }],
      environment: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrap', MODEL: '/opt/model.bin', OTHER: '/srv/x' },
    });
    const variables = (await call({})) as Record<string, string>;
    const opt = variables['AWS_LAMBDA_EXEC_WRAPPER']?.replace(/\/wrap$/, '') ?? '';
    expect(variables).toMatchObject({ WRAPPED: '1', LAMBDA_TASK_ROOT: join(directory, 'f'), MODEL: '/opt/model.bin' });
    expect(variables['PATH']?.endsWith(`:${opt}/bin`)).toBe(true);
    expect(variables['NODE_PATH']?.startsWith(`${opt}/nodejs/node20/node_modules:`)).toBe(true);
    const note = 'MODEL names a path below /var/task, /opt or /tmp, which the function has on Lambda but not here.';
    expect(lines).toEqual([expect.stringContaining(note)]);
    expect(await logText()).toContain(`[spillway] ${note}`);
  });
});

test.each([
  ['missing', '/opt/gone', 'exit status 127', '/opt/gone: does not exist'],
  ['not executable', '/opt/plain', 'exit status 126', '/opt/plain: is not an executable'],
])('a wrapper that is %s ends the runtime as on Lambda', async (_, wrapper, text, line) => {
  const { make, call, directory, logText } = await start();
  await mkdir(join(directory, 'layer'));
  await writeFile(join(directory, 'layer/plain'), '');
  await make('', {
    layers: [{ kind: 'directory', path: join(directory, 'layer'), name: 'l' }],
    environment: { AWS_LAMBDA_EXEC_WRAPPER: wrapper },
  });
  await expect(call({})).rejects.toMatchObject({ payload: expect.stringContaining(text) });
  expect((await logText()).replaceAll(/\S*\/opt-\w+/g, '/opt')).toContain(line);
});
