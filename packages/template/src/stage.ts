import type { StageConfiguration } from '@spillway/wire';
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
  const level = properties?.oneOf('LoggingLevel', LOGGING_LEVELS) ?? methodSettingsLevel(properties, context);
  return {
    ...(destinationArn === undefined || format === undefined ? {} : { accessLogSettings: { destinationArn, format } }),
    ...(level === undefined || level === 'OFF' ? {} : { loggingLevel: level }),
  };
}

/** The level that is set for all resources and methods. */
function methodSettingsLevel(
  properties: Properties | undefined,
  { problems }: ReadContext,
): (typeof LOGGING_LEVELS)[number] | undefined {
  let everywhere: (typeof LOGGING_LEVELS)[number] | undefined;
  for (const setting of properties?.maps('MethodSettings') ?? []) {
    checkProperties(setting, METHOD_SETTING, problems);
    if (setting.boolean('CachingEnabled')) {
      problems.unsupported(
        setting.at('CachingEnabled'),
        'CachingEnabled is not supported: the endpoint cache is not emulated.',
      );
    }
    const level = setting.oneOf('LoggingLevel', LOGGING_LEVELS);
    if (level === undefined) continue;
    if (setting.text('ResourcePath') === '/*' && setting.text('HttpMethod') === '*') everywhere = level;
    else
      problems.unsupported(
        setting.at('LoggingLevel'),
        'LoggingLevel of single methods is not supported: set it for ResourcePath /* and HttpMethod *.',
      );
  }
  return everywhere;
}
