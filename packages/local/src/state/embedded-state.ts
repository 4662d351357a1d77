// What the APIs made, kept across restarts: one LMDB database, `state.mdb` in the state directory, whose binary comes with its package.
// All changes of one write are one transaction, and it settles when the disk has them: neither a killed process nor a power cut leaves half
// of one, or loses one that was acknowledged. Beside it, as files: the bytes and metadata of objects, buckets (written by rename), the code
// of functions, and log events (appended to; a line that was cut is left out).
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type StateStore, type StateTable, UsageError } from '@spillway/wire';
import type { Database, RootDatabase } from 'lmdb';
import { databaseFault } from './database-header.ts';

/** Of what this version writes. A database of another one is refused, since it may hold what is not understood here. */
const FORMAT_VERSION = 1;

const MAX_TABLES = 64;
/** LMDB's, of what it makes of a key: its UTF-8 bytes, some of them escaped, and an end. */
const MAX_KEY_BYTES = 1900;

/** A StateStore on disk. */
export interface EmbeddedState extends StateStore {
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/**
 * Opens the database in `directory`, or makes it. The directory must be this process's alone.
 * @throws UsageError when it is damaged or was written by another version.
 */
export async function openEmbeddedState(directory: string): Promise<EmbeddedState> {
  const path = join(directory, 'state.mdb');
  assertReadable(path);
  const root = await openDatabase(path);
  try {
    checkFormat(root, path);
  } catch (error) {
    await root.close();
    throw error;
  }
  return {
    table: <Value>(name: string) => tableOf<Value>(root.openDB({ name: `table:${name}` })),
    close: () => root.close(),
  };
}

/** An empty file is what a start leaves that was killed at once. */
function assertReadable(path: string): void {
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const fault = sizeBytes === 0 ? undefined : databaseFault(path, sizeBytes);
  if (fault !== undefined) throw damaged(path, fault);
}

async function openDatabase(path: string): Promise<RootDatabase<string, string>> {
  // Loaded only here: a start without a state directory does not pay for it.
  const { open } = await import('lmdb');
  try {
    // Without overlappingSync a transaction is on the disk when it settles.
    return open<string, string>({ path, encoding: 'string', maxDbs: MAX_TABLES, overlappingSync: false });
  } catch (error) {
    throw damaged(path, (error as Error).message, error);
  }
}

function checkFormat(root: RootDatabase<string, string>, path: string): void {
  const format = root.get('format');
  if (format === undefined && root.getKeysCount() === 0) root.putSync('format', String(FORMAT_VERSION));
  else if (format === undefined) throw damaged(path, 'it names no format');
  else if (format !== String(FORMAT_VERSION)) {
    throw new UsageError(
      `The state in ${path} has the format ${format}; this version of Spillway knows ${FORMAT_VERSION}. Use the version that wrote it, or another --state directory.`,
    );
  }
}

function tableOf<Value>(database: Database<string, string>): StateTable<Value> {
  return {
    *entries() {
      for (const { key, value } of database.getRange()) yield [key, JSON.parse(value) as Value];
    },
    write: async (changes) => {
      // Before the first change is queued: what fails from there on leaves nothing.
      const rows = changes.map(({ key, value }) => ({ key: checkedKey(key), text: JSON.stringify(value) }));
      await database.batch(() => {
        for (const { key, text } of rows) {
          if (text === undefined) void database.remove(key);
          else void database.put(key, text);
        }
      });
    },
  };
}

function checkedKey(key: string): string {
  if (key !== '' && Buffer.byteLength(key) <= MAX_KEY_BYTES) return key;
  throw new TypeError(`A key of the state has 1 to ${MAX_KEY_BYTES} bytes, not ${Buffer.byteLength(key)}.`);
}

const damaged = (path: string, what: string, cause?: unknown) =>
  new UsageError(
    `The state in ${path} is damaged: ${what}. Restore it, or remove it and make again what it held.`,
    cause === undefined ? undefined : { cause },
  );
