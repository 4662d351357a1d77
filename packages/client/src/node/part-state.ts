import { constants } from 'node:fs';
import { lstat, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DownloadError } from '../download-error.ts';
import type { Version } from '../version.ts';
import type { SummedInterval } from './summed-intervals.ts';

/** What is kept beside a part while it grows. No header is: it may be a secret, and so may a query. */
export interface PartState {
  /** Without query, fragment and user. */
  readonly url: string;
  /** A digest of what of the query names the object. */
  readonly query: string;
  readonly version: Version;
  /** Missing where the server did not tell: then there is nothing to go on from. */
  readonly sizeBytes?: number;
  /** With what was written there: bytes that are others by now are none of this part. */
  readonly done: readonly SummedInterval[];
  /** Of the process that writes it. */
  readonly pid: number;
  /** Of the part: a state that two processes raced for is never taken for that of the other's part. */
  readonly inode: string;
}

/** Changes when the file's form does. */
const FORMAT = 'spillway-part-3';
/** Of every form that there was. */
const ANY_FORMAT = /^spillway-part-\d+$/;

export const partPath = (file: string): string => `${file}.part`;
const statePath = (file: string): string => `${file}.part.json`;

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
  const state = await readState(file);
  if (!isPartState(state) || (await isPlanted(file))) return undefined;
  if (state.inode !== (await partInode(file))) return undefined;
  const { size } = await stat(partPath(file));
  return state.done.every(({ end }) => end <= size && end <= (state.sizeBytes ?? 0)) ? state : undefined;
}

type Unchecked = Partial<Record<keyof PartState | 'format', unknown>> | null | undefined;

async function readState(file: string): Promise<Unchecked> {
  const text = await readFile(statePath(file), 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as Unchecked;
  } catch {
    return undefined;
  }
}

function isPartState(state: Unchecked): state is PartState & NonNullable<Unchecked> {
  return (
    state?.format === FORMAT &&
    typeof state.url === 'string' &&
    typeof state.query === 'string' &&
    (state.sizeBytes === undefined || Number.isSafeInteger(state.sizeBytes)) &&
    typeof (state.version as Version | undefined)?.isStrong === 'boolean' &&
    Array.isArray(state.done) &&
    state.done.every(isInterval)
  );
}

const isInterval = (value: Partial<SummedInterval> | null): boolean =>
  [value?.start, value?.end, value?.crc32].every((number) => Number.isSafeInteger(number) && Number(number) >= 0);

/** In a directory such as `/tmp` others may put a part, but take no file away: what they put there would stay theirs to write. */
async function isPlanted(file: string): Promise<boolean> {
  const { mode } = await stat(dirname(file));
  if ((mode & STICKY) === 0) return false;
  const stats = await Promise.all([partPath(file), statePath(file)].map((path) => lstat(path).catch(() => undefined)));
  return stats.some((each) => each !== undefined && each.uid !== process.getuid?.());
}

const STICKY = 0o1000;

/** @throws DownloadError FileExists when what has the part's name, or the state's, was left by no download: it may be somebody's work. */
export async function requireNoForeignPart(file: string): Promise<void> {
  const state = await readState(file);
  const isOurs = ANY_FORMAT.test(String(state?.format));
  if (!isOurs && (await hasContent(statePath(file)))) throw foreign(statePath(file));
  // Else the part was moved away, and a new one has its name. Of an older form no more is known than whose it is.
  const isOurPart =
    state?.format === FORMAT
      ? (await readPartState(file)) !== undefined
      : isOurs && state?.inode === (await partInode(file));
  if (!isOurPart && (await hasContent(partPath(file)))) throw foreign(partPath(file));
}

const foreign = (path: string) =>
  new DownloadError('FileExists', `${path} is there, and no download left it: move it away, or choose another name`);

/** Whether something would be lost with it. */
async function hasContent(path: string): Promise<boolean> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return stats !== undefined && !(stats.isFile() && stats.size === 0);
}

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
