import type { ProcessSupervisor } from '../process-supervisor.ts';
import { type ProcessExit, RuntimeProcess } from '../runtime-process.ts';
import type { Extension, ExtensionEvent, ShutdownReason } from './extension.ts';
import { type LaunchRefusal, launchRefusal } from './extension-files.ts';
import { type ExtensionsApi, extensionsApi } from './extensions-api.ts';
import { ExtensionRegistry, MAX_EXTENSIONS } from './registry.ts';

/** One file of the `extensions` directory, and how to start it. */
export interface ExtensionLaunch {
  readonly name: string;
  /** The file, where this process finds it. */
  readonly path: string;
  /** The same, where the processes of the environment find it. */
  readonly placedPath: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly onOutput: (bytes: Buffer) => void;
  /** What its process counts as, in place of the memory that it takes. */
  readonly countedBytes?: number;
}

/** How an extension ended the environment. */
export interface ExtensionFailure {
  readonly errorType: 'Extension.LaunchError' | 'Extension.Crash' | 'Extension.InitError' | 'Extension.ExitError';
  /** AWS's words: `exit code 0`, `exit status 1`, `fork/exec /opt/extensions/NAME: permission denied`. */
  readonly text: string;
  readonly name: string;
  /** The file that could not be started, where this process finds it. */
  readonly path?: string;
}

export interface ExtensionsOptions {
  readonly functionName: string;
  readonly version?: string;
  readonly handler: string;
  readonly supervisor: ProcessSupervisor;
  /** An extension registered or asked for its next event. */
  readonly onChange: () => void;
  readonly onFailure: (failure: ExtensionFailure) => void;
}

/** How long extensions have for their end, ms. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const SHUTDOWN_BUDGET_MS = { external: 2000, internal: 500, none: 0 } as const;

/** The extensions of one execution environment: those that are processes, and those that the runtime registers. */
export class Extensions {
  readonly api: ExtensionsApi;
  readonly #options: ExtensionsOptions;
  readonly #registry = new ExtensionRegistry();
  readonly #processes = new Map<string, RuntimeProcess>();

  constructor(options: ExtensionsOptions) {
    this.#options = options;
    this.api = extensionsApi({ ...options, registry: this.#registry });
  }

  get all(): readonly Extension[] {
    return this.#registry.all;
  }

  /** What a process reported before it ended, if it did. */
  get reportedErrorType(): string | undefined {
    return this.#registry.reportedErrorType;
  }

  get areRegistered(): boolean {
    return this.all.every(({ state }) => state !== 'Started' && state !== 'LaunchError');
  }

  /** Each one has asked for its next event. */
  get areReady(): boolean {
    return this.all.every(({ state }) => state === 'Ready');
  }

  /** Of those that are processes. */
  get processes(): readonly RuntimeProcess[] {
    return [...this.#processes.values()];
  }

  get shutdownBudgetMs(): number {
    if (this.#processes.size > 0) return SHUTDOWN_BUDGET_MS.external;
    return this.all.length > 0 ? SHUTDOWN_BUDGET_MS.internal : SHUTDOWN_BUDGET_MS.none;
  }

  /** Starts one after the other; the first that can't be started is the end of it. */
  start(launches: readonly ExtensionLaunch[]): void {
    for (const launch of launches) {
      const extension = this.#registry.addExternal(launch.name);
      const refusal = this.all.length > MAX_EXTENSIONS ? 'TooManyExtensions' : launchRefusal(launch.path);
      if (refusal !== undefined) {
        this.#refuse(extension, launch, refusal);
        return;
      }
      this.#launch(launch);
    }
  }

  /** The runtime has asked for its first event: no one else may register. */
  closeRegistration(): void {
    this.#registry.close();
  }

  /** Hands an event to those that subscribed to it. */
  deliver(event: ExtensionEvent): void {
    this.#registry.deliver(event);
  }

  /** Ends all processes: at once, or, after a SHUTDOWN event, when they have ended or `endMs` (of `performance.now()`) is over. */
  async shutDown(shutdownReason: ShutdownReason, endMs: number): Promise<void> {
    const restMs = Math.max(0, endMs - performance.now());
    const deadlineMs = Math.round(Date.now() + restMs);
    this.deliver({ eventType: 'SHUTDOWN', deadlineMs, shutdownReason });
    await Promise.all(this.all.map((extension) => this.#end(extension, restMs)));
    this.#processes.clear();
    this.#registry.clear();
  }

  async outputSeen(): Promise<void> {
    await Promise.all(this.processes.map((one) => one.outputSeen()));
  }

  #launch({ name, ...launch }: ExtensionLaunch): void {
    const onExit = (exit: ProcessExit) => {
      if (started.processGroupId !== undefined) this.#options.supervisor.remove(started.processGroupId);
      this.#options.onFailure({ errorType: this.#errorType(), text: exitText(exit), name });
    };
    const started = new RuntimeProcess({ ...launch, onExit });
    if (started.processGroupId !== undefined) this.#options.supervisor.add(started.processGroupId);
    this.#processes.set(name, started);
  }

  #refuse(
    extension: Extension,
    { name, path, placedPath }: ExtensionLaunch,
    refusal: LaunchRefusal | 'TooManyExtensions',
  ): void {
    const isTooMany = refusal === 'TooManyExtensions';
    if (isTooMany) extension.launchFailed(refusal);
    else extension.launchFailed(refusal === 'permission denied' ? 'PermissionDenied' : 'UnknownError');
    const text = isTooMany ? 'ErrTooManyExtensions' : `fork/exec ${placedPath}: ${refusal}`;
    this.#options.onFailure({ errorType: 'Extension.LaunchError', text, name, path });
  }

  #errorType(): ExtensionFailure['errorType'] {
    const reported = this.reportedErrorType;
    return reported === 'Extension.InitError' || reported === 'Extension.ExitError' ? reported : 'Extension.Crash';
  }

  async #end(extension: Extension, restMs: number): Promise<void> {
    const running = extension.kind === 'external' ? this.#processes.get(extension.name) : undefined;
    if (!running) return;
    if (!extension.isSubscribedTo('SHUTDOWN')) running.kill();
    const timer = setTimeout(() => running.kill(), restMs);
    await running.ended;
    clearTimeout(timer);
  }
}

/** Of an extension that ended, in AWS's words: a process that ended well has a code, the others a status or a signal. */
const exitText = ({ text }: ProcessExit): string =>
  text.startsWith('Runtime exited with error: ') ? text.slice('Runtime exited with error: '.length) : 'exit code 0';
