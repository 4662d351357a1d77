import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { signalNames } from './signal-names.ts';

export interface RuntimeProcessOptions {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onOutput: (bytes: Buffer) => void;
  /** What it counts as, in place of the memory that it takes. */
  readonly countedBytes?: number;
  /** The process has ended, its group was killed and all its output was seen. */
  readonly onExit: (exit: ProcessExit) => void;
}

/** How a process ended, in the words of AWS's messages. */
export interface ProcessExit {
  /** `Runtime exited with error: exit status 1`. */
  readonly text: string;
  /** It could not be started at all. */
  readonly startError?: Error;
}

/** Output of processes that left the group and hold the pipe is waited for this long, ms. */
const LAST_OUTPUT_TIMEOUT_MS = 200;

/** A runtime, leader of a process group of its own. */
export class RuntimeProcess {
  /** Undefined when it could not be started. */
  readonly processGroupId: number | undefined;
  readonly countedBytes: number | undefined;
  /** Settles when the process has ended and its output was seen. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  #outputs = 0;
  #isEnded = false;

  constructor(options: RuntimeProcessOptions) {
    // The shell joins both outputs in one pipe, so that their lines keep their order, and is replaced by the runtime.
    const script = ['-c', 'exec "$@" 2>&1', 'sh', options.command, ...options.arguments];
    this.#process = spawn('/bin/sh', script, {
      detached: true,
      cwd: options.workingDirectory,
      env: { ...options.environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.processGroupId = this.#process.pid;
    this.countedBytes = options.countedBytes;
    this.#process.stdout?.on('data', (bytes: Buffer) => {
      this.#outputs += 1;
      options.onOutput(bytes);
    });
    this.ended = this.#untilEnded(options.workingDirectory).then((exit) => {
      this.#isEnded = true;
      options.onExit(exit);
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Kills the whole group at once. `ended` tells when it is done. */
  kill(): void {
    if (this.processGroupId === undefined || this.#isEnded) return;
    killGroup(this.processGroupId);
  }

  /** Waits until a whole turn of the event loop brought no more output. */
  async outputSeen(): Promise<void> {
    await eventLoopTurn();
    for (let seen = -1; seen !== this.#outputs; ) {
      seen = this.#outputs;
      await eventLoopTurn();
    }
  }

  async #untilEnded(workingDirectory: string): Promise<ProcessExit> {
    const closed = new Promise<void>((resolve) => this.#process.once('close', () => resolve()));
    const exit = await new Promise<ProcessExit>((resolve) => {
      this.#process.once('exit', (code, signal) => resolve({ text: exitText(code, signal) }));
      this.#process.once('error', (startError) => resolve(startFailure(startError, workingDirectory)));
    });
    if (this.processGroupId !== undefined) killGroup(this.processGroupId);
    const timer = setTimeout(() => this.#process.stdout?.destroy(), LAST_OUTPUT_TIMEOUT_MS);
    await closed;
    clearTimeout(timer);
    return exit;
  }
}

/** Node names the command even when it is the directory that is missing. */
const startFailure = (startError: Error, workingDirectory: string): ProcessExit => ({
  text: existsSync(workingDirectory) ? startError.message : `its directory ${workingDirectory} does not exist`,
  startError,
});

const eventLoopTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function killGroup(processGroupId: number): void {
  try {
    process.kill(-processGroupId, 'SIGKILL');
  } catch {
    // ESRCH: nothing is left of it.
  }
}

function exitText(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `Runtime exited with error: signal: ${signalNames[signal] ?? signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}
