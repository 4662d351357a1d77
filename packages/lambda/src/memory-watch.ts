import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:process';

const POLL_INTERVAL_MS = 100;
/** `ps` costs a process each time. */
const PS_INTERVAL_MS = 1000;

/** A process group of an environment. */
export interface MemoryGroup {
  /** The id of its first process too. */
  readonly processGroupId: number;
  /** What its first process counts as while it lives, in place of what it takes. */
  readonly countedBytes?: number | undefined;
}

/** The memory of the process groups of one environment. */
export interface WatchedMemory {
  /** The most it used at any one time, bytes. Takes a last look. */
  peakBytes(): number;
  stop(): void;
}

interface Watched {
  readonly groups: readonly MemoryGroup[];
  readonly limitBytes: number;
  readonly onOver: () => void;
  peakBytes: number;
}

/** Looks at all busy environments ten times a second, by one timer that runs only while there are any. */
export class MemoryWatch {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;

  /** `onOver` is called at every look that finds the groups together over their limit. */
  add(groups: readonly MemoryGroup[], limitBytes: number, onOver: () => void): WatchedMemory {
    const watched: Watched = { groups, limitBytes, onOver, peakBytes: 0 };
    this.#watched.add(watched);
    const intervalMs = platform === 'linux' ? POLL_INTERVAL_MS : PS_INTERVAL_MS;
    this.#timer ??= setInterval(() => this.#look(), intervalMs);
    return {
      peakBytes: () => {
        if (platform === 'linux') watched.peakBytes = Math.max(watched.peakBytes, sum(groups, highWaterMark));
        return watched.peakBytes;
      },
      stop: () => {
        this.#watched.delete(watched);
        if (this.#watched.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
      },
    };
  }

  #look(): void {
    if (platform === 'linux') {
      for (const watched of this.#watched) saw(watched, sum(watched.groups, residentBytes));
      return;
    }
    execFile('ps', ['-axo', 'pgid=,rss='], (error, table) => {
      if (error) return;
      const bytesByGroup = groupMemory(table);
      for (const watched of this.#watched)
        saw(
          watched,
          sum(watched.groups, (group) => counted(group, bytesByGroup.get(group.processGroupId) ?? 0)),
        );
    });
  }
}

const sum = (groups: readonly MemoryGroup[], bytesOf: (group: MemoryGroup) => number): number =>
  groups.reduce((total, group) => total + bytesOf(group), 0);

/** Nothing counts of a process that is gone. */
const counted = ({ countedBytes }: MemoryGroup, usedBytes: number): number =>
  usedBytes === 0 ? 0 : (countedBytes ?? usedBytes);

function saw(watched: Watched, usedBytes: number): void {
  watched.peakBytes = Math.max(watched.peakBytes, usedBytes);
  if (usedBytes > watched.limitBytes) watched.onOver();
}

/** Sums up `ps -o pgid=,rss=`, which counts in KiB. */
export function groupMemory(table: string): Map<number, number> {
  const bytesByGroup = new Map<number, number>();
  for (const [, group, kib] of table.matchAll(/^\s*(\d+)\s+(\d+)\s*$/gm)) {
    const id = Number(group);
    bytesByGroup.set(id, (bytesByGroup.get(id) ?? 0) + Number(kib) * 1024);
  }
  return bytesByGroup;
}

/** Of the first process and its descendants, as far as their main threads started them. */
function residentBytes(group: MemoryGroup): number {
  const { processGroupId } = group;
  const own = counted(group, statusBytes(processGroupId, 'VmRSS'));
  return own === 0 ? 0 : children(processGroupId).reduce((sum, child) => sum + treeBytes(child), own);
}

const treeBytes = (processId: number): number => residentBytes({ processGroupId: processId });

const highWaterMark = (group: MemoryGroup) => counted(group, statusBytes(group.processGroupId, 'VmHWM'));

/** 0 for a process that is gone. */
function statusBytes(processId: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readProc(`/proc/${processId}/status`);
  const start = status.indexOf(`${field}:`);
  return start < 0 ? 0 : Number.parseInt(status.slice(start + field.length + 1), 10) * 1024;
}

const children = (processId: number): number[] =>
  readProc(`/proc/${processId}/task/${processId}/children`).split(' ').filter(Boolean).map(Number);

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
