import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program is; undefined when it is not installed. */
export function programPath(...names: readonly string[]): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return names
    .flatMap((name) => directories.map((directory) => join(directory, name)))
    .find((path) => existsSync(path));
}

/** Whether it is installed, and runs. */
export const runs = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/** Runs a client in a directory, as a person in a terminal of UTF-8 does, to its end. Returns its exit code. */
export async function runIn(directory: string, program: string, ...args: readonly string[]): Promise<number | string> {
  const env = { PATH: process.env['PATH'], HOME: directory, LC_ALL: 'C.UTF-8' };
  const child = spawn(program, args, { cwd: directory, env, stdio: 'ignore' });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return code ?? signal ?? 'ended';
}

export const sha256Of = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
