import { readdirSync, readFileSync } from 'node:fs';

// Processes that left the process groups of their environment (a reloader's child, a daemon) would outlive it. On Linux they can be told by
// what they inherited, and by whose children they are; elsewhere only the groups end.

/** One process of an environment. The time of its start (since boot, in ticks) tells it from a later one with its id. */
export interface EnvironmentProcess {
  readonly processId: number;
  readonly startTime: number;
}

interface KnownProcess extends EnvironmentProcess {
  readonly parentId: number;
  readonly isMarked: boolean;
}

/** Between a look and its kill a process may start another one. */
const MAX_LOOKS = 5;

/** Sends a signal to a whole process group; nothing happens when it is gone. */
export function signalGroup(processGroupId: number, signal: NodeJS.Signals): void {
  signalIfThere(-processGroupId, signal);
}

/** All processes whose environment has the variable AWS_LAMBDA_RUNTIME_API with this value, and their descendants. */
export const processesOf = (runtimeApiAddress: string): readonly EnvironmentProcess[] =>
  ofEnvironment(knownProcesses(runtimeApiAddress));

/** Kills them, and those of `before` that are left: once a parent has ended, nobody can tell whose they are. */
export function killProcessesOf(runtimeApiAddress: string, before: readonly EnvironmentProcess[]): void {
  const keys = new Set(before.map(keyOf));
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const found = ofEnvironment(knownProcesses(runtimeApiAddress, keys));
    if (found.length === 0) return;
    for (const { processId } of found) signalIfThere(processId, 'SIGKILL');
  }
}

function ofEnvironment(known: readonly KnownProcess[]): readonly EnvironmentProcess[] {
  const found = new Set(known.filter(({ isMarked }) => isMarked).map(({ processId }) => processId));
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { processId, parentId } of known) if (found.has(parentId)) found.add(processId);
  }
  return known.filter(({ processId }) => found.has(processId));
}

/** `keys`: of processes that count as marked. */
function knownProcesses(runtimeApiAddress: string, keys: ReadonlySet<string> = new Set()): readonly KnownProcess[] {
  if (process.platform !== 'linux') return [];
  const mark = `\0AWS_LAMBDA_RUNTIME_API=${runtimeApiAddress}\0`;
  const since = statOf(process.pid)?.startTime ?? 0;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== undefined)
    .filter(({ processId, startTime }) => startTime >= since && processId !== process.pid)
    .map((stat) => ({ ...stat, isMarked: keys.has(keyOf(stat)) || isMarked(stat.processId, mark) }));
}

/** Undefined for one that has ended, if only its parent has not noticed yet. */
function statOf(processId: number): Omit<KnownProcess, 'isMarked'> | undefined {
  const stat = readProc(`/proc/${processId}/stat`);
  // The name is in parentheses and may hold any character. What follows it is field 3, so that field 22 is the time of the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parentId] = fields;
  const startTime = fields[19];
  if (!parentId || !startTime || state === 'Z' || state === 'X') return undefined;
  return { processId, startTime: Number(startTime), parentId: Number(parentId) };
}

const isMarked = (processId: number, mark: string) => `\0${readProc(`/proc/${processId}/environ`)}`.includes(mark);

const keyOf = ({ processId, startTime }: EnvironmentProcess) => `${processId} ${startTime}`;

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function signalIfThere(processId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(processId, signal);
  } catch {
    // ESRCH: it has ended.
  }
}
