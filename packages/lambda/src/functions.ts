import { AwsError, type FunctionConfiguration, type FunctionPermission } from '@spillway/wire';
import type { EnvironmentHost } from './environment-host.ts';
import { checkEnvironment } from './environment-variables.ts';
import { functionNotFound, parseFunctionName } from './function-name.ts';
import { FunctionPolicy } from './function-policy.ts';
import type { Invocation } from './invocation.ts';
import { LambdaFunction } from './lambda-function.ts';
import { checkLayers } from './layers.ts';
import { checkRuntime } from './runtime-command.ts';

export interface FunctionsOptions {
  readonly host: EnvironmentHost;
  /** Never part of a function's code. Real paths. */
  readonly ignoredPaths: readonly string[];
  /** By function name or logical id. */
  readonly inspect: ReadonlyMap<string, number>;
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

/** The functions of one account and Region, by name. */
export class Functions {
  readonly #options: FunctionsOptions;
  readonly #functions = new Map<string, LambdaFunction>();
  readonly #policies = new Map<string, FunctionPolicy>();

  constructor(options: FunctionsOptions) {
    this.#options = options;
  }

  /**
   * @throws UsageError for a runtime that is not supported, for code that is not there.
   * @throws AwsError `ResourceConflictException` when the name is taken, `InvalidParameterValueException` for reserved variables.
   */
  async create(configuration: FunctionConfiguration): Promise<LambdaFunction> {
    const { functionName, logicalId } = configuration;
    if (this.#functions.has(functionName)) {
      throw new AwsError('ResourceConflictException', { message: `Function already exist: ${functionName}` });
    }
    checkRuntime(configuration, this.#options.host.pythonBootstrapPath);
    checkLayers(configuration);
    checkEnvironment(configuration.environment);
    const { host, ignoredPaths, inspect } = this.#options;
    const inspectPort = inspect.get(functionName) ?? inspect.get(logicalId ?? '');
    const created = await LambdaFunction.create({
      host,
      configuration,
      ignoredPaths,
      ...(inspectPort !== undefined && { inspectPort }),
    });
    this.#functions.set(functionName, created);
    return created;
  }

  /** By name or ARN. @throws AwsError `ResourceNotFoundException`, `ValidationException`, `AccessDeniedException`. */
  get(functionName: string): InvokableFunction {
    const reference = parseFunctionName(functionName, this.#options.host.region);
    const found = this.#functions.get(reference.name);
    // Versions and aliases are not made here.
    if (!found || (reference.qualifier ?? '$LATEST') !== '$LATEST') {
      throw functionNotFound(this.#options.host.region, reference);
    }
    return {
      configuration: found.configuration,
      version: '$LATEST',
      policy: this.#policies.get(reference.name) ?? new FunctionPolicy(),
      run: (invocation, onAnswer) => found.run(invocation, onAnswer),
    };
  }

  addPermission(permission: FunctionPermission): void {
    const { configuration, policy } = this.get(permission.functionName);
    this.#policies.set(configuration.functionName, policy.with(permission));
  }

  configurations(): readonly FunctionConfiguration[] {
    return [...this.#functions.values()].map(({ configuration }) => configuration);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((each) => each.close()));
  }
}
