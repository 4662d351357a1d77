import type { InvalidEntrypoint } from './entrypoint.ts';
import { killProcessesOf, processesOf, signalGroup } from './environment-processes.ts';
import type { Extension, ShutdownReason } from './extensions/extension.ts';
import { type ExtensionFailure, type ExtensionLaunch, Extensions } from './extensions/extensions.ts';
import type { Invocation, PostedError, ReceivedResponse } from './invocation.ts';
import type { MemoryWatch, WatchedMemory } from './memory-watch.ts';
import type { ProcessSupervisor } from './process-supervisor.ts';
import { RuntimeApi } from './runtime-api/runtime-api.ts';
import { type ProcessExit, RuntimeProcess, type RuntimeProcessOptions } from './runtime-process.ts';

/**
 * What may end a wait for an environment's processes. `registered`: all extensions that are processes did. `ready`: the runtime and all
 * extensions asked for an event. `response`: one was read to its end.
 */
export type Happening =
  | { readonly kind: 'registered' | 'ready' | 'response' | 'timeout' | 'outOfMemory' | 'closed' }
  | { readonly kind: 'initError'; readonly error: PostedError }
  /** `reported`: what an extension had said before, of its own failure. */
  | { readonly kind: 'exited'; readonly exit: ProcessExit; readonly reported?: string }
  | { readonly kind: 'extensionFailed'; readonly failure: ExtensionFailure }
  | { readonly kind: 'invalidEntrypoint'; readonly entrypoint: InvalidEntrypoint };

export interface RuntimeOptions {
  readonly functionName: string;
  readonly version?: string;
  readonly handler: string;
  readonly memoryLimitBytes: number;
  readonly errorLimitBytes: number;
  readonly memoryWatch: MemoryWatch;
  readonly supervisor: ProcessSupervisor;
  /** A stream that Lambda Web Adapter ends with the text of an error is broken off instead. */
  readonly breaksFailedStreams: boolean;
  /** The runtime has answered; who invoked does not know it yet. */
  readonly onAnswer: () => void;
}

type Wait = (happening: Happening) => void;

/** The longest that a timer can wait. */
const MAX_TIMER_MS = 2_147_483_647;

/** From the end of a web app's connections to the end of its process, ms; it is a few at most. */
const APP_EXIT_MS = 50;

/** With any extension, a runtime has this long after SIGTERM, ms. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const RUNTIME_SHUTDOWN_MS = 300;

/**
 * The processes of one execution environment, or the next ones after them: the runtime and the extensions, and the API that they speak.
 */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #api: RuntimeApi;
  readonly #extensions: Extensions;
  #process: RuntimeProcess | undefined;
  #memory: WatchedMemory | undefined;
  #peakBytes = 0;
  #awaited: { readonly kinds: ReadonlySet<Happening['kind']>; readonly settle: Wait } | undefined;
  /** A process ended, though nobody waited for it. */
  #failure: Happening | undefined;
  #received: ReceivedResponse | undefined;
  #ending: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#extensions = new Extensions({
      ...options,
      onChange: () => this.#onExtension(),
      onFailure: (failure) => this.#onFailure({ kind: 'extensionFailed', failure }),
    });
    const observer = {
      onNext: () => this.#onNext(),
      onInitError: (error: PostedError) => this.#happened({ kind: 'initError', error }),
      onAnswer: options.onAnswer,
      onResponse: (received: ReceivedResponse) => this.#onResponse(received),
    };
    this.#api = new RuntimeApi({ ...options, observer, extensionsApi: this.#extensions.api });
  }

  /** Host and port of the Runtime API. */
  get address(): string {
    return this.#api.address;
  }

  /** All that was started runs. */
  get isRunning(): boolean {
    return this.#process !== undefined && !this.#process.isEnded && !this.#failure;
  }

  /** A response has begun and was not read to its end. */
  get isResponding(): boolean {
    return this.#api.isResponding;
  }

  /** What came as the response of the last invocation. */
  get received(): ReceivedResponse | undefined {
    return this.#received;
  }

  get extensions(): readonly Extension[] {
    return this.#extensions.all;
  }

  async listen(): Promise<void> {
    await this.#api.listen();
    this.#options.supervisor.addEnvironment(this.address);
  }

  startExtensions(launches: readonly ExtensionLaunch[]): void {
    this.#extensions.start(launches);
  }

  start(options: Omit<RuntimeProcessOptions, 'onExit'>): void {
    const started = new RuntimeProcess({ ...options, onExit: (exit) => this.#onExit(started, exit) });
    this.#process = started;
    if (started.processGroupId !== undefined) this.#options.supervisor.add(started.processGroupId);
  }

  /** Waits until all extensions that were started have registered, or something went wrong. */
  registered(timeoutMs: number): Promise<Happening> {
    if (this.#extensions.areRegistered) return Promise.resolve({ kind: 'registered' });
    return this.#wait(timeoutMs, ['registered']);
  }

  /** Waits until the runtime and all extensions have asked for their next event, or something went wrong. */
  ready(timeoutMs: number): Promise<Happening> {
    return this.#wait(timeoutMs, ['ready', 'initError', 'outOfMemory']);
  }

  /** Waits for the end of a response, whatever ended meanwhile. */
  responded(timeoutMs: number): Promise<Happening> {
    this.#failure = undefined;
    return this.#wait(timeoutMs, ['response', 'outOfMemory'], false);
  }

  /**
   * Looks again after all are ready. A web app that ends takes its answer down first: the web adapter, a process of its own, tells of it and
   * asks for its next event before the end of the app is known. Who reported no failure is not waited for.
   */
  async settled(happening: Happening): Promise<Happening> {
    if (happening.kind !== 'ready' || !this.#api.hasReportedFailure || this.#extensions.processes.length === 0)
      return happening;
    const then = await this.#wait(APP_EXIT_MS, []);
    return then.kind === 'timeout' ? happening : then;
  }

  /** Hands out an event; all must be ready. `deadlineMs` is Unix time. */
  invoke(invocation: Invocation, deadlineMs: number): void {
    this.#received = undefined;
    const { requestId, functionArn, traceId } = invocation;
    this.#extensions.deliver({
      eventType: 'INVOKE',
      deadlineMs: Math.round(deadlineMs),
      requestId,
      invokedFunctionArn: functionArn,
      ...(traceId && { tracing: { type: 'X-Amzn-Trace-Id', value: traceId } }),
    });
    this.#api.invoke(invocation, deadlineMs);
  }

  /** The invocation is over: forgets its event and its id. */
  release(): void {
    this.#memory?.stop();
    this.#memory = undefined;
    this.#api.release();
  }

  /** Watches the memory from now until `release()`. */
  watchMemory(): void {
    const processes = [...this.#extensions.processes, ...(this.#process ? [this.#process] : [])];
    const groups = processes.flatMap(({ processGroupId, countedBytes }) =>
      processGroupId === undefined ? [] : { processGroupId, countedBytes },
    );
    this.#memory?.stop();
    const { memoryWatch, memoryLimitBytes } = this.#options;
    this.#memory = memoryWatch.add(groups, memoryLimitBytes, () => this.#happened({ kind: 'outOfMemory' }));
  }

  /** The most that these processes and their children have used, bytes. */
  peakBytes(): number {
    this.#peakBytes = Math.max(this.#peakBytes, this.#memory?.peakBytes() ?? 0);
    return Math.min(this.#peakBytes, this.#options.memoryLimitBytes);
  }

  /** Waits until a whole turn of the event loop brought no more output. */
  async outputSeen(): Promise<void> {
    await Promise.all([this.#process?.outputSeen(), this.#extensions.outputSeen()]);
  }

  /** Ends all processes, as Lambda does: at once, or with the time that extensions have. Others may be started then. */
  end(reason: ShutdownReason): Promise<void> {
    this.#ending ??= this.#end(reason).finally(() => {
      this.#ending = undefined;
    });
    return this.#ending;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#awaited?.settle({ kind: 'closed' });
    await this.end('spindown');
    this.#options.supervisor.removeEnvironment(this.address);
    await this.#api.close();
  }

  async #end(reason: ShutdownReason): Promise<void> {
    if (!this.#process && this.#extensions.all.length === 0) return;
    const endMs = performance.now() + this.#extensions.shutdownBudgetMs;
    const processes = processesOf(this.address);
    await this.#endRuntime();
    await this.#extensions.shutDown(reason, endMs);
    killProcessesOf(this.address, processes);
    this.#process = undefined;
    this.#failure = undefined;
    this.#api.reset();
  }

  async #endRuntime(): Promise<void> {
    const runtime = this.#process;
    if (!runtime) return;
    const timer = setTimeout(() => runtime.kill(), RUNTIME_SHUTDOWN_MS);
    if (this.#extensions.shutdownBudgetMs === 0) runtime.kill();
    else if (runtime.processGroupId !== undefined && !runtime.isEnded) signalGroup(runtime.processGroupId, 'SIGTERM');
    await runtime.ended;
    clearTimeout(timer);
  }

  #wait(timeoutMs: number, kinds: readonly Happening['kind'][], orFailure = true): Promise<Happening> {
    if (this.#isClosed) return Promise.resolve({ kind: 'closed' });
    if (orFailure && this.#failure) return Promise.resolve(this.#failure);
    const failures: readonly Happening['kind'][] = orFailure ? ['exited', 'extensionFailed'] : [];
    return new Promise((resolve) => {
      const settle: Wait = (happening) => {
        clearTimeout(timer);
        if (this.#awaited === awaited) this.#awaited = undefined;
        resolve(happening);
      };
      const waitMs = Math.min(Math.max(0, timeoutMs), MAX_TIMER_MS);
      const timer = setTimeout(() => settle({ kind: 'timeout' }), waitMs);
      const awaited = { kinds: new Set([...kinds, ...failures]), settle };
      this.#awaited = awaited;
    });
  }

  #happened(happening: Happening): void {
    if (this.#awaited?.kinds.has(happening.kind)) this.#awaited.settle(happening);
  }

  #onNext(): void {
    this.#extensions.closeRegistration();
    this.#onExtension();
  }

  #onExtension(): void {
    if (this.#extensions.areRegistered) this.#happened({ kind: 'registered' });
    if (this.#api.isReady && this.#extensions.areReady) this.#happened({ kind: 'ready' });
  }

  #onResponse(received: ReceivedResponse): void {
    this.#received = received;
    this.#happened({ kind: 'response' });
  }

  #onExit(ended: RuntimeProcess, exit: ProcessExit): void {
    if (ended.processGroupId !== undefined) this.#options.supervisor.remove(ended.processGroupId);
    const reported = this.#extensions.reportedErrorType;
    this.#onFailure({ kind: 'exited', exit, ...(reported !== undefined && { reported }) });
  }

  /** Only the first counts; none while we end them ourselves. */
  #onFailure(failure: Happening): void {
    if (this.#ending || this.#failure) return;
    this.#failure = failure;
    this.#happened(failure);
  }
}
