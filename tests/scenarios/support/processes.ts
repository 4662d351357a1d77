import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine, from Linux's /proc. */
export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
  readonly peakBytes: number;
}

/** The processes below `pid`, itself included; those that end meanwhile are left out. */
export function family(pid: number): readonly ProcessInfo[] {
  const info = processInfo(pid);
  return info === undefined ? [] : [info, ...childrenOf(pid).flatMap(family)];
}

/** Whether there is such a process; a zombie counts as ended. */
export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== undefined && !/\) Z /.test(stat);
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      (read(`/proc/${pid}/task/${task}/children`) ?? '').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function processInfo(pid: number): ProcessInfo | undefined {
  const status = read(`/proc/${pid}/status`);
  const command = read(`/proc/${pid}/cmdline`);
  if (status === undefined || command === undefined) return undefined;
  const peakKib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return { pid, command: command.replaceAll('\0', ' ').trim(), peakBytes: peakKib * 1024 };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
