import type { MethodSetting, StageConfiguration } from '@spillway/wire';
import type { Properties } from './properties.ts';
import { METHOD_SETTING } from './property-support.ts';
import type { ReadContext } from './read-context.ts';
import type { RestApiDraft } from './rest-api-draft.ts';
import { checkProperties } from './unsupported.ts';

const LOGGING_LEVELS = ['OFF', 'ERROR', 'INFO'] as const;

/** Adds a stage with the settings that `AWS::ApiGateway::Stage`, `StageDescription` and `AWS::Serverless::Api` share. */
export function addStage(
  draft: RestApiDraft,
  stageName: string,
  properties: Properties | undefined,
  context: ReadContext,
): void {
  const at = properties?.at('StageName') ?? draft.options.at;
  if (!/^[\w-]{1,128}$/.test(stageName)) {
    context.problems.error(at, `The stage name ${JSON.stringify(stageName)} may hold letters, digits, - and _ only.`);
  }
  if (draft.stages.some((stage) => stage.stageName === stageName)) {
    context.problems.error(at, `${draft.options.logicalId} has the stage ${stageName} twice.`);
  }
  const variables = properties?.record('Variables') ?? {};
  draft.stages.push({ stageName, variables, ...logSettings(properties, context) });
}

function logSettings(properties: Properties | undefined, context: ReadContext): Partial<StageConfiguration> {
  const setting = properties?.map('AccessLogSetting');
  const destinationArn = setting?.text('DestinationArn');
  const format = setting?.text('Format');
  const { [ALL_METHODS]: all = {}, ...single } = methodSettings(properties, context);
  const { loggingLevel: level, ...more } = all;
  const settings = { ...(Object.keys(more).length === 0 ? {} : { [ALL_METHODS]: all }), ...single };
  return {
    ...(destinationArn === undefined || format === undefined ? {} : { accessLogSettings: { destinationArn, format } }),
    ...(level === undefined || level === 'OFF' ? {} : { loggingLevel: level }),
    ...(Object.keys(settings).length === 0 ? {} : { methodSettings: settings }),
  };
}

const ALL_METHODS = '*/*';

/** Those of `StageDescription` itself are for all methods. */
function methodSettings(
  properties: Properties | undefined,
  context: ReadContext,
): Readonly<Record<string, MethodSetting>> {
  const settings = new Map<string, MethodSetting>();
  const own = logSetting(properties);
  if (Object.keys(own).length > 0) settings.set(ALL_METHODS, own);
  for (const given of properties?.maps('MethodSettings') ?? []) {
    checkProperties(given, METHOD_SETTING, context.problems);
    refuseCaching(given, context);
    const key = settingKey(given, context);
    const setting = logSetting(given);
    if (key !== undefined && Object.keys(setting).length > 0) settings.set(key, { ...settings.get(key), ...setting });
  }
  return Object.fromEntries(settings);
}

function logSetting(properties: Properties | undefined): MethodSetting {
  const loggingLevel = properties?.oneOf('LoggingLevel', LOGGING_LEVELS);
  const dataTraceEnabled = properties?.boolean('DataTraceEnabled');
  return {
    ...(loggingLevel === undefined ? {} : { loggingLevel }),
    ...(dataTraceEnabled === undefined ? {} : { dataTraceEnabled }),
  };
}

function refuseCaching(setting: Properties, { problems }: ReadContext): void {
  if (!setting.boolean('CachingEnabled')) return;
  const message = 'CachingEnabled is not supported: the endpoint cache is not emulated.';
  problems.unsupported(setting.at('CachingEnabled'), message);
}

/** `/~1download~1{key}`, as CloudFormation wants a path, or as it is read: `download~1{key}/GET` in the stage. */
function settingKey(setting: Properties, { problems }: ReadContext): string | undefined {
  const path = setting.requiredText('ResourcePath');
  const httpMethod = setting.requiredText('HttpMethod');
  if (path === undefined || httpMethod === undefined) return undefined;
  if (path === '/*' && httpMethod === '*') return ALL_METHODS;
  if (path === '/*' || httpMethod === '*') {
    problems.unsupported(
      setting.at('ResourcePath'),
      `${setting.label} is not supported: ResourcePath /* goes with HttpMethod *, for all methods, or both name one.`,
    );
    return undefined;
  }
  const plain = path.replaceAll('~1', '/').replace(/^\/+/, '');
  return `${plain.replaceAll('/', '~1')}/${httpMethod.toUpperCase()}`;
}
