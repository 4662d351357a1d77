import { constants } from 'node:fs';
import { lstat, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { Interval } from '../intervals.ts';
import type { Version } from '../version.ts';

/** What is kept beside a part while it grows. No header is: it may be a secret, and so may a query. */
export interface PartState {
  /** Without query, fragment and user. */
  readonly url: string;
  readonly version: Version;
  readonly sizeBytes: number;
  readonly done: readonly Interval[];
  /** Of the process that writes it. */
  readonly pid: number;
  /** Of the part: a state that two processes raced for is never taken for that of the other's part. */
  readonly inode: string;
}

/** Changes when the file's form does. */
const FORMAT = 'spillway-part-2';

export const partPath = (file: string): string => `${file}.part`;
const statePath = (file: string): string => `${file}.part.json`;

/** The address of an object, without what may be secret or change from day to day. */
export function publicUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** In one step: a state is whole, the old one or the new. */
export async function writePartState(file: string, state: PartState): Promise<void> {
  const path = statePath(file);
  await writeFile(`${path}.new`, JSON.stringify({ format: FORMAT, ...state }), { mode: 0o600, flag: NEW_STATE_FLAGS });
  await rename(`${path}.new`, path);
}

/** Whoever else may write to the directory: no link of theirs is followed. */
const NEW_STATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** The file that has the part's name, whatever becomes of the name; undefined when nothing has it. */
export async function partInode(file: string): Promise<string | undefined> {
  const stats = await lstat(partPath(file), { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return stats?.isFile() ? String(stats.ino) : undefined;
}

export async function removePartState(file: string): Promise<void> {
  await rm(`${statePath(file)}.new`, { force: true });
  await rm(statePath(file), { force: true });
}

/** Undefined when there is none, it is none of ours, or the part is not what it says. */
export async function readPartState(file: string): Promise<PartState | undefined> {
  try {
    const state: unknown = JSON.parse(await readFile(statePath(file), 'utf8'));
    if (!isPartState(state)) return undefined;
    if (state.inode !== (await partInode(file))) return undefined;
    const { size } = await stat(partPath(file));
    return state.done.every(({ end }) => end <= size && end <= state.sizeBytes) ? state : undefined;
  } catch {
    return undefined;
  }
}

function isPartState(value: unknown): value is PartState {
  const state = value as Partial<Record<keyof PartState | 'format', unknown>> | null;
  return (
    state?.format === FORMAT &&
    typeof state.url === 'string' &&
    Number.isSafeInteger(state.sizeBytes) &&
    typeof (state.version as Version | undefined)?.isStrong === 'boolean' &&
    Array.isArray(state.done) &&
    state.done.every(isInterval)
  );
}

const isInterval = (value: Partial<Interval> | null): boolean =>
  Number.isSafeInteger(value?.start) && Number.isSafeInteger(value?.end) && 0 <= Number(value?.start);

/** A state that is not written anew for so long is left over, whoever has its process's number now. */
const HELD_MS = 10_000;
/** How often its owner writes it at least. */
export const HOLD_INTERVAL_MS = 2_000;

/** The process that downloads to this file at the moment. */
export async function holderOf(file: string, state: PartState): Promise<number | undefined> {
  if (state.pid === process.pid || !isAlive(state.pid)) return undefined;
  const { mtimeMs } = await stat(statePath(file));
  return Date.now() - mtimeMs < HELD_MS ? state.pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
