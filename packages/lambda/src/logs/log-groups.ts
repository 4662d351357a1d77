import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError, type LogWriter, MemoryState, type StateStore, type StateTable } from '@spillway/wire';
import { LogStream, type LogStreamHead } from './log-stream.ts';

/** What is kept of a group that was made or set up by the API, beside its streams. */
export interface LogGroupSettings {
  readonly creationTime: number;
  readonly retentionInDays?: number;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * All log groups: events as files below one directory, a file a stream, settings in the state. What is there from before is found again.
 * Group and stream are made by their first event, if they were not before.
 */
export class LogGroups implements LogWriter {
  readonly #directory: string;
  readonly #report: (line: string) => void;
  readonly #groups = new Map<string, Map<string, LogStream>>();
  readonly #settings: Map<string, LogGroupSettings>;
  readonly #table: StateTable<LogGroupSettings>;
  #failed = false;

  constructor(directory: string, report: (line: string) => void, state: StateStore = new MemoryState()) {
    this.#directory = directory;
    this.#report = report;
    this.#table = state.table('log-groups');
    this.#settings = new Map(this.#table.entries());
    for (const logGroupName of this.#settings.keys()) this.#groups.set(logGroupName, new Map());
    mkdirSync(directory, { recursive: true });
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) this.#open(join(directory, entry.name));
    }
  }

  putLogEvent(logGroupName: string, logStreamName: string, message: string, timestampMs: number = Date.now()): void {
    const stream = this.#groups.get(logGroupName)?.get(logStreamName) ?? this.#create(logGroupName, logStreamName);
    stream?.put(timestampMs, message);
  }

  /** Of a group, or what a group has that was made by its first event. @throws AwsError `ResourceNotFoundException`. */
  settings(logGroupName: string): LogGroupSettings {
    const streams = this.streams(logGroupName);
    const creationTime = Math.min(...streams.map(({ head }) => head.creationTime));
    return this.#settings.get(logGroupName) ?? { creationTime, tags: {} };
  }

  /** @throws AwsError `ResourceNotFoundException`. */
  async changeSettings(logGroupName: string, change: (settings: LogGroupSettings) => LogGroupSettings): Promise<void> {
    await this.#put(logGroupName, change(this.settings(logGroupName)));
  }

  /** @throws AwsError `ResourceAlreadyExistsException`. */
  async createGroup(logGroupName: string, tags: LogGroupSettings['tags']): Promise<void> {
    if (this.#groups.has(logGroupName)) {
      throw new AwsError('ResourceAlreadyExistsException', { message: 'The specified log group already exists' });
    }
    this.#groups.set(logGroupName, new Map());
    try {
      await this.#put(logGroupName, { creationTime: Date.now(), tags });
    } catch (error) {
      this.#groups.delete(logGroupName);
      this.#settings.delete(logGroupName);
      throw error;
    }
  }

  /** With all its streams. @throws AwsError `ResourceNotFoundException`. */
  async deleteGroup(logGroupName: string): Promise<void> {
    for (const stream of this.streams(logGroupName)) stream.discard();
    this.#groups.delete(logGroupName);
    this.#settings.delete(logGroupName);
    rmSync(join(this.#directory, fileName(logGroupName)), { recursive: true, force: true });
    await this.#table.write([{ key: logGroupName, value: undefined }]);
  }

  /** @throws AwsError `ResourceNotFoundException`, `ResourceAlreadyExistsException`, `ServiceException` when it can't be written. */
  createStream(logGroupName: string, logStreamName: string): void {
    if (this.streams(logGroupName).some(({ head }) => head.logStreamName === logStreamName)) {
      throw new AwsError('ResourceAlreadyExistsException', { message: 'The specified log stream already exists' });
    }
    const stream = this.#create(logGroupName, logStreamName);
    if (stream === undefined) throw new AwsError('ServiceException');
    stream.flush();
  }

  /** @throws AwsError `ResourceNotFoundException`. */
  async deleteStream(logGroupName: string, logStreamName: string): Promise<void> {
    const stream = this.stream(logGroupName, logStreamName);
    // The group stays when its last stream goes.
    if (!this.#settings.has(logGroupName)) await this.#put(logGroupName, this.settings(logGroupName));
    stream.discard();
    this.#groups.get(logGroupName)?.delete(logStreamName);
    rmSync(join(this.#directory, fileName(logGroupName), streamFile(logStreamName)), { force: true });
  }

  async #put(logGroupName: string, settings: LogGroupSettings): Promise<void> {
    this.#settings.set(logGroupName, settings);
    await this.#table.write([{ key: logGroupName, value: settings }]);
  }

  /** Names in alphabetical order. */
  groupNames(): readonly string[] {
    return [...this.#groups.keys()].sort();
  }

  /** By name, in alphabetical order. @throws AwsError `ResourceNotFoundException`. */
  streams(logGroupName: string): readonly LogStream[] {
    const streams = this.#groups.get(logGroupName);
    if (!streams) {
      throw new AwsError('ResourceNotFoundException', { message: 'The specified log group does not exist.' });
    }
    return [...streams.values()].sort((a, b) => (a.head.logStreamName < b.head.logStreamName ? -1 : 1));
  }

  /** @throws AwsError `ResourceNotFoundException`. */
  stream(logGroupName: string, logStreamName: string): LogStream {
    const found = this.streams(logGroupName).find(({ head }) => head.logStreamName === logStreamName);
    if (found) return found;
    throw new AwsError('ResourceNotFoundException', { message: 'The specified log stream does not exist.' });
  }

  /** Writes what waits. */
  flush(): void {
    for (const group of this.#groups.values()) for (const stream of group.values()) stream.flush();
  }

  #create(logGroupName: string, logStreamName: string): LogStream | undefined {
    const directory = join(this.#directory, fileName(logGroupName));
    try {
      mkdirSync(directory, { recursive: true });
    } catch (error) {
      this.#onFailure(error as Error);
      return undefined;
    }
    const head = { logGroupName, logStreamName, creationTime: Date.now() };
    return this.#add(join(directory, streamFile(logStreamName)), head, true);
  }

  #open(directory: string): void {
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.jsonl'))) {
      const head = readHead(join(directory, file));
      if (head) this.#add(join(directory, file), head, false);
    }
  }

  #add(path: string, head: LogStreamHead, isNew: boolean): LogStream {
    const stream = new LogStream(path, head, isNew, (error) => this.#onFailure(error));
    const group = this.#groups.get(head.logGroupName) ?? new Map<string, LogStream>();
    this.#groups.set(head.logGroupName, group.set(head.logStreamName, stream));
    return stream;
  }

  /** Once: a full disk would fill the terminal too. */
  #onFailure(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#report(`Logs are being lost, they can't be written below ${this.#directory}: ${error.message}`);
  }
}

/** A name as a file can have it, never `.` or `..`. What is too long for a file system is cut; its first line has the whole name. */
function fileName(name: string): string {
  const encoded = encodeURIComponent(name).replace(/^\./, '%2E');
  if (encoded.length <= 200) return encoded;
  return `${encoded.slice(0, 160)}-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

const streamFile = (logStreamName: string) => `${fileName(logStreamName)}.jsonl`;

/** Undefined for a file that is none of ours. */
function readHead(path: string): LogStreamHead | undefined {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(8192);
    const text = head.toString('utf8', 0, readSync(file, head, 0, head.byteLength, 0));
    return JSON.parse(text.slice(0, text.indexOf('\n'))) as LogStreamHead;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}
