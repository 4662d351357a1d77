import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webAdapterLayer } from './web-adapter-layer.ts';

let directory: string;

beforeEach(async () => {
  directory = await webAdapterLayer(await mkdtemp(join(tmpdir(), 'spillway-layer-')));
});

afterEach(() => rm(directory, { recursive: true }));

const run = (path: string, env: NodeJS.ProcessEnv) =>
  spawnSync(join(directory, path), ['ignored'], { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' });

describe('the layer', () => {
  it('starts the handler as a program', () => {
    const { stdout } = run('bootstrap', { LAMBDA_TASK_ROOT: '/bin', _HANDLER: 'pwd' });
    expect(stdout.trim()).toBe(process.cwd());
  });

  it('says what is wrong with a handler that is none', () => {
    const { stderr, status } = run('bootstrap', {
      LAMBDA_TASK_ROOT: directory,
      _HANDLER: 'lambda_function.lambda_handler',
    });
    expect(stderr).toBe(
      `${directory}/bootstrap: line 3: ${directory}/lambda_function.lambda_handler: No such file or directory\n`,
    );
    expect(status).toBe(127);
  });

  it('starts the adapter, whatever options the app has for Node.js', () => {
    const { stderr, status } = run('extensions/lambda-adapter', {
      NODE_OPTIONS: '--require nothing',
      AWS_LWA_PORT: 'none',
    });
    expect(stderr).toBe('Error: "Invalid healthcheck URL configuration (host=127.0.0.1, port=none, path=/)"\n');
    expect(status).toBe(1);
  });
});
