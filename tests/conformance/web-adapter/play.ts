import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';
import { LambdaApiRecorder, type RecorderEvent, type Registration } from './lambda-api-recorder.ts';
import { type GroupRecording, groupRecording } from './recording.ts';
import type { WebAdapter } from './web-adapters.ts';
import { WebApp } from './web-app.ts';

/** One event, and what comes with it. */
export interface Scene {
  /** JSON text, or what becomes it. */
  readonly event: unknown;
  /** Of the answer to `/next`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Events for one adapter, one after the other. */
export interface SceneGroup {
  readonly environment?: Readonly<Record<string, string>>;
  /** Requests are compared only as far as their target. */
  readonly comparesAnswers?: true;
  /** By name. */
  readonly scenes?: Readonly<Record<string, Scene>>;
  readonly app?: {
    /** Statuses of its answers to the first requests. Default: 200, once. */
    readonly readiness?: readonly number[];
    /** It listens from the start, unless this is the beginning of a log line, or `next`: the first call of `/next`. */
    readonly listensAfter?: string;
    /** It stops when the first event is handed out. */
    readonly stops?: true;
    /** No variable says where it is. */
    readonly isNotNamed?: true;
  };
  readonly registration?: Registration;
  /** Which variable names the Runtime API. Default AWS_LAMBDA_RUNTIME_API. */
  readonly runtimeApiVariable?: string;
}

/** The same groups, compared for their answers only. */
export const comparingAnswers = (groups: Readonly<Record<string, SceneGroup>>): Record<string, SceneGroup> =>
  Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, { ...group, comparesAnswers: true }]));

/** Runs `group` in `adapter` until all events were handled, or the adapter ended. */
export async function play(adapter: WebAdapter, group: SceneGroup): Promise<GroupRecording> {
  const recorder = await LambdaApiRecorder.start({
    events: eventsOf(group),
    registration: group.registration,
    streams: group.environment?.['AWS_LWA_INVOKE_MODE']?.toLowerCase() === 'response_stream',
  });
  const app = new WebApp(group.app ?? {}, recorder);
  try {
    return await playWith(adapter, group, recorder, app);
  } finally {
    await Promise.all([recorder.close(), app.close()]);
  }
}

const eventsOf = ({ scenes = {} }: SceneGroup): RecorderEvent[] =>
  Object.values(scenes).map(({ event, headers }, index) => ({
    requestId: `request-${index}`,
    body: typeof event === 'string' ? event : JSON.stringify(event),
    ...(headers && { headers }),
  }));

async function playWith(
  adapter: WebAdapter,
  group: SceneGroup,
  recorder: LambdaApiRecorder,
  app: WebApp,
): Promise<GroupRecording> {
  const { listensAfter, stops } = group.app ?? {};
  const port = await app.reservePort();
  if (listensAfter === undefined) await app.listen(port);
  if (stops) recorder.beforeEvent = () => app.close();
  const idle = once(recorder.signals, 'idle');
  const asked = once(recorder.signals, 'next');
  const waiting = once(recorder.signals, 'waiting');
  const process = spawnAdapter(adapter, group, recorder.address, port);
  const log = new Log(process);
  const exited = once(process, 'exit');
  try {
    const begun =
      listensAfter === undefined ? undefined : begin(listensAfter === 'next' ? asked : log.until(listensAfter));
    const done = Promise.all([waiting, idle, begun]);
    await Promise.race([done, exited]);
    if (process.exitCode !== null) await log.closed;
    return groupRecording({
      recorder,
      app,
      port,
      names: Object.keys(group.scenes ?? {}),
      comparesAnswers: group.comparesAnswers === true,
      exitCode: process.exitCode,
      log: log.lines,
    });
  } finally {
    process.kill('SIGKILL');
    await Promise.all([exited, log.closed]);
  }

  async function begin(signal: Promise<unknown>): Promise<void> {
    await signal;
    await app.listen(port);
  }
}

type AdapterProcess = ChildProcessByStdio<null, Readable, null>;

function spawnAdapter(
  adapter: WebAdapter,
  { app, environment, runtimeApiVariable }: SceneGroup,
  address: string,
  port: number,
): AdapterProcess {
  const fill = (text: string) => text.replaceAll('<port>', String(port));
  const variables = Object.entries(environment ?? {}).map(([name, value]) => [name, fill(value)]);
  return spawn(adapter.command, adapter.arguments, {
    env: {
      AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1',
      [runtimeApiVariable ?? 'AWS_LAMBDA_RUNTIME_API']: address,
      AWS_LAMBDA_FUNCTION_NAME: 'test',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      ...(!app?.isNotNamed && { AWS_LWA_PORT: String(port) }),
      ...Object.fromEntries(variables),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** What an adapter prints. */
class Log {
  readonly closed: Promise<unknown>;
  readonly #grown: EventEmitter = new EventEmitter();
  #text = '';

  constructor(process: AdapterProcess) {
    this.closed = once(process.stdout, 'close');
    process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#grown.emit('grown');
    });
  }

  get lines(): string[] {
    return this.#text.split('\n').filter((line) => line !== '');
  }

  /** Settles when a line holds `text`. */
  async until(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.#grown, 'grown');
  }
}
