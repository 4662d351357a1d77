import { join } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';
import type { EnvironmentHost } from './environment-host.ts';
import { type EnvironmentSetup, environmentVariables } from './environment-variables.ts';
import { extensionEnvironment } from './extensions/extension-environment.ts';
import { extensionNames } from './extensions/extension-files.ts';
import type { ExtensionLaunch } from './extensions/extensions.ts';
import type { DeployedFunction } from './function-deployment.ts';
import { runtimeCommand } from './runtime-command.ts';
import type { RuntimeProcessOptions } from './runtime-process.ts';
import type { Place } from './sandbox/place.ts';
import { isSameFile, WEB_ADAPTER_BYTES } from './web/own-web-adapter.ts';

export interface EnvironmentLaunchesOptions
  extends Pick<EnvironmentSetup, 'logGroupName' | 'logStreamName' | 'credentials' | 'webPort'> {
  readonly host: EnvironmentHost;
  readonly deployed: DeployedFunction;
  readonly configuration: FunctionConfiguration;
  readonly place: Place;
  /** Host and port of the Runtime API, once it listens. */
  readonly runtimeApi: () => string;
  /** That lead to AWS's hosts. */
  readonly hostVariables: () => Readonly<Record<string, string>>;
  /** Of the debugger; 0 for any. */
  readonly inspectPort?: number;
  /** Takes what one more process prints. */
  readonly output: () => (bytes: Buffer) => void;
}

/** How the processes of one environment are started. */
export class EnvironmentLaunches {
  readonly #options: EnvironmentLaunchesOptions;

  constructor(options: EnvironmentLaunchesOptions) {
    this.#options = options;
  }

  runtime(): Omit<RuntimeProcessOptions, 'onExit'> {
    const { host, deployed, place, output } = this.#options;
    const command = runtimeCommand({ ...host, ...deployed, ...this.#options });
    const environment = this.#variables(this.#options.hostVariables());
    return {
      ...place.launch({ ...command, environment }),
      workingDirectory: deployed.taskRoot,
      onOutput: output(),
    };
  }

  /** In the order in which they are to be started. */
  async extensions(): Promise<readonly ExtensionLaunch[]> {
    const names = await extensionNames(this.#options.deployed.optDirectory);
    return Promise.all(names.map((name) => this.#extension(name)));
  }

  async #extension(name: string): Promise<ExtensionLaunch> {
    const { host, deployed, place, output } = this.#options;
    const path = join(deployed.optDirectory, 'extensions', name);
    const placedPath = join(place.optDirectory, 'extensions', name);
    const environment = {
      ...extensionEnvironment(this.#variables()),
      ...(host.lwaFailedStream === 'break' && { SPILLWAY_LWA_FAILED_STREAM: 'break' }),
    };
    return {
      ...place.launch({ command: placedPath, arguments: [], environment }),
      name,
      placedPath,
      path,
      workingDirectory: deployed.taskRoot,
      onOutput: output(),
      ...((await this.#isOwnWebAdapter(path)) && { countedBytes: WEB_ADAPTER_BYTES }),
    };
  }

  async #isOwnWebAdapter(path: string): Promise<boolean> {
    const own = await this.#options.host.ownWebAdapter;
    return own !== undefined && isSameFile(path, own);
  }

  #variables(hostVariables: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { host, deployed, runtimeApi } = this.#options;
    return environmentVariables({ ...host, ...deployed, ...this.#options, runtimeApi: runtimeApi(), hostVariables });
  }
}
