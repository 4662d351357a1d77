import {
  AwsError,
  type FunctionConfiguration,
  type FunctionPermission,
  type StateStore,
  type StateTable,
  UsageError,
} from '@spillway/wire';
import type { Concurrency } from './concurrency.ts';
import type { CodeStore } from './control-plane/code-store.ts';
import {
  apiTime,
  codeOf,
  type FunctionDocument,
  LATEST,
  policyOf,
  type VersionDocument,
} from './control-plane/function-document.ts';
import type { LayerVersions } from './control-plane/layer-versions.ts';
import { newDocument, RegisteredFunction } from './control-plane/registered-function.ts';
import { refuseInvocation } from './control-plane/transition.ts';
import { configurationOf, settingsOf } from './control-plane/version-configuration.ts';
import type { EnvironmentHost } from './environment-host.ts';
import { checkEnvironment } from './environment-variables.ts';
import { functionNotFound, parseFunctionName } from './function-name.ts';
import type { FunctionPolicy } from './function-policy.ts';
import type { Invocation } from './invocation.ts';
import { LambdaFunction } from './lambda-function.ts';
import { checkLayerCount } from './layers.ts';
import { checkRuntime } from './runtime-command.ts';

export interface FunctionsOptions {
  readonly host: EnvironmentHost;
  /** Never part of a function's code. Real paths. */
  readonly ignoredPaths: readonly string[];
  /** By function name or logical id. */
  readonly inspect: ReadonlyMap<string, number>;
  readonly state: StateStore;
  readonly code: CodeStore;
  readonly layers: LayerVersions;
  readonly concurrency: Concurrency;
}

interface KeptFunction extends FunctionDocument {
  /** It is none any more, but what belongs to it may still be there. */
  readonly isDeleted?: true;
}

/** What a reference to a function leads to: $LATEST or a version, by its number or an alias. */
export interface InvokableFunction {
  readonly configuration: FunctionConfiguration;
  /** What is executed: `$LATEST` or a number. */
  readonly version: string;
  /** Of the function, the version or the alias, as it was referred to. */
  readonly policy: FunctionPolicy;
  /** Runs an invocation to its end; its answer is settled in any case. `onAnswer` is called just before. Never rejects. */
  run(invocation: Invocation, onAnswer: () => void): Promise<void>;
}

/** The functions of one account and Region, by name: those of templates, and those of the API, which are kept. */
export class Functions {
  readonly #options: FunctionsOptions;
  readonly #table: StateTable<KeptFunction>;
  readonly #functions = new Map<string, RegisteredFunction>();
  /** Those that a killed server had begun to delete. */
  readonly #deleted: KeptFunction[] = [];
  /** Being created or deleted. */
  readonly #taken = new Set<string>();

  constructor(options: FunctionsOptions) {
    this.#options = options;
    this.#table = options.state.table('lambda-functions');
    for (const [, document] of this.#table.entries()) {
      if (document.isDeleted) this.#deleted.push(document);
      else this.#register(document);
    }
    this.sweepCode();
  }

  /**
   * Makes a template's function. It is not kept: the template makes it anew at the next start.
   * @throws UsageError for a runtime that is not supported, for code that is not there, for the name of a function that was kept.
   * @throws AwsError `ResourceConflictException` when the name is taken, `InvalidParameterValueException` for reserved variables.
   */
  async create(configuration: FunctionConfiguration): Promise<void> {
    const { functionName, logicalId, code } = configuration;
    if (this.#functions.get(functionName)?.isFromTemplate === false) throw keptAlready(functionName);
    this.check(configuration);
    const { region } = this.#options.host;
    const latest = { settings: settingsOf(configuration, region), code, lastModified: apiTime() };
    await this.#claim(functionName, async () => {
      const made = this.#registered(newDocument(functionName, latest, configuration), configuration, logicalId);
      await made.open();
      this.#add(made);
    });
  }

  /** Makes a function of the API. It is Pending when this settles, and kept. @throws AwsError `ResourceConflictException`. */
  async register(document: FunctionDocument): Promise<RegisteredFunction> {
    return this.#claim(document.functionName, async () => {
      await this.#write(document);
      const made = this.#register(document);
      made.settle('create', document.versions.at(-1)?.version);
      return made;
    });
  }

  /** @throws UsageError for a runtime that can't be started here. @throws AwsError `InvalidParameterValueException`. */
  check(configuration: FunctionConfiguration): void {
    checkRuntime(configuration, this.#options.host.pythonBootstrapPath);
    checkLayerCount(configuration.layers.length);
    checkEnvironment(configuration.environment);
  }

  /**
   * By name or ARN, as it is invoked.
   * @throws AwsError `ResourceNotFoundException`, `ValidationException`, `AccessDeniedException`, `ResourceConflictException` while it is Pending.
   */
  get(functionName: string): InvokableFunction {
    const { region } = this.#options.host;
    const reference = parseFunctionName(functionName, region);
    const found = this.#functions.get(reference.name);
    const version = found?.resolve(reference.qualifier);
    if (!found || !version) throw functionNotFound(region, { qualifier: LATEST, ...reference });
    refuseInvocation(found.transition(version.version));
    const running = found.running(version.version);
    return {
      configuration: running.configuration,
      version: version.version,
      policy: found.policy(reference.qualifier),
      run: (invocation, onAnswer) => running.run(invocation, onAnswer),
    };
  }

  /** By its bare name. */
  find(name: string): RegisteredFunction | undefined {
    return this.#functions.get(name);
  }

  /** In the order of their names. */
  all(): readonly RegisteredFunction[] {
    return [...this.#functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * `before`: removes what belongs to the function, which is not found any more by then. A server that is killed from there on finishes it
   * at its next start: of what is kept all is deleted or nothing.
   * @throws AwsError `ResourceNotFoundException` when it was deleted meanwhile.
   */
  async delete(found: RegisteredFunction, before: () => Promise<void>): Promise<void> {
    await found.delete(() => this.#claimed(found.name, () => this.#remove(found, before)));
    this.sweepCode();
  }

  /** To be called at the start. `before`: as of `delete()`. */
  async finishDeletions(before: (name: string) => Promise<void>): Promise<void> {
    for (const { functionName } of this.#deleted.splice(0)) {
      await before(functionName);
      await this.#forget(functionName);
    }
  }

  /** Adds a template's permission. */
  async addPermission(permission: FunctionPermission): Promise<void> {
    const { region } = this.#options.host;
    const { name, qualifier = permission.qualifier } = parseFunctionName(permission.functionName, region);
    const found = this.#functions.get(name);
    if (found === undefined) throw functionNotFound(region, { name, qualifier: LATEST });
    const key = qualifier ?? LATEST;
    await found.change((document) => {
      const { statements } = found.policy(qualifier).with(permission);
      const revisionId = policyOf(document, key)?.revisionId ?? document.latest.revisionId;
      return [{ ...document, policies: { ...document.policies, [key]: { revisionId, statements } } }, undefined];
    });
  }

  /** Of $LATEST, each. */
  configurations(): readonly FunctionConfiguration[] {
    return [...this.#functions.values()].map((each) => each.running(LATEST).configuration);
  }

  /** Removes the code that no function and no layer has any more. */
  sweepCode(): void {
    const { code, layers } = this.#options;
    code.sweep([...layers.codes(), ...[...this.#functions.values()].flatMap(({ document }) => codeOf(document))]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((each) => each.close()));
  }

  async #claim<T>(name: string, make: () => Promise<T>): Promise<T> {
    if (this.#functions.has(name) || this.#taken.has(name)) {
      throw new AwsError('ResourceConflictException', { message: `Function already exist: ${name}` });
    }
    return this.#claimed(name, make);
  }

  /** Nobody else gets the name meanwhile. */
  async #claimed<T>(name: string, use: () => Promise<T>): Promise<T> {
    this.#taken.add(name);
    try {
      return await use();
    } finally {
      this.#taken.delete(name);
    }
  }

  async #remove(found: RegisteredFunction, before: () => Promise<void>): Promise<void> {
    const { name, isFromTemplate, document } = found;
    this.#functions.delete(name);
    try {
      if (!isFromTemplate) await this.#write({ ...document, isDeleted: true });
      await before();
    } catch (error) {
      if (!isFromTemplate) await this.#write(document).catch(() => {});
      this.#functions.set(name, found);
      throw error;
    }
    // Nothing is left but the mark, which the next start looks for, or who makes a function of that name writes over.
    if (!isFromTemplate) await this.#forget(name).catch(() => {});
    this.#options.concurrency.release(name);
  }

  #write(value: KeptFunction): Promise<void> {
    return this.#table.write([{ key: value.functionName, value }]);
  }

  #forget(name: string): Promise<void> {
    return this.#table.write([{ key: name, value: undefined }]);
  }

  #register(document: FunctionDocument): RegisteredFunction {
    return this.#add(this.#registered(document, undefined, undefined));
  }

  #add(made: RegisteredFunction): RegisteredFunction {
    this.#functions.set(made.name, made);
    const { reservedConcurrentExecutions } = made.document;
    if (reservedConcurrentExecutions !== undefined) {
      this.#options.concurrency.reserve(made.name, reservedConcurrentExecutions);
    }
    return made;
  }

  #registered(
    document: FunctionDocument,
    template: FunctionConfiguration | undefined,
    logicalId: string | undefined,
  ): RegisteredFunction {
    const isFromTemplate = template !== undefined;
    return new RegisteredFunction({
      document,
      region: this.#options.host.region,
      isFromTemplate,
      makeVersion: (version, { functionName }) => this.#makeVersion(functionName, version, logicalId),
      write: async (value) => {
        if (!isFromTemplate) await this.#write(value);
      },
      onRetired: () => this.sweepCode(),
    });
  }

  #makeVersion(functionName: string, version: VersionDocument, logicalId: string | undefined): LambdaFunction {
    const { host, ignoredPaths, inspect, code } = this.#options;
    const inspectPort =
      version.version === LATEST ? (inspect.get(functionName) ?? inspect.get(logicalId ?? '')) : undefined;
    const configuration = configurationOf(functionName, version, code);
    return new LambdaFunction({
      host,
      configuration: { ...configuration, ...(logicalId !== undefined && { logicalId }) },
      ignoredPaths,
      ...(inspectPort !== undefined && { inspectPort }),
    });
  }
}

const keptAlready = (name: string) =>
  new UsageError(
    `Function ${name} of the template has the name of a function that was made by the Lambda API and is kept in the state directory. ` +
      `Delete that one (aws lambda delete-function --function-name ${name}, with no template that has it), or give the template's another FunctionName.`,
  );
