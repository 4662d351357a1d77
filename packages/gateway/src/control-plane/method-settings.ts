import type { MethodSetting, StageConfiguration } from '@spillway/wire';
import type { FullMethodSetting, StageDocument } from './documents.ts';

/** The key of the setting that holds for all methods that have none of their own. */
export const ALL_METHODS = '*/*';

/** What AWS fills in with the first setting of a method. */
const DEFAULTS: FullMethodSetting = {
  metricsEnabled: false,
  dataTraceEnabled: false,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  cachingEnabled: true,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};

export const fullMethodSetting = (given: Partial<FullMethodSetting>): FullMethodSetting => ({ ...DEFAULTS, ...given });

/** Of a stage's configuration as templates give it. */
export function methodSettingsOf({
  loggingLevel,
  methodSettings = {},
}: StageConfiguration): StageDocument['methodSettings'] {
  const all = { ...(loggingLevel === undefined ? {} : { loggingLevel }), ...methodSettings[ALL_METHODS] };
  const ofAll = Object.keys(all).length === 0 ? {} : { [ALL_METHODS]: all };
  const settings = Object.entries<MethodSetting>({ ...methodSettings, ...ofAll });
  return Object.fromEntries(settings.map(([key, setting]) => [key, fullMethodSetting(setting)]));
}

/** The whole configuration, as the data plane reads it. */
export function stageConfiguration({ configuration, methodSettings }: StageDocument): StageConfiguration {
  const level = methodSettings[ALL_METHODS]?.loggingLevel;
  return {
    ...configuration,
    ...(level === undefined || level === 'OFF' ? {} : { loggingLevel: level }),
    ...(Object.keys(methodSettings).length === 0 ? {} : { methodSettings: ofMethods(methodSettings) }),
  };
}

/** The root resource is `~1` in GetStage, and without its slash nothing. */
const ofMethods = (settings: StageDocument['methodSettings']): Readonly<Record<string, MethodSetting>> =>
  Object.fromEntries(
    Object.entries(settings).map(([key, { loggingLevel, dataTraceEnabled, metricsEnabled }]) => [
      key.replace(/^~1(?=\/)/, ''),
      { dataTraceEnabled, metricsEnabled, ...(loggingLevel === undefined ? {} : { loggingLevel }) },
    ]),
  );
