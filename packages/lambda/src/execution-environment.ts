import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';
import type { AdmittedEnvironment } from './aws-hosts/aws-hosts.ts';
import { type InvalidEntrypoint, invalidEntrypoint } from './entrypoint.ts';
import type { EnvironmentHost } from './environment-host.ts';
import { EnvironmentLaunches } from './environment-launches.ts';
import { EnvironmentLog } from './environment-log.ts';
import { EnvironmentOutput } from './environment-output.ts';
import { processesOf } from './environment-processes.ts';
import { generateCredentials } from './environment-variables.ts';
import type { ShutdownReason } from './extensions/extension.ts';
import { waitingHint } from './extensions/extension-hints.ts';
import { type Failure, failureOf } from './failure.ts';
import type { DeployedFunction } from './function-deployment.ts';
import { sandboxFailure } from './function-errors.ts';
import { responseHints } from './hints.ts';
import type { Invocation } from './invocation.ts';
import { type ListeningSocket, listeningSockets } from './listening-sockets.ts';
import { type Happening, Runtime } from './runtime.ts';
import { isProvided } from './runtime-command.ts';
import type { Place } from './sandbox/place.ts';
import type { WebPort } from './web/web-port.ts';

export interface ExecutionEnvironmentOptions extends DeployedFunction {
  readonly host: EnvironmentHost;
  readonly configuration: FunctionConfiguration;
  /** Of a web app. */
  readonly webPort?: WebPort;
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
  readonly #temporaryDirectory: string;
  readonly #place: Place;
  readonly #runtime: Runtime;
  readonly #log: EnvironmentLog;
  readonly #output: EnvironmentOutput;
  readonly #launches: EnvironmentLaunches;
  readonly #credentials: ReturnType<typeof generateCredentials>;
  #awsHosts: AdmittedEnvironment | undefined;
  #opening: Promise<void> | undefined;
  #hasInitialized = false;
  #onAnswer: () => void = () => {};

  constructor(options: ExecutionEnvironmentOptions) {
    const { host, configuration } = options;
    this.#options = options;
    this.#host = host;
    this.#configuration = configuration;
    const id = randomBytes(16).toString('hex');
    this.#log = new EnvironmentLog(host, configuration, id);
    this.#temporaryDirectory = join(host.directory, 'environments', id, 'tmp');
    this.#place = options.place(this.#temporaryDirectory);
    this.#runtime = new Runtime({
      ...configuration,
      breaksFailedStreams: host.lwaFailedStream === 'break',
      memoryLimitBytes: configuration.memorySizeMb * MIB,
      errorLimitBytes: host.limits.lambdaBufferedResponseBytes,
      memoryWatch: host.memoryWatch,
      supervisor: host.supervisor,
      onAnswer: () => this.#onAnswer(),
    });
    this.#credentials = generateCredentials();
    this.#output = new EnvironmentOutput({
      ...configuration,
      listeningSockets: () => this.#listeningSockets(),
      onLine: (line) => this.#onOutputLine(line),
    });
    this.#launches = this.#newLaunches();
  }

  /** Makes all but the process, which the first invocation starts. */
  open(): Promise<void> {
    this.#opening = this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    await mkdir(this.#temporaryDirectory, { recursive: true });
    await chmod(this.#temporaryDirectory, 0o1777);
    await this.#runtime.listen();
    this.#awsHosts = await this.#admitToAwsHosts();
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
      await this.#runtime.end('failure');
    } finally {
      this.#log.tail = undefined;
      void this.#options.webPort?.rest();
      this.#runtime.release();
    }
  }

  /** Puts a line of our own into its log. */
  note(text: string): void {
    this.#log.note([text]);
  }

  /** Kills what runs and removes what was made, but for the log. */
  async close(): Promise<void> {
    this.#options.webPort?.close();
    // What is being made can be removed when it is there.
    await this.#opening?.catch(() => {});
    await this.#runtime.close();
    this.#awsHosts?.leave();
    this.#host.credentials.remove(this.#credentials.accessKeyId);
    await rm(dirname(this.#temporaryDirectory), { recursive: true, force: true });
  }

  async #run(invocation: Invocation): Promise<void> {
    const init = this.#hasInitialized ? undefined : await this.#firstInit(invocation);
    const startedAtMs = performance.now();
    this.#log.tail = invocation.logTail;
    this.#log.put(this.#log.system.start(invocation.requestId));
    // An init that took too long is tried once more, now on the function's own time; one that failed is the answer.
    const failed = init?.failure?.status === 'error';
    const failure = failed ? init.failure : await this.#invoke(invocation, startedAtMs);
    if (failure) {
      this.#onAnswer();
      invocation.answer.fail(failure.error);
      this.#runtime.peakBytes();
    }
    const durationMs = performance.now() - startedAtMs;
    await this.#finish(invocation, failure, durationMs, init?.failure ? undefined : init?.durationMs);
  }

  async #firstInit(invocation: Invocation): Promise<{ failure: Failure | undefined; durationMs: number }> {
    this.#hasInitialized = true;
    const startedAtMs = performance.now();
    this.#log.put(this.#log.system.initStart());
    this.#log.note([...this.#options.notes, ...(this.#awsHosts?.notes ?? [])]);
    const failure = await this.#initialize(invocation, 'init', this.#host.limits.lambdaInitTimeoutMs);
    return { failure, durationMs: performance.now() - startedAtMs };
  }

  /** Starts the extensions and the runtime and waits until they ask for their first event. */
  async #initialize(invocation: Invocation, phase: 'init' | 'invoke', timeoutMs: number): Promise<Failure | undefined> {
    await this.#runtime.end('failure');
    const startedAtMs = performance.now();
    const failure = this.#failureOf(await this.#start(startedAtMs + this.#unlessDebugging(timeoutMs)), invocation);
    const { extensions } = this.#runtime;
    const extensionLines = extensions.flatMap((extension) => this.#log.system.extension(extension));
    if (!failure) {
      this.#log.put(extensionLines);
      return undefined;
    }
    const durationMs = performance.now() - startedAtMs;
    const { status, errorType } = failure;
    const hint = status === 'timeout' ? waitingHint(extensions) : undefined;
    this.#runtime.peakBytes();
    await this.#runtime.end(reasonOf(failure));
    this.#output.flush();
    this.#log.put([
      ...extensionLines,
      ...this.#log.system.initFailed({ phase, durationMs, status, ...(status === 'error' && { errorType }) }),
      ...(hint ? [hint] : []),
    ]);
    return failure;
  }

  /** `endMs`: of the wait, by `performance.now()`. */
  async #start(endMs: number): Promise<Happening> {
    this.#output.reset();
    this.#runtime.startExtensions(await this.#launches.extensions());
    const happening = await this.#runtime.registered(endMs - performance.now());
    if (happening.kind !== 'registered') return happening;
    const entrypoint = this.#invalidEntrypoint();
    if (entrypoint) return { kind: 'invalidEntrypoint', entrypoint };
    // A launch that can't be made, on a full disk, leaves no wait behind.
    const launch = this.#launches.runtime();
    const ready = this.#runtime.ready(endMs - performance.now());
    this.#runtime.start(launch);
    this.#watchWebPort();
    this.#runtime.watchMemory();
    return ready;
  }

  async #invoke(invocation: Invocation, startedAtMs: number): Promise<Failure | undefined> {
    const timeoutMs = this.#unlessDebugging(this.#configuration.timeoutSeconds * 1000);
    const restMs = () => startedAtMs + timeoutMs - performance.now();
    if (!this.#runtime.isRunning) {
      const failure = await this.#initialize(invocation, 'invoke', restMs());
      if (failure) return failure;
    }
    this.#watchWebPort();
    this.#runtime.watchMemory();
    const happening = this.#runtime.ready(restMs());
    this.#runtime.invoke(invocation, Date.now() + restMs());
    const settled = await this.#runtime.settled(await happening);
    return this.#failureOf(await this.#untilResponded(settled, restMs), invocation);
  }

  /** What a function had sent before it ended is still on its way, as fast as its reader reads. */
  async #untilResponded(happening: Happening, restMs: () => number): Promise<Happening> {
    const hasEnded = happening.kind === 'exited' || happening.kind === 'extensionFailed';
    if (!hasEnded || !this.#runtime.isResponding) return happening;
    const then = await this.#runtime.responded(restMs());
    return then.kind === 'timeout' ? then : happening;
  }

  async #finish(
    invocation: Invocation,
    failure: Failure | undefined,
    durationMs: number,
    initDurationMs: number | undefined,
  ): Promise<void> {
    const maxMemoryUsedMb = Math.ceil(this.#runtime.peakBytes() / MIB);
    if (failure) await this.#runtime.end(reasonOf(failure));
    await this.#runtime.outputSeen();
    this.#output.flush();
    this.#log.put([
      ...(failure?.log ?? []),
      ...responseHints(invocation.answer.response, this.#runtime.received, this.#host),
    ]);
    const report = this.#log.system.end({
      requestId: invocation.requestId,
      durationMs: failure?.status === 'timeout' ? this.#configuration.timeoutSeconds * 1000 : durationMs,
      maxMemoryUsedMb,
      status: failure?.status ?? 'success',
      ...(failure?.status === 'error' && { errorType: failure.errorType }),
      ...(initDurationMs !== undefined && { initDurationMs }),
    });
    this.#log.put(report);
  }

  #failureOf(happening: Happening, invocation: Invocation): Failure | undefined {
    const context = { invocation, configuration: this.#configuration, limits: this.#host.limits };
    return failureOf(happening, { ...context, systemLog: this.#log.system });
  }

  #invalidEntrypoint(): InvalidEntrypoint | undefined {
    return isProvided(this.#configuration.runtime) ? invalidEntrypoint(this.#options, this.#place) : undefined;
  }

  #newLaunches(): EnvironmentLaunches {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#credentials;
    const generated = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
    return new EnvironmentLaunches({
      ...this.#options,
      deployed: this.#options,
      place: this.#place,
      runtimeApi: () => this.#runtime.address,
      hostVariables: () => this.#awsHosts?.variables ?? {},
      logGroupName: this.#log.logGroupName,
      logStreamName: this.#log.logStreamName,
      credentials: this.#host.hostCredentials ?? generated,
      output: () => this.#output.ofProcess(),
    });
  }

  async #admitToAwsHosts(): Promise<AdmittedEnvironment | undefined> {
    if (!this.#options.namesAwsHosts) return undefined;
    const { taskRoot, optDirectory } = this.#options;
    return this.#host.awsHosts?.admit({
      configuration: this.#configuration,
      place: this.#place,
      taskRoot,
      optDirectory,
      note: (text) => this.note(text),
    });
  }

  #watchWebPort(): void {
    this.#options.webPort?.watch(() => this.#listeningSockets());
  }

  #listeningSockets(): readonly ListeningSocket[] {
    return listeningSockets(processesOf(this.#runtime.address).map(({ processId }) => processId));
  }

  #unlessDebugging(timeoutMs: number): number {
    return this.#options.inspectPort === undefined ? timeoutMs : DEBUGGING_MS;
  }

  #onOutputLine(line: string): void {
    this.#log.put([line]);
    const [, address] = /^Debugger listening on (ws:\S+)/.exec(line) ?? [];
    if (this.#options.inspectPort === undefined || !address) return;
    this.#host.report(`Debugger of ${this.#configuration.functionName} listens on ${address}`);
  }
}

const reasonOf = ({ status }: Failure): ShutdownReason => (status === 'timeout' ? 'timeout' : 'failure');
