import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Credentials } from '@spillway/http';
import { AwsError, type FunctionConfiguration } from '@spillway/wire';
import { atPlace, EXEC_WRAPPER, isProvided } from './runtime-command.ts';
import type { Place } from './sandbox/place.ts';
import type { WebPort } from './web/web-port.ts';

/** Names that a function's configuration can't set. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

/** @throws AwsError `InvalidParameterValueException` naming the reserved names that were used. */
export function checkEnvironment(environment: FunctionConfiguration['environment']): void {
  const reserved = Object.keys(environment).filter((name) => RESERVED_NAMES.has(name));
  if (reserved.length === 0) return;
  throw new AwsError('InvalidParameterValueException', {
    message:
      'Lambda was unable to configure your environment variables because the environment variables you have provided contains ' +
      `reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
  });
}

/** A role's credentials for one execution environment, by the shape that AWS gives them. */
export function generateCredentials(): Required<Credentials> {
  return {
    accessKeyId: `ASIA${letters(16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(240).toString('base64'),
  };
}

function letters(count: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return [...randomBytes(count)].map((byte) => alphabet.charAt(byte % 32)).join('');
}

export interface EnvironmentSetup {
  readonly configuration: FunctionConfiguration;
  readonly region: string;
  readonly place: Place;
  readonly webPort?: WebPort;
  readonly bootstrapPath: string;
  readonly pythonBootstrapPath?: string;
  /** Host and port. */
  readonly runtimeApi: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly endpointUrl: string;
  readonly endpointServices: readonly string[];
  /** `AWS_ACCESS_KEY_ID` and so on. */
  readonly credentials: Readonly<Record<string, string>>;
  /** That lead to AWS's hosts. */
  readonly hostVariables: Readonly<Record<string, string>>;
}

/** All that a function finds in its environment: AWS's variables, weaker than its own ones where AWS lets it. Nothing of the host's. */
export function environmentVariables(setup: EnvironmentSetup): Record<string, string> {
  const { configuration } = setup;
  return {
    ...unreservedVariables(setup),
    ...endpointVariables(setup),
    ...placed(configuration.environment, setup.place),
    ...setup.hostVariables,
    ...setup.webPort?.variables,
    ...setup.credentials,
    ...reservedVariables(setup),
  };
}

/** The wrapper is a path that we start ourselves, so that we know what it means. */
function placed(environment: FunctionConfiguration['environment'], place: Place): Readonly<Record<string, string>> {
  const wrapper = environment[EXEC_WRAPPER];
  return wrapper === undefined ? environment : { ...environment, [EXEC_WRAPPER]: atPlace(wrapper, place) };
}

function unreservedVariables(setup: EnvironmentSetup): Record<string, string> {
  const { place, configuration } = setup;
  const { taskRoot, optDirectory, langDirectory } = place;
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PWD: taskRoot,
    SHLVL: '0',
    PATH: [join(langDirectory, 'bin'), '/usr/local/bin', '/usr/bin', '/bin', join(optDirectory, 'bin')].join(':'),
    LD_LIBRARY_PATH: [taskRoot, join(taskRoot, 'lib'), join(optDirectory, 'lib')].join(':'),
    ...(/^nodejs/.test(configuration.runtime) && { NODE_PATH: nodePath(setup) }),
    ...(/^python/.test(configuration.runtime) && { PYTHONPATH: pythonPath(setup) }),
    ...(!place.isSandbox && { TMPDIR: place.temporaryDirectory }),
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
    _AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1',
    _AWS_XRAY_DAEMON_PORT: '2000',
  };
}

function nodePath(setup: EnvironmentSetup): string {
  const { configuration, place } = setup;
  const layers = join(place.optDirectory, 'nodejs');
  const version = configuration.runtime.replace(/^nodejs(\d+)\..*$/, 'node$1');
  const runtime = runtimeDirectory(setup);
  const inLayers = [join(layers, version, 'node_modules'), join(layers, 'node_modules')];
  return [...inLayers, join(runtime, 'node_modules'), runtime, place.taskRoot].join(':');
}

/** The layers' too where programs that look in /opt/python would find nothing. */
function pythonPath(setup: EnvironmentSetup): string {
  const { place } = setup;
  return [runtimeDirectory(setup), ...(place.isSandbox ? [] : [join(place.optDirectory, 'python')])].join(':');
}

const runtimeDirectory = ({ configuration, bootstrapPath, pythonBootstrapPath = bootstrapPath }: EnvironmentSetup) =>
  dirname(/^python/.test(configuration.runtime) ? pythonBootstrapPath : bootstrapPath);

/** Of the services that are served here, and of no others. A function that names an endpoint for all of them means these too. */
function endpointVariables({ configuration, endpointServices, endpointUrl }: EnvironmentSetup): Record<string, string> {
  if (configuration.environment['AWS_ENDPOINT_URL'] !== undefined) return {};
  return Object.fromEntries(endpointServices.map((service) => [`AWS_ENDPOINT_URL_${service}`, endpointUrl]));
}

function reservedVariables(setup: EnvironmentSetup): Record<string, string> {
  const { configuration, region } = setup;
  return {
    _HANDLER: configuration.handler,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    ...(!isProvided(configuration.runtime) && { AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}` }),
    AWS_LAMBDA_FUNCTION_NAME: configuration.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: configuration.version ?? '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySizeMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: setup.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: setup.logStreamName,
    AWS_LAMBDA_RUNTIME_API: setup.runtimeApi,
    LAMBDA_RUNTIME_DIR: runtimeDirectory(setup),
    LAMBDA_TASK_ROOT: setup.place.taskRoot,
    ...(configuration.logFormat === 'JSON' && {
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_LOG_LEVEL: configuration.applicationLogLevel ?? 'INFO',
    }),
  };
}
