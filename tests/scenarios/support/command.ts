import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BIN = fileURLToPath(new URL('../../../packages/cli/bin/spillway.js', import.meta.url));

/** A `spillway` command in a process of its own. */
export interface Command {
  readonly child: ChildProcess;
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Resolves when what it prints holds the pattern; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Exit code, or the signal that ended it. */
  ended(): Promise<number | string>;
}

export function spillway(args: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
  return observe(spawn(BIN, [...args], { stdio: STDIO, env: { ...process.env, ...env } }), args);
}

/** `npm start -- ARGS` as a terminal starts it: leader of a process group, which Ctrl-C reaches as a whole. */
export function npmStart(args: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
  const options = { cwd: ROOT, detached: true, stdio: STDIO, env: { ...process.env, ...env } };
  return observe(spawn('npm', ['start', '--', ...args], options), ['start', ...args]);
}

const STDIO: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];

function observe(child: ChildProcessByStdio<null, Readable, Readable>, args: readonly string[]): Command {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    child.emit('printed');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    child.emit('printed');
  });
  let exit: number | string | undefined;
  child.once('close', (code, signal) => {
    exit = code ?? signal ?? 'ended';
    child.emit('printed');
  });
  return {
    child,
    pid: child.pid ?? -1,
    stdout: () => stdout,
    stderr: () => stderr,
    printed: async (pattern) => {
      while (true) {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (match !== null) return match;
        if (exit !== undefined) throw new Error(`spillway ${args.join(' ')} ended with ${exit}: ${stdout}${stderr}`);
        await once(child, 'printed');
      }
    },
    ended: async () => {
      while (exit === undefined) await once(child, 'printed');
      return exit;
    },
  };
}
