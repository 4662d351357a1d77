import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
    const exit = once(runtime, 'exit');
    const end = scene.untilLogged === undefined ? recorder.idle : log.until(scene.untilLogged);
    await Promise.race([end, exit]);
    const exitCode = runtime.exitCode ?? undefined;
    if (exitCode === undefined) await recorder.settled();
    const calls = recorder.calls.map(recorded);
    runtime.kill('SIGKILL');
    await log.closed;
    return { calls: exitCode === undefined ? calls : recorder.calls.map(recorded), exitCode, log: log.lines(taskRoot) };
  } finally {
    await recorder.close();
    rmSync(taskRoot, { recursive: true });
  }
}
