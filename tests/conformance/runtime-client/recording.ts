import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { type RecordedCall, type RecorderEvent, RuntimeApiRecorder } from './runtime-api-recorder.ts';
import type { RuntimeClient } from './runtime-clients.ts';

/** A function, and what happens to it. */
export interface Scene {
  /** By path below the task root. */
  readonly files: Readonly<Record<string, string>>;
  /** Default `index.handler`. */
  readonly handler?: string;
  /** Default: one event, `{}`. */
  readonly events?: readonly RecorderEvent[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The recording ends with this text in the log, not when the runtime asks for more events or exits. */
  readonly untilLogged?: string;
  /** Whether `/error` comes with a cause for X-Ray. */
  readonly comparesXrayCause?: true;
}

/** An error document. Of its stack there is only the first line: the rest names files. */
export interface RecordedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: string | undefined;
}

/** One call to the Runtime API, as far as it matters. */
export type Recorded =
  | 'next'
  | { readonly error: RecordedError; readonly xrayCause?: true }
  | { readonly initError: RecordedError; readonly errorTypeHeader: unknown }
  | { readonly response: string; readonly type: unknown }
  | {
      /** The body; `sha256:` and so on for a long one. */
      readonly stream: string;
      readonly type: unknown;
      /** `Lambda-Runtime-Function-Response-Mode`, framing, and the trailers announced, when they are not as they should be. */
      readonly headers?: readonly unknown[];
      readonly trailers?: { readonly errorType: unknown; readonly error: RecordedError };
      /** `complete` is not told. */
      readonly state?: 'open' | 'broken';
    };

export interface Recording {
  readonly calls: readonly Recorded[];
  /** Undefined while it runs. */
  readonly exitCode: number | undefined;
  /** The lines, with times, stacks and paths made equal. */
  readonly log: readonly string[];
}

/** Runs `scene` in `client`, to its end. */
export async function record(client: RuntimeClient, scene: Scene): Promise<Recording> {
  const taskRoot = realpathSync(mkdtempSync(join(tmpdir(), 'spillway-runtime-client-')));
  const recorder = await RuntimeApiRecorder.start({ events: scene.events ?? [{}] });
  try {
    writeFiles(taskRoot, scene.files);
    const runtime = spawnRuntime(client, scene, taskRoot, recorder.address);
    const log = new Log(runtime);
    const exited = once(runtime, 'exit');
    try {
      await Promise.race([scene.untilLogged === undefined ? recorder.idle : log.until(scene.untilLogged), exited]);
      const exitCode = runtime.exitCode ?? undefined;
      if (exitCode !== undefined) await recorder.disconnected();
      // What was sent before the last line was printed may be read after it.
      else for (let turn = 0; turn < 2; turn += 1) await new Promise(setImmediate);
      return { calls: recorder.calls.map((call) => recorded(call, scene)), exitCode, log: log.lines() };
    } finally {
      runtime.kill('SIGKILL');
      await Promise.all([exited, log.closed]);
    }
  } finally {
    await recorder.close();
    rmSync(taskRoot, { recursive: true });
  }
}

function writeFiles(taskRoot: string, files: Scene['files']): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(taskRoot, dirname(path)), { recursive: true });
    writeFileSync(join(taskRoot, path), text);
  }
}

function spawnRuntime(client: RuntimeClient, scene: Scene, taskRoot: string, address: string): RuntimeProcess {
  const handler = scene.handler ?? 'index.handler';
  return spawn(process.execPath, client.argumentsFor(handler), {
    cwd: taskRoot,
    env: {
      PATH: process.env['PATH'],
      AWS_LAMBDA_RUNTIME_API: address,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: taskRoot,
      AWS_LAMBDA_FUNCTION_NAME: 'test',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/test',
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0',
      ...scene.environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

type RuntimeProcess = ChildProcessByStdio<null, Readable, null>;

/** What a runtime prints. */
class Log {
  readonly closed: Promise<unknown>;
  readonly #output: Readable;
  #text = '';

  constructor(runtime: RuntimeProcess) {
    this.#output = runtime.stdout.setEncoding('utf8');
    this.closed = once(this.#output, 'close');
    this.#output.on('data', (text: string) => {
      this.#text += text;
    });
  }

  /** Settles when `text` was printed. */
  async until(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.#output, 'data');
  }

  lines(): string[] {
    const lines = this.#text.split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith("Executing '")).map(withoutIncidentals);
  }
}

const withoutIncidentals = (line: string) =>
  withoutPaths(line)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/^\[ERROR\] \[\d+\]/, '[ERROR] [<ms>]')
    // The first line of a stack is kept, the places are not.
    .replaceAll(/("(?:stack|stackTrace|trace)":\["(?:[^"\\]|\\.)*")(?:,"(?:[^"\\]|\\.)*")*\]/g, '$1]')
    .replaceAll(/(?:\r|\\n) +at [^\r"\\]*?(?=(?: \{|,)?(?:\r|\\n|"|$))/g, '');

/** In what Node.js says of a missing module, and elsewhere. */
const withoutPaths = (text: string) =>
  text
    .replaceAll(/(?<=\n|\\n)- [^\n"\\]*(?:aws-lambda-ric|runtime\/dist)[^\n"\\]*/g, '- <client>')
    .replaceAll(/\/\S*spillway-runtime-client-\w+/g, '<root>');

function recorded(call: RecordedCall, { comparesXrayCause }: Scene): Recorded {
  if (call.name === 'next') return 'next';
  const body = Buffer.concat(call.chunks).toString();
  const header = (name: string) => call.headers[name];
  if (call.name === 'error') {
    const error = recordedError(body);
    const xrayCause = comparesXrayCause && header('lambda-runtime-function-xray-error-cause') !== undefined;
    return xrayCause ? { error, xrayCause } : { error };
  }
  if (call.name === 'init/error') {
    return { initError: recordedError(body), errorTypeHeader: header('lambda-runtime-function-error-type') };
  }
  if (call.name !== 'response') throw new Error(`A call that does not exist: ${call.name}`);
  if (header('transfer-encoding') === undefined) return { response: body, type: header('content-type') };
  return recordedStream(call, body);
}

const STREAM_HEADERS = {
  'lambda-runtime-function-response-mode': 'streaming',
  'transfer-encoding': 'chunked',
  trailer: 'lambda-runtime-function-error-type, lambda-runtime-function-error-body',
};
const LONG_BODY = 1000;

function recordedStream(call: RecordedCall, body: string): Recorded {
  const headers = Object.keys(STREAM_HEADERS).map((name) => String(call.headers[name]).toLowerCase());
  const areUsual = headers.join() === Object.values(STREAM_HEADERS).join();
  const error = call.trailers['lambda-runtime-function-error-body'];
  return {
    stream: body.length > LONG_BODY ? `sha256:${createHash('sha256').update(body).digest('hex')}` : body,
    type: call.headers['content-type'],
    ...(!areUsual && { headers }),
    ...(error !== undefined && {
      trailers: {
        errorType: call.trailers['lambda-runtime-function-error-type'],
        error: recordedError(Buffer.from(error, 'base64').toString()),
      },
    }),
    ...(call.state !== 'complete' && { state: call.state }),
  };
}

function recordedError(text: string): RecordedError {
  const { errorType, errorMessage, trace } = JSON.parse(withoutPaths(text)) as { [name: string]: string } & {
    trace?: string[];
  };
  return { errorType, errorMessage, trace: trace?.[0] } as RecordedError;
}
