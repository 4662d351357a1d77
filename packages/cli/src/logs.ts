import { setTimeout as delay } from 'node:timers/promises';
import { ADMIN_PATH, type FunctionSummary, UsageError } from '@spillway/wire';
import { type Options, parse, portOption } from './options.ts';

const OPTIONS = {
  follow: { type: 'boolean', default: false },
  port: { type: 'string', default: '4566' },
} as const satisfies Options;

/** How often `--follow` asks for more. */
const FOLLOW_INTERVAL_MS = 300;

/** `spillway logs FUNCTION`: prints the events of all its log streams in order of time. */
export async function logs(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse('logs', args, OPTIONS);
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) {
    throw new UsageError('logs takes one function, by function name or logical ID. See spillway logs --help.');
  }
  process.stdout.once('error', () => process.exit(0));
  const server = new RunningServer(portOption(values.port));
  const tail = new Tail(server, await findLogGroup(server, name));
  await tail.printNew();
  if (!values.follow && tail.isEmpty) process.stderr.write(`${name} has no log events yet.\n`);
  while (values.follow) {
    await delay(FOLLOW_INTERVAL_MS);
    await tail.printNew();
  }
}

/** Prints each event of a log group once. */
class Tail {
  readonly #server: RunningServer;
  readonly #logGroupName: string;
  /** Of the events from the last one's millisecond on, which the next call brings again. */
  readonly #printed: Map<string, number> = new Map();
  #startTime = 0;

  get isEmpty(): boolean {
    return this.#printed.size === 0;
  }

  constructor(server: RunningServer, logGroupName: string) {
    this.#server = server;
    this.#logGroupName = logGroupName;
  }

  async printNew(): Promise<void> {
    for await (const { eventId, timestamp, message } of this.#server.events(this.#logGroupName, this.#startTime)) {
      if (this.#printed.has(eventId)) continue;
      this.#printed.set(eventId, timestamp);
      this.#startTime = Math.max(this.#startTime, timestamp);
      process.stdout.write(message.endsWith('\n') ? message : `${message}\n`);
    }
    for (const [eventId, timestamp] of this.#printed) if (timestamp < this.#startTime) this.#printed.delete(eventId);
  }
}

async function findLogGroup(server: RunningServer, name: string): Promise<string> {
  if (name.includes('/')) return name;
  const functions = await server.functions();
  const found = functions.filter(({ functionName, logicalId }) => functionName === name || logicalId === name);
  const [first] = found;
  if (first === undefined) {
    const known = functions.map(({ logicalId, functionName }) => logicalId ?? functionName).join(', ');
    throw new UsageError(
      `there is no function ${JSON.stringify(name)} on ${server.url}. Functions: ${known || 'none'}.`,
    );
  }
  if (found.length > 1) {
    const names = found.map(({ functionName }) => functionName).join(', ');
    throw new UsageError(`several functions are called ${name}. Name one by its function name: ${names}.`);
  }
  return first.logGroupName;
}

interface LogEvent {
  readonly eventId: string;
  readonly timestamp: number;
  readonly message: string;
}

interface FilterLogEventsResponse {
  readonly events?: readonly LogEvent[];
  readonly nextToken?: string;
  readonly message?: string;
  readonly __type?: string;
}

/** A server that another `spillway start` keeps. */
class RunningServer {
  readonly url: string;

  constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  async functions(): Promise<readonly FunctionSummary[]> {
    return (await this.#json(`${ADMIN_PATH}functions`, {})).value as readonly FunctionSummary[];
  }

  /** FilterLogEvents, page by page. A log group that does not exist yet has no events. */
  async *events(logGroupName: string, startTime: number): AsyncGenerator<LogEvent, void, undefined> {
    let nextToken: string | undefined;
    do {
      const page = await this.#filterLogEvents({ logGroupName, startTime, ...(nextToken && { nextToken }) });
      yield* page.events ?? [];
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  async #filterLogEvents(input: Record<string, unknown>): Promise<FilterLogEventsResponse> {
    const { isOk, value } = await this.#json(`${ADMIN_PATH}logs`, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'Logs_20140328.FilterLogEvents', 'Content-Type': 'application/x-amz-json-1.1' },
      body: JSON.stringify(input),
    });
    const page = value as FilterLogEventsResponse;
    if (isOk || page.__type === 'ResourceNotFoundException') return page;
    throw new UsageError(`the log can't be read: ${page.__type}: ${page.message}`);
  }

  async #json(path: string, init: RequestInit): Promise<{ isOk: boolean; value: unknown }> {
    const start = 'Start it with npx spillway start, or name its --port.';
    const response = await fetch(`${this.url}${path}`, init).catch((cause: unknown) => {
      throw new UsageError(`nothing answers on ${this.url}. ${start}`, { cause });
    });
    const value: unknown = await response.json().catch((cause: unknown) => {
      throw new UsageError(`what answers on ${this.url} is not Spillway. ${start}`, { cause });
    });
    return { isOk: response.ok, value };
  }
}
