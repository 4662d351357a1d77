import { readdirSync, readFileSync } from 'node:fs';

// Processes that left the process groups of their environment (a reloader's child, a daemon) would outlive it. On Linux they can be told by
// what they inherited, and by whose children they are; elsewhere only the groups end.

interface KnownProcess {
  readonly processId: number;
  readonly parentId: number;
  readonly isMarked: boolean;
}

/** Between a look and its kill a process may start another one. */
const MAX_LOOKS = 5;

/** Sends a signal to a whole process group; nothing happens when it is gone. */
export function signalGroup(processGroupId: number, signal: NodeJS.Signals): void {
  signalIfThere(-processGroupId, signal);
}

/** Kills all processes, and their descendants, whose environment has the variable AWS_LAMBDA_RUNTIME_API with this value. */
export function killProcessesOf(runtimeApiAddress: string): void {
  if (process.platform !== 'linux') return;
  const mark = `\0AWS_LAMBDA_RUNTIME_API=${runtimeApiAddress}\0`;
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const found = processesWith(mark);
    if (found.length === 0) return;
    for (const processId of found) signalIfThere(processId, 'SIGKILL');
  }
}

function processesWith(mark: string): readonly number[] {
  const known = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => knownProcess(Number(name), mark))
    .filter((one) => one !== undefined);
  const found = new Set(known.filter(({ isMarked }) => isMarked).map(({ processId }) => processId));
  if (found.size === 0) return [];
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { processId, parentId } of known) if (found.has(parentId)) found.add(processId);
  }
  return [...found];
}

/** Undefined for one that has ended, if only its parent has not noticed yet, and for this one. */
function knownProcess(processId: number, mark: string): KnownProcess | undefined {
  if (processId === process.pid) return undefined;
  const stat = readProc(`/proc/${processId}/stat`);
  // The name is in parentheses and may hold any character.
  const [state, parentId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!parentId || state === 'Z' || state === 'X') return undefined;
  const isMarked = `\0${readProc(`/proc/${processId}/environ`)}`.includes(mark);
  return { processId, parentId: Number(parentId), isMarked };
}

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
