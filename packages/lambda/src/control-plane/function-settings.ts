import { type Architecture, AwsError } from '@spillway/wire';
import { checkEnvironment } from '../environment-variables.ts';
import { checkLayerCount } from '../layers.ts';
import { Constraints } from './constraints.ts';
import type { AttachedLayer, FunctionSettings, LoggingSettings } from './function-document.ts';
import { type Input, integer, structure, text, textMap, texts } from './input-members.ts';
import type { LayerVersions } from './layer-versions.ts';
import { refuseUnsupportedSettings, unsupported } from './refused-settings.ts';
import { checkRuntimeName } from './runtime-names.ts';

const ROLE_PATTERN = 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT_BYTES = 4096;

const DEFAULTS: Omit<FunctionSettings, 'runtime' | 'handler' | 'role'> = {
  description: '',
  timeoutSeconds: 3,
  memorySizeMb: 128,
  layers: [],
  architecture: 'x86_64',
  ephemeralStorageMb: 512,
  logging: { logFormat: 'Text' },
};

/** What CreateFunction sets. @throws AwsError by what is wrong, in AWS's words. */
export function newSettings(input: Input, layers: LayerVersions): FunctionSettings {
  checkMembers(input, new Constraints().required('role', input['Role']));
  const runtime = text(input, 'Runtime');
  const handler = text(input, 'Handler');
  if (runtime === undefined || handler === undefined) {
    throw invalid('Runtime and Handler are mandatory parameters for functions created with deployment packages.');
  }
  return changed({ ...DEFAULTS, runtime, handler }, input, layers);
}

/** What UpdateFunctionConfiguration makes of a function's settings: what was not sent stays. */
export function changedSettings(before: FunctionSettings, input: Input, layers: LayerVersions): FunctionSettings {
  checkMembers(input, new Constraints());
  return changed(before, input, layers);
}

function changed(before: FunctionSettings, input: Input, layers: LayerVersions): FunctionSettings {
  const storage = structure(input, 'EphemeralStorage') ?? {};
  return {
    ...before,
    ...architectureOf(input),
    ...sent({
      runtime: text(input, 'Runtime'),
      handler: text(input, 'Handler'),
      role: text(input, 'Role'),
      description: text(input, 'Description'),
      timeoutSeconds: integer(input, 'Timeout'),
      memorySizeMb: integer(input, 'MemorySize'),
      environment: environmentOf(input),
      layers: layersOf(input, layers),
      ephemeralStorageMb: integer(storage, 'Size'),
      logging: loggingOf(input),
    }),
  };
}

type Sent<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

const sent = <T extends object>(members: T): Sent<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Sent<T>;

function checkMembers(input: Input, constraints: Constraints): void {
  refuseUnsupportedSettings(input);
  const storage = structure(input, 'EphemeralStorage') ?? {};
  const logging = structure(input, 'LoggingConfig') ?? {};
  constraints
    .pattern('role', text(input, 'Role'), ROLE_PATTERN)
    .length('handler', text(input, 'Handler'), 128)
    .pattern('handler', text(input, 'Handler') || undefined, '[^\\s]+')
    .length('description', text(input, 'Description'), 256)
    .range('timeout', integer(input, 'Timeout'), 1, 900)
    .range('memorySize', integer(input, 'MemorySize'), 128)
    .length('architectures', texts(input, 'Architectures'), 1)
    .range('ephemeralStorage.size', integer(storage, 'Size'), 512, 10_240)
    .oneOf('loggingConfig.logFormat', text(logging, 'LogFormat'), ['JSON', 'Text'])
    .oneOf('loggingConfig.applicationLogLevel', text(logging, 'ApplicationLogLevel'), APPLICATION_LEVELS)
    .oneOf('loggingConfig.systemLogLevel', text(logging, 'SystemLogLevel'), SYSTEM_LEVELS)
    .length('loggingConfig.logGroup', text(logging, 'LogGroup'), 512, 1)
    .pattern('loggingConfig.logGroup', text(logging, 'LogGroup'), '[\\.\\-_/#A-Za-z0-9]+')
    .hold();
  const memorySizeMb = integer(input, 'MemorySize') ?? 128;
  if (memorySizeMb > 10_240) {
    throw invalid(
      "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240",
    );
  }
  checkRuntimeName(text(input, 'Runtime'));
}

const APPLICATION_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const SYSTEM_LEVELS = ['DEBUG', 'INFO', 'WARN'];

/** Of UpdateFunctionCode too. @throws AwsError `ValidationException`. */
export function architectureOf(input: Input): { readonly architecture?: Architecture } {
  const architectures = texts(input, 'Architectures');
  const [architecture] = architectures ?? [];
  const constraints = new Constraints().length('architectures', architectures, 1);
  constraints.oneOf('architectures', architecture, ['x86_64', 'arm64']).hold();
  return architecture === undefined ? {} : { architecture: architecture as Architecture };
}

function environmentOf(input: Input): FunctionSettings['environment'] {
  const sent = structure(input, 'Environment');
  if (sent === undefined) return undefined;
  const variables = textMap(sent, 'Variables') ?? {};
  if (!Object.keys(variables).every((name) => /^[a-zA-Z][a-zA-Z0-9_]+$/.test(name))) throw malformedVariable();
  checkEnvironment(variables);
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > ENVIRONMENT_BYTES) {
    throw invalid(
      'Lambda was unable to configure your environment variables because the environment variables you have provided ' +
        `exceeded the 4KB limit. String measured: ${measured}`,
    );
  }
  return variables;
}

const malformedVariable = () =>
  new AwsError('ValidationException', {
    message:
      "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: " +
      '[Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]',
  });

function loggingOf(input: Input): LoggingSettings | undefined {
  const sent = structure(input, 'LoggingConfig');
  if (sent === undefined) return undefined;
  const logFormat = text(sent, 'LogFormat') === 'JSON' ? 'JSON' : 'Text';
  const levels = {
    applicationLogLevel: text(sent, 'ApplicationLogLevel'),
    systemLogLevel: text(sent, 'SystemLogLevel'),
  };
  if (logFormat === 'Text' && (levels.applicationLogLevel ?? levels.systemLogLevel) !== undefined) {
    throw invalid('To configure a log level, the log format must be JSON.');
  }
  if ((levels.systemLogLevel ?? 'INFO') !== 'INFO') throw unsupported(`SystemLogLevel ${levels.systemLogLevel}`);
  const logGroup = text(sent, 'LogGroup');
  return {
    logFormat,
    ...(logFormat === 'JSON' && {
      applicationLogLevel: levels.applicationLogLevel ?? 'INFO',
      systemLogLevel: levels.systemLogLevel ?? 'INFO',
    }),
    ...(logGroup !== undefined && { logGroup }),
  };
}

function layersOf(input: Input, layers: LayerVersions): readonly AttachedLayer[] | undefined {
  const arns = texts(input, 'Layers');
  if (arns === undefined) return undefined;
  checkLayerCount(arns.length);
  const byLayer = new Map<string, string>();
  for (const arn of arns) {
    const layer = arn.replace(/:\d+$/, '');
    const other = byLayer.get(layer);
    if (other !== undefined) {
      throw invalid(
        'Two different versions of the same layer are not allowed to be referenced in the same function. ' +
          `${other} and ${arn} are versions of the same layer.`,
      );
    }
    byLayer.set(layer, arn);
  }
  return arns.map((arn) => layers.attach(arn));
}

const invalid = (message: string) => new AwsError('InvalidParameterValueException', { message });
