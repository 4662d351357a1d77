import type { Invocation, PostedError, ReceivedResponse } from './invocation.ts';
import type { MemoryWatch, WatchedMemory } from './memory-watch.ts';
import type { ProcessSupervisor } from './process-supervisor.ts';
import { RuntimeApi } from './runtime-api/runtime-api.ts';
import { type ProcessExit, RuntimeProcess, type RuntimeProcessOptions } from './runtime-process.ts';

/** What may end a wait for the runtime. `next`: it asked for an event. `response`: one was read to its end. */
export type Happening =
  | { readonly kind: 'next' | 'response' | 'timeout' | 'outOfMemory' | 'closed' }
  | { readonly kind: 'initError'; readonly error: PostedError }
  | { readonly kind: 'exited'; readonly exit: ProcessExit };

export interface RuntimeOptions {
  readonly memoryLimitBytes: number;
  readonly errorLimitBytes: number;
  readonly memoryWatch: MemoryWatch;
  readonly supervisor: ProcessSupervisor;
  /** The runtime has answered; who invoked does not know it yet. */
  readonly onAnswer: () => void;
}

/** The longest that a timer can wait. */
const MAX_TIMER_MS = 2_147_483_647;

/** The runtime of one execution environment: its process, or the next one after it, and the Runtime API that it speaks. */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #api: RuntimeApi;
  #process: RuntimeProcess | undefined;
  #memory: WatchedMemory | undefined;
  #peakBytes = 0;
  #awaited: ((happening: Happening) => void) | undefined;
  #awaitsResponse = false;
  #received: ReceivedResponse | undefined;
  #isClosed = false;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    const observer = {
      onNext: () => this.#happened({ kind: 'next' }),
      onInitError: (error: PostedError) => this.#happened({ kind: 'initError', error }),
      onAnswer: options.onAnswer,
      onResponse: (received: ReceivedResponse) => this.#onResponse(received),
    };
    this.#api = new RuntimeApi(observer, options.errorLimitBytes);
  }

  /** Host and port of the Runtime API. */
  get address(): string {
    return this.#api.address;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && !this.#process.isEnded;
  }

  /** A response has begun and was not read to its end. */
  get isResponding(): boolean {
    return this.#api.isResponding;
  }

  /** What came as the response of the last invocation. */
  get received(): ReceivedResponse | undefined {
    return this.#received;
  }

  listen(): Promise<void> {
    return this.#api.listen();
  }

  start(options: Omit<RuntimeProcessOptions, 'onExit'>): void {
    this.#process = new RuntimeProcess({ ...options, onExit: (exit) => this.#onExit(exit) });
    const { processGroupId } = this.#process;
    if (processGroupId !== undefined) this.#options.supervisor.add(processGroupId);
  }

  /** Waits for what happens next, `timeoutMs` at most; with `responseToo` also for the end of a response. */
  next(timeoutMs: number, responseToo = false): Promise<Happening> {
    if (this.#isClosed) return Promise.resolve({ kind: 'closed' });
    this.#awaitsResponse = responseToo;
    return new Promise((resolve) => {
      const waitMs = Math.min(Math.max(0, timeoutMs), MAX_TIMER_MS);
      const timer = setTimeout(() => this.#happened({ kind: 'timeout' }), waitMs);
      this.#awaited = (happening) => {
        clearTimeout(timer);
        this.#awaited = undefined;
        resolve(happening);
      };
    });
  }

  /** Hands out an event; the runtime must be ready. `deadlineMs` is Unix time. */
  invoke(invocation: Invocation, deadlineMs: number): void {
    this.#received = undefined;
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
    const processGroupId = this.#process?.processGroupId;
    if (processGroupId === undefined) return;
    this.#memory?.stop();
    const { memoryWatch, memoryLimitBytes } = this.#options;
    this.#memory = memoryWatch.add(processGroupId, memoryLimitBytes, () => this.#happened({ kind: 'outOfMemory' }));
  }

  /** The most that this process and its children have used, bytes. */
  peakBytes(): number {
    this.#peakBytes = Math.max(this.#peakBytes, this.#memory?.peakBytes() ?? 0);
    return Math.min(this.#peakBytes, this.#options.memoryLimitBytes);
  }

  /** Waits until a whole turn of the event loop brought no more output. */
  async outputSeen(): Promise<void> {
    await this.#process?.outputSeen();
  }

  /** Kills the process group; another process may be started then. */
  async end(): Promise<void> {
    this.#process?.kill();
    await this.#process?.ended;
    this.#process = undefined;
    this.#api.reset();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#happened({ kind: 'closed' });
    await this.end();
    await this.#api.close();
  }

  #happened(happening: Happening): void {
    this.#awaited?.(happening);
  }

  #onResponse(received: ReceivedResponse): void {
    this.#received = received;
    if (this.#awaitsResponse) this.#happened({ kind: 'response' });
  }

  #onExit(exit: ProcessExit): void {
    const processGroupId = this.#process?.processGroupId;
    if (processGroupId !== undefined) this.#options.supervisor.remove(processGroupId);
    this.#happened({ kind: 'exited', exit });
  }
}
