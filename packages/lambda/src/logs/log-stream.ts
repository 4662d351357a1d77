import { appendFileSync, createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One event, as it was kept. */
export interface LogEvent {
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
  /** Its place in its stream, from 0. */
  readonly index: number;
}

/** What the file's first line tells. */
export interface LogStreamHead {
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly creationTime: number;
}

export interface LogStreamTimes {
  readonly firstEventTimestamp: number;
  readonly lastEventTimestamp: number;
  readonly lastIngestionTime: number;
}

/** Events that wait for the file, in characters of JSON. More than this are written at once. */
const MAX_PENDING_CHARACTERS = 65_536;

/** One file, one stream: a head and a line of JSON for each event, only ever appended to. */
export class LogStream {
  readonly head: LogStreamHead;
  readonly #path: string;
  readonly #onFailure: (error: Error) => void;
  /** Undefined: not read yet, in a file from before. */
  #times: LogStreamTimes | undefined;
  #hasEvents: boolean;
  #pending = '';
  #flush: NodeJS.Immediate | undefined;

  constructor(path: string, head: LogStreamHead, isNew: boolean, onFailure: (error: Error) => void) {
    this.#path = path;
    this.head = head;
    this.#hasEvents = !isNew;
    this.#onFailure = onFailure;
    if (isNew) this.#append(`${JSON.stringify(head)}\n`);
  }

  put(timestamp: number, message: string): void {
    const ingestionTime = Date.now();
    if (this.#times || !this.#hasEvents) this.#times = withEvent(this.#times, timestamp, ingestionTime);
    this.#hasEvents = true;
    this.#append(`${jsonLine([timestamp, ingestionTime, message])}\n`);
  }

  /** Undefined for a stream without events. */
  async times(): Promise<LogStreamTimes | undefined> {
    if (this.#times || !this.#hasEvents) return this.#times;
    let times: LogStreamTimes | undefined;
    for await (const { timestamp, ingestionTime } of this.events()) times = withEvent(times, timestamp, ingestionTime);
    this.#times = times;
    this.#hasEvents = times !== undefined;
    return times;
  }

  /** From the first one on, read from the file as they are asked for. */
  async *events(): AsyncGenerator<LogEvent, void, undefined> {
    this.flush();
    const input = createReadStream(this.#path);
    try {
      let index = -1;
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        if (index >= 0) yield* eventOf(line, index);
        index += 1;
      }
    } finally {
      input.destroy();
    }
  }

  /** Forgets what waits for the file, which is about to be removed. */
  discard(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    this.#pending = '';
  }

  flush(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const text = this.#pending;
    this.#pending = '';
    if (text === '') return;
    try {
      appendFileSync(this.#path, text);
    } catch (error) {
      this.#onFailure(error as Error);
    }
  }

  #append(text: string): void {
    this.#pending += text;
    if (this.#pending.length > MAX_PENDING_CHARACTERS) this.flush();
    else this.#flush ??= setImmediate(() => this.flush());
  }
}

/** `readline` takes these two for line ends as well. */
const jsonLine = (value: unknown) =>
  JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

const withEvent = (times: LogStreamTimes | undefined, timestamp: number, ingestionTime: number): LogStreamTimes => ({
  firstEventTimestamp: Math.min(times?.firstEventTimestamp ?? timestamp, timestamp),
  lastEventTimestamp: Math.max(times?.lastEventTimestamp ?? timestamp, timestamp),
  lastIngestionTime: ingestionTime,
});

/** None for a line that was cut when the disk was full or the machine went down. */
function* eventOf(line: string, index: number): Generator<LogEvent, void, undefined> {
  try {
    const [timestamp, ingestionTime, message] = JSON.parse(line) as [number, number, string];
    yield { timestamp, ingestionTime, message, index };
  } catch {
    return;
  }
}
