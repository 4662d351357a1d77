import type { FunctionConfiguration } from '@spillway/wire';
import type { EnvironmentHost } from './environment-host.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import { type DeployedFunction, FunctionDeployment } from './function-deployment.ts';
import { sandboxFailure } from './function-errors.ts';
import type { Invocation } from './invocation.ts';
import type { WebPort } from './web/web-port.ts';
import { WebPorts } from './web/web-ports.ts';

/** How long an environment waits for its next invocation, ms. AWS does not say how long its own wait. */
const IDLE_ENVIRONMENT_MS = 300_000;

/** How long an invocation waits for an environment that has answered and is about to be idle, before another one is made, ms. */
const FINISHING_MS = 100;

export interface LambdaFunctionOptions {
  readonly host: EnvironmentHost;
  readonly configuration: FunctionConfiguration;
  /** Never part of the code. Real paths. */
  readonly ignoredPaths: readonly string[];
  /** Of the debugger; 0 for any. With one, invocations run one after the other. */
  readonly inspectPort?: number;
}

interface IdleEnvironment {
  readonly environment: ExecutionEnvironment;
  readonly timer: NodeJS.Timeout;
}

/** A function and its execution environments: one more whenever all are busy, none of code that has changed. */
export class LambdaFunction {
  readonly configuration: FunctionConfiguration;
  readonly #options: LambdaFunctionOptions;
  #deployment: Promise<FunctionDeployment> | undefined;
  readonly #webPorts: WebPorts;
  readonly #idle: IdleEnvironment[] = [];
  /** Invocations that wait for an environment about to be idle. */
  readonly #waiting: ((environment: ExecutionEnvironment | undefined) => void)[] = [];
  /** Invocations that wait for any environment to be idle or to end. */
  readonly #waitingForAny: (() => void)[] = [];
  #finishing = 0;
  /** With the generation of its code. */
  readonly #all = new Map<ExecutionEnvironment, number>();
  readonly #closing = new Set<Promise<void>>();
  /** Of the code; environments of an older one take no more invocations. */
  #generation = 0;
  #isClosed = false;
  readonly #running = new Set<Promise<void>>();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: LambdaFunctionOptions) {
    this.#options = options;
    this.configuration = options.configuration;
    this.#webPorts = new WebPorts(options.configuration);
  }

  /** Makes code and layers ready; the first invocation does it otherwise. @throws UsageError when they are not where they should be. */
  async open(): Promise<void> {
    const deployment = await this.#opened();
    // Not waited for: a search for interpreters may take seconds.
    void deployment.prepare();
  }

  /** Takes what was written before this call, and tells how often the code has changed. @throws UsageError as `open` does. */
  async codeGeneration(): Promise<number> {
    await (await this.#opened()).refresh();
    return this.#generation;
  }

  /** Runs an invocation to its end; its answer is settled in any case. `onAnswer` is called just before. Never rejects. */
  async run(invocation: Invocation, onAnswer: () => void): Promise<void> {
    const running =
      this.#options.inspectPort === undefined ? this.#run(invocation, onAnswer) : this.#runInTurn(invocation, onAnswer);
    this.#running.add(running);
    await running;
    this.#running.delete(running);
  }

  /** Ends idle environments at once and the others when they are through, and closes then. It is given no more invocations. */
  async retire(): Promise<void> {
    this.#retireIdle();
    while (this.#running.size > 0) await Promise.all(this.#running);
    await this.close();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const deployment = await this.#deployment?.catch(() => undefined);
    deployment?.stop();
    for (const { timer } of this.#idle) clearTimeout(timer);
    for (const environment of this.#all.keys()) this.#end(environment);
    await Promise.all(this.#closing);
    await deployment?.close();
  }

  #opened(): Promise<FunctionDeployment> {
    const { host, configuration, ignoredPaths, inspectPort } = this.#options;
    const isInspected = inspectPort !== undefined;
    const onChange = () => this.#retireIdle();
    const opening =
      this.#deployment ?? FunctionDeployment.open({ host, configuration, ignoredPaths, isInspected, onChange });
    this.#deployment = opening;
    // What is missing may be there the next time.
    opening.catch(() => {
      if (this.#deployment === opening) this.#deployment = undefined;
    });
    return opening;
  }

  #runInTurn(invocation: Invocation, onAnswer: () => void): Promise<void> {
    this.#turn = this.#turn.then(() => this.#run(invocation, onAnswer));
    return this.#turn;
  }

  async #run(invocation: Invocation, onAnswer: () => void): Promise<void> {
    try {
      const deployment = await this.#opened();
      await deployment.refresh();
      const environment = await this.#environment(deployment);
      await this.#runIn(environment, invocation, onAnswer);
    } catch (error) {
      const reason = `The execution environment could not be made: ${(error as Error).message}`;
      this.#options.host.report(`Function ${this.configuration.functionName}: ${reason}`);
      invocation.answer.fail(sandboxFailure(invocation.requestId, reason, error));
    }
  }

  async #runIn(environment: ExecutionEnvironment, invocation: Invocation, onAnswer: () => void): Promise<void> {
    let finishing = 0;
    await environment.run(invocation, () => {
      this.#finishing += 1 - finishing;
      finishing = 1;
      onAnswer();
    });
    this.#finishing -= finishing;
    this.#release(environment);
    this.#wakeOne();
  }

  /** The one that was busy last: the others may grow old. Waits for one that has answered already. */
  async #idleEnvironment(): Promise<ExecutionEnvironment | undefined> {
    const idle = this.#idle.pop();
    clearTimeout(idle?.timer);
    if (idle || this.#finishing <= this.#waiting.length) return idle?.environment;
    return new Promise((resolve) => {
      const settle = (environment: ExecutionEnvironment | undefined) => {
        clearTimeout(timer);
        resolve(environment);
      };
      this.#waiting.push(settle);
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(settle), 1);
        settle(undefined);
      }, FINISHING_MS);
    });
  }

  async #environment(deployment: FunctionDeployment): Promise<ExecutionEnvironment> {
    for (;;) {
      const idle = await this.#idleEnvironment();
      if (idle) return idle;
      // Of the code that is looked at now: it may change before there is an environment for it.
      const generation = this.#generation;
      const deployed = await deployment.current();
      const webPort = deployed.isWebApp ? await this.#webPorts.open() : undefined;
      const isAlone = this.#all.size + this.#closing.size === 0;
      if (!webPort || isAlone || !this.#webPorts.isFixed) return this.#newEnvironment(deployed, generation, webPort);
      await new Promise<void>((resolve) => this.#waitingForAny.push(resolve));
    }
  }

  async #newEnvironment(
    deployed: DeployedFunction,
    generation: number,
    webPort: WebPort | undefined,
  ): Promise<ExecutionEnvironment> {
    const { host, configuration, inspectPort } = this.#options;
    const environment = new ExecutionEnvironment({
      ...deployed,
      notes: [...deployed.notes, ...(webPort?.notes ?? [])],
      host,
      configuration,
      ...(webPort && { webPort }),
      ...(inspectPort !== undefined && { inspectPort }),
    });
    if (this.#isClosed) {
      webPort?.close();
      throw new Error('The server was stopped, or the function deleted.');
    }
    this.#all.set(environment, generation);
    void webPort?.use.then((use) => use === 'fixed' && this.#onFixedPort(environment));
    try {
      await environment.open();
      return environment;
    } catch (error) {
      this.#end(environment);
      throw error;
    }
  }

  #onFixedPort(environment: ExecutionEnvironment): void {
    environment.note(this.#webPorts.fixedNote);
    this.#options.host.report(`Function ${this.configuration.functionName}: ${this.#webPorts.fixedNote}`);
  }

  #release(environment: ExecutionEnvironment): void {
    const isOld = this.#isClosed || this.#all.get(environment) !== this.#generation;
    const waiting = this.#waiting.shift();
    if (isOld) this.#end(environment);
    waiting?.(isOld ? undefined : environment);
    if (isOld || waiting) return;
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.environment === environment),
        1,
      );
      this.#end(environment);
    }, IDLE_ENVIRONMENT_MS);
    timer.unref();
    this.#idle.push({ environment, timer });
  }

  #retireIdle(): void {
    this.#generation += 1;
    for (const { environment, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      this.#end(environment);
    }
  }

  #end(environment: ExecutionEnvironment): void {
    if (!this.#all.delete(environment)) return;
    const closing = environment.close().catch(() => {});
    this.#closing.add(closing);
    void closing.then(() => {
      this.#closing.delete(closing);
      this.#wakeOne();
    });
  }

  /** An environment is idle or has ended. */
  #wakeOne(): void {
    const count = this.#isClosed ? this.#waitingForAny.length : 1;
    for (const wake of this.#waitingForAny.splice(0, count)) wake();
  }
}
