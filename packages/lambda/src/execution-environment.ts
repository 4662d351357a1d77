import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CredentialStore } from '@spillway/http';
import type { FunctionConfiguration, Limits, LogWriter } from '@spillway/wire';
import { environmentVariables, generateCredentials } from './environment-variables.ts';
import { type Failure, failureOf } from './failure.ts';
import { sandboxFailure } from './function-errors.ts';
import { responseHint, tooLargeHint } from './hints.ts';
import type { Invocation } from './invocation.ts';
import { OutputLines } from './logs/output-lines.ts';
import type { MemoryWatch } from './memory-watch.ts';
import type { ProcessSupervisor } from './process-supervisor.ts';
import { type Happening, Runtime } from './runtime.ts';
import { runtimeCommand } from './runtime-command.ts';
import { type Place, realPlace } from './sandbox/place.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { type SystemLog, systemLogs } from './system-log.ts';

/** What all execution environments of one server share. */
export interface EnvironmentHost {
  readonly region: string;
  readonly limits: Limits;
  readonly bootstrapPath: string;
  readonly endpointUrl: string;
  readonly endpointServices: readonly string[];
  readonly credentials: CredentialStore;
  readonly hostCredentials?: Readonly<Record<string, string>>;
  /** The temporary directories of all environments are made below. */
  readonly directory: string;
  readonly logs: LogWriter;
  readonly memoryWatch: MemoryWatch;
  readonly supervisor: ProcessSupervisor;
  /** A directory or a zip for the public layer of the web adapter. */
  readonly webAdapterLayer?: string;
  readonly sandbox: Sandbox;
  readonly report: (line: string) => void;
}

export interface ExecutionEnvironmentOptions {
  readonly host: EnvironmentHost;
  readonly configuration: FunctionConfiguration;
  /** Where the code is. */
  readonly taskRoot: string;
  /** Where its layers are, merged. */
  readonly optDirectory: string;
  /** Of the debugger; 0 for any. With one, nothing times out. */
  readonly inspectPort?: number;
}

/** How long a debugging session may take, ms: a timer can't wait for ever. */
const DEBUGGING_MS = 86_400_000;

const MIB = 1_048_576;

/**
 * One execution environment: a runtime (after a crash or a timeout, a new process), credentials, a temporary directory and a log
 * stream. It runs one invocation at a time.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class ExecutionEnvironment {
  readonly #host: EnvironmentHost;
  readonly #options: ExecutionEnvironmentOptions;
  readonly #configuration: FunctionConfiguration;
  readonly #logGroupName: string;
  readonly #logStreamName: string;
  readonly #temporaryDirectory: string;
  readonly #place: Place;
  readonly #runtime: Runtime;
  readonly #systemLog: SystemLog;
  readonly #output: OutputLines;
  readonly #credentials: ReturnType<typeof generateCredentials>;
  #hasInitialized = false;
  #onAnswer: () => void = () => {};

  constructor(options: ExecutionEnvironmentOptions) {
    const { host, configuration } = options;
    this.#options = options;
    this.#host = host;
    this.#configuration = configuration;
    const id = randomBytes(16).toString('hex');
    this.#logGroupName = configuration.logGroup ?? `/aws/lambda/${configuration.functionName}`;
    this.#logStreamName = logStreamName(configuration, id);
    this.#temporaryDirectory = join(host.directory, 'tmp', id);
    const { taskRoot, optDirectory, inspectPort } = options;
    const directories = { taskRoot, optDirectory, temporaryDirectory: this.#temporaryDirectory };
    // A debugger wants to find the real files.
    this.#place = inspectPort === undefined ? host.sandbox.place(directories) : realPlace(directories);
    this.#runtime = new Runtime({
      memoryLimitBytes: configuration.memorySizeMb * MIB,
      errorLimitBytes: host.limits.lambdaBufferedResponseBytes,
      memoryWatch: host.memoryWatch,
      supervisor: host.supervisor,
      onAnswer: () => this.#onAnswer(),
    });
    this.#systemLog = systemLogs[configuration.logFormat](configuration, host.region, this.#logStreamName);
    this.#output = new OutputLines((line) => this.#onOutputLine(line));
    this.#credentials = generateCredentials();
  }

  /** Makes all but the process, which the first invocation starts. */
  async open(): Promise<void> {
    await mkdir(this.#temporaryDirectory, { recursive: true });
    await this.#runtime.listen();
    this.#host.credentials.add(this.#credentials);
  }

  /**
   * Runs one invocation until the environment can take the next. Its answer is settled in any case; `onAnswer` is called just
   * before. Never rejects.
   */
  async run(invocation: Invocation, onAnswer: () => void): Promise<void> {
    this.#onAnswer = onAnswer;
    try {
      await this.#run(invocation);
    } catch (error) {
      onAnswer();
      invocation.answer.fail(sandboxFailure(invocation.requestId, 'The execution environment failed.', error));
      await this.#runtime.end();
    } finally {
      this.#runtime.release();
    }
  }

  /** Kills what runs and removes what was made, but for the log. */
  async close(): Promise<void> {
    await this.#runtime.close();
    this.#host.credentials.remove(this.#credentials.accessKeyId);
    await rm(this.#temporaryDirectory, { recursive: true, force: true });
  }

  async #run(invocation: Invocation): Promise<void> {
    const init = this.#hasInitialized ? undefined : await this.#firstInit(invocation);
    const startedAtMs = performance.now();
    this.#log(this.#systemLog.start(invocation.requestId));
    // An init that took too long is tried once more, now on the function's own time; one that failed is the answer.
    const failed = init?.failure?.status === 'error';
    const failure = failed ? init.failure : await this.#invoke(invocation, startedAtMs);
    if (failure) {
      this.#onAnswer();
      invocation.answer.fail(failure.error);
      this.#runtime.peakBytes();
    }
    const durationMs = performance.now() - startedAtMs;
    await this.#finish(invocation.requestId, failure, durationMs, init?.failure ? undefined : init?.durationMs);
  }

  async #firstInit(invocation: Invocation): Promise<{ failure: Failure | undefined; durationMs: number }> {
    this.#hasInitialized = true;
    const startedAtMs = performance.now();
    this.#log(this.#systemLog.initStart());
    const failure = await this.#initialize(invocation, 'init', this.#host.limits.lambdaInitTimeoutMs);
    return { failure, durationMs: performance.now() - startedAtMs };
  }

  /** Starts the runtime and waits until it asks for its first event. */
  async #initialize(invocation: Invocation, phase: 'init' | 'invoke', timeoutMs: number): Promise<Failure | undefined> {
    const startedAtMs = performance.now();
    await this.#runtime.end();
    const happening = this.#runtime.next(this.#unlessDebugging(timeoutMs));
    this.#startRuntime();
    this.#runtime.watchMemory();
    const failure = this.#failureOf(await happening, invocation);
    if (!failure) return undefined;
    const durationMs = performance.now() - startedAtMs;
    this.#runtime.peakBytes();
    await this.#runtime.end();
    this.#output.flush();
    const { status, errorType } = failure;
    this.#log(this.#systemLog.initFailed({ phase, durationMs, status, ...(status === 'error' && { errorType }) }));
    return failure;
  }

  async #invoke(invocation: Invocation, startedAtMs: number): Promise<Failure | undefined> {
    const timeoutMs = this.#unlessDebugging(this.#configuration.timeoutSeconds * 1000);
    const restMs = () => startedAtMs + timeoutMs - performance.now();
    if (!this.#runtime.isRunning) {
      const failure = await this.#initialize(invocation, 'invoke', restMs());
      if (failure) return failure;
    }
    this.#runtime.watchMemory();
    const happening = this.#runtime.next(restMs());
    this.#runtime.invoke(invocation, Date.now() + restMs());
    return this.#failureOf(await this.#untilResponded(await happening, restMs), invocation);
  }

  /** What a function had sent before it ended is still on its way, as fast as its reader reads. */
  async #untilResponded(happening: Happening, restMs: () => number): Promise<Happening> {
    if (happening.kind !== 'exited' || !this.#runtime.isResponding) return happening;
    const then = await this.#runtime.next(restMs(), true);
    return then.kind === 'timeout' ? then : happening;
  }

  async #finish(
    requestId: string,
    failure: Failure | undefined,
    durationMs: number,
    initDurationMs: number | undefined,
  ): Promise<void> {
    const maxMemoryUsedMb = Math.ceil(this.#runtime.peakBytes() / MIB);
    if (failure) await this.#runtime.end();
    await this.#runtime.outputSeen();
    this.#output.flush();
    this.#log([...(failure?.log ?? []), ...this.#responseHints()]);
    const report = this.#systemLog.end({
      requestId,
      durationMs: failure?.status === 'timeout' ? this.#configuration.timeoutSeconds * 1000 : durationMs,
      maxMemoryUsedMb,
      status: failure?.status ?? 'success',
      ...(failure?.status === 'error' && { errorType: failure.errorType }),
      ...(initDurationMs !== undefined && { initDurationMs }),
    });
    this.#log(report);
  }

  #responseHints(): readonly string[] {
    const { received } = this.#runtime;
    if (received?.outcome === 'oversized') return [tooLargeHint(this.#host.limits)];
    const hint = received && responseHint(received);
    return hint ? [hint] : [];
  }

  #failureOf(happening: Happening, invocation: Invocation): Failure | undefined {
    const context = { invocation, configuration: this.#configuration, limits: this.#host.limits };
    return failureOf(happening, { ...context, systemLog: this.#systemLog });
  }

  #startRuntime(): void {
    const { taskRoot, inspectPort } = this.#options;
    const command = runtimeCommand(this.#configuration, this.#host.bootstrapPath, inspectPort);
    this.#runtime.start({
      ...this.#place.launch({ ...command, environment: this.#environment() }),
      workingDirectory: taskRoot,
      onOutput: (bytes) => this.#output.write(bytes),
    });
  }

  #environment(): Record<string, string> {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#credentials;
    const generated = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
    return environmentVariables({
      ...this.#host,
      configuration: this.#configuration,
      place: this.#place,
      runtimeApi: this.#runtime.address,
      logGroupName: this.#logGroupName,
      logStreamName: this.#logStreamName,
      credentials: this.#host.hostCredentials ?? generated,
    });
  }

  #unlessDebugging(timeoutMs: number): number {
    return this.#options.inspectPort === undefined ? timeoutMs : DEBUGGING_MS;
  }

  #onOutputLine(line: string): void {
    this.#log([line]);
    const [, address] = /^Debugger listening on (ws:\S+)/.exec(line) ?? [];
    if (this.#options.inspectPort === undefined || !address) return;
    this.#host.report(`Debugger of ${this.#configuration.functionName} listens on ${address}`);
  }

  #log(messages: readonly string[]): void {
    for (const message of messages) this.#host.logs.putLogEvent(this.#logGroupName, this.#logStreamName, message);
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html */
function logStreamName({ functionName, logGroup }: FunctionConfiguration, id: string): string {
  const date = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return logGroup === undefined ? `${date}/[$LATEST]${id}` : `${date}/${functionName}[$LATEST]${id}`;
}
