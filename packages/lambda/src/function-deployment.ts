import { existsSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';
import { namesS3Host } from './aws-hosts/named-hosts.ts';
import { type CodeScan, scanCode } from './code-scan.ts';
import { deploymentNotes, deploymentWarnings } from './deployment-notes.ts';
import type { EnvironmentHost } from './environment-host.ts';
import { type DeployedCode, deployCode } from './function-code.ts';
import { misfits } from './interpreters/compiled-modules.ts';
import { type FoundInterpreter, findInterpreter } from './interpreters/find-interpreter.ts';
import type { Interpreter } from './interpreters/interpreter.ts';
import { makeLangDirectory } from './interpreters/lang-directory.ts';
import { type DeployedLayers, deployLayers } from './layers.ts';
import { keptPathsOf } from './sandbox/kept-paths.ts';
import { type Place, realPlace } from './sandbox/place.ts';

/** What all environments of a function share until its code or its layers change. */
export interface DeployedFunction {
  /** Where the code is. */
  readonly taskRoot: string;
  /** Where its layers are, merged. */
  readonly optDirectory: string;
  /** Undefined for a runtime that has none, or one that is not here. */
  readonly interpreter: Interpreter | undefined;
  /** The Lambda Web Adapter is among its extensions: it is a web app. */
  readonly isWebApp: boolean;
  /** It may call AWS's own hosts. */
  readonly namesAwsHosts: boolean;
  /** What will work otherwise than on Lambda, or not at all: for the terminal. */
  readonly warnings: readonly string[];
  /** The same and more, for its log. */
  readonly notes: readonly string[];
  /** The place of an environment that has this directory for its own. */
  place(temporaryDirectory: string): Place;
}

export interface FunctionDeploymentOptions {
  readonly host: EnvironmentHost;
  readonly configuration: FunctionConfiguration;
  /** Never part of the code. Real paths. */
  readonly ignoredPaths: readonly string[];
  /** A debugger wants to find the real files. */
  readonly isInspected: boolean;
  readonly onChange: () => void;
}

/** A function's code, layers and interpreter, made ready for its environments, and anew when they change. */
export class FunctionDeployment {
  readonly #options: FunctionDeploymentOptions;
  readonly #code: DeployedCode;
  readonly #layers: DeployedLayers;
  #current: Promise<DeployedFunction> | undefined;
  #isClosed = false;

  private constructor(options: FunctionDeploymentOptions, code: DeployedCode, layers: DeployedLayers) {
    this.#options = options;
    this.#code = code;
    this.#layers = layers;
  }

  /** @throws UsageError when code or layers are not where the template says. */
  static async open(options: FunctionDeploymentOptions): Promise<FunctionDeployment> {
    const { host, configuration, ignoredPaths } = options;
    let opened: FunctionDeployment | undefined;
    const onChange = () => {
      if (opened) opened.#current = undefined;
      options.onChange();
    };
    const shared = { configuration, ignoredPaths, onChange };
    const code = await deployCode({ ...shared, directory: host.directory });
    const { webAdapterLayer } = host;
    const layers = await deployLayers({ ...shared, directory: join(host.directory, 'layers'), webAdapterLayer }).catch(
      (error: unknown) => {
        void code.close();
        throw error;
      },
    );
    opened = new FunctionDeployment(options, code, layers);
    return opened;
  }

  /** Takes what was written before this call. */
  async refresh(): Promise<void> {
    await Promise.all([this.#code.refresh(), this.#layers.refresh()]);
  }

  /** @throws UsageError when there is no interpreter for it. */
  current(): Promise<DeployedFunction> {
    const current = this.#current ?? this.#deploy();
    this.#current = current;
    // What is missing may be there the next time.
    current.catch(() => {
      if (this.#current === current) this.#current = undefined;
    });
    return current;
  }

  /** Gets all ready for the first invocation and says what the function lacks, without giving up on it: it may come. Never rejects. */
  async prepare(): Promise<void> {
    const { host, configuration } = this.#options;
    const report = (line: string) => this.#isClosed || host.report(`Function ${configuration.functionName}: ${line}`);
    try {
      for (const warning of (await this.current()).warnings) report(warning);
    } catch (error) {
      report((error as Error).message);
    }
  }

  /** Makes nothing ready any more. */
  stop(): void {
    this.#isClosed = true;
  }

  /** Removes what was made, once nothing runs in it. */
  async close(): Promise<void> {
    this.stop();
    await Promise.all([this.#code.close(), this.#layers.close()]);
  }

  async #deploy(): Promise<DeployedFunction> {
    const { host, configuration, isInspected } = this.#options;
    const { taskRoot } = this.#code;
    const { optDirectory } = this.#layers;
    const scans = { code: await scanCode(taskRoot), layers: await scanCode(optDirectory) };
    const [found, hostSandbox, namesAwsHosts] = await Promise.all([
      this.#interpreter(scans),
      host.sandbox,
      this.#namesAwsHosts(taskRoot, optDirectory),
    ]);
    if (this.#isClosed) throw new Error('The server was stopped, or the function deleted.');
    const interpreter = found?.interpreter;
    const langDirectory = await this.#langDirectory(interpreter);
    const keptPaths = keptPathsOf([interpreter?.path]);
    const isSandbox = hostSandbox.isOpen && !isInspected && scans.code.outwardLinks.length === 0;
    const sandbox = isSandbox ? hostSandbox : { place: realPlace };
    const interpreterWarning = found?.warning;
    const shared = { configuration, taskRoot, optDirectory, scans, interpreter };
    const context = { ...shared, isSandbox, isInspected, interpreterWarning };
    const warnings = await deploymentWarnings(context);
    return {
      taskRoot,
      optDirectory,
      interpreter,
      namesAwsHosts,
      isWebApp: existsSync(join(optDirectory, 'extensions/lambda-adapter')),
      warnings,
      notes: [...warnings, ...(await deploymentNotes(context))],
      place: (temporaryDirectory) =>
        sandbox.place({ taskRoot, optDirectory, temporaryDirectory, langDirectory }, keptPaths),
    };
  }

  async #namesAwsHosts(...directories: readonly string[]): Promise<boolean> {
    const { host, configuration } = this.#options;
    if (!host.awsHosts || !(await namesS3Host(directories, configuration.environment))) return false;
    void host.awsHosts.prepare();
    return true;
  }

  #interpreter(scans: DeployedScans): Promise<FoundInterpreter | undefined> {
    const { host, configuration } = this.#options;
    const modules = [...scans.code.compiledModules, ...scans.layers.compiledModules];
    return findInterpreter({
      runtime: configuration.runtime,
      settings: host.interpreters ?? new Map(),
      fits: (interpreter) => misfits(modules, interpreter).length === 0,
    });
  }

  async #langDirectory(interpreter: Interpreter | undefined): Promise<string> {
    const parent = join(this.#options.host.directory, 'lang');
    await mkdir(parent, { recursive: true });
    return makeLangDirectory(await mkdtemp(join(parent, '-')), interpreter);
  }
}

export interface DeployedScans {
  readonly code: CodeScan;
  readonly layers: CodeScan;
}
