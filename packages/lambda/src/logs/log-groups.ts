import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError, type LogWriter } from '@spillway/wire';
import { LogStream, type LogStreamHead } from './log-stream.ts';

/** All log groups, as files below one directory; what is there from before is found again. Group and stream are made by their first event. */
export class LogGroups implements LogWriter {
  readonly #directory: string;
  readonly #report: (line: string) => void;
  readonly #groups = new Map<string, Map<string, LogStream>>();
  #failed = false;

  constructor(directory: string, report: (line: string) => void) {
    this.#directory = directory;
    this.#report = report;
    mkdirSync(directory, { recursive: true });
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) this.#open(join(directory, entry.name));
    }
  }

  putLogEvent(logGroupName: string, logStreamName: string, message: string, timestampMs: number = Date.now()): void {
    const stream = this.#groups.get(logGroupName)?.get(logStreamName) ?? this.#create(logGroupName, logStreamName);
    stream?.put(timestampMs, message);
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
    return this.#add(join(directory, `${fileName(logStreamName)}.jsonl`), head, true);
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
