import type { AwsError, StageConfiguration } from '@spillway/wire';
import type { FullMethodSetting, StageDocument } from './documents.ts';
import { ALL_METHODS, fullMethodSetting } from './method-settings.ts';
import {
  type PatchOperation,
  type PatchPath,
  patchedFlag,
  patchedInteger,
  patchedOneOf,
  patchedRecord,
} from './patch-operations.ts';
import { badRequest, notServed } from './refusal.ts';

type Configuration = StageDocument['configuration'];

const REPLACE = ['replace'] as const;
const ALL = ['add', 'replace', 'remove'] as const;

const withConfiguration = (stage: StageDocument, changes: Partial<Configuration>): StageDocument => ({
  ...stage,
  configuration: { ...stage.configuration, ...changes },
});

const refused = (path: string): PatchPath<StageDocument> => ({
  path,
  ops: ['add', 'replace', 'remove', 'copy'],
  apply: () => {
    throw notServed(path.slice(1));
  },
});

/** What UpdateStage takes, by path. Same as AWS: a setting may be for a resource or a method that the deployment lacks (recorded). */
export const STAGE_PATHS: readonly PatchPath<StageDocument>[] = [
  { path: '/deploymentId', ops: REPLACE, apply: (stage, value) => ({ ...stage, deploymentId: value }) },
  { path: '/description', ops: REPLACE, apply: (stage, value) => withConfiguration(stage, { description: value }) },
  {
    path: '/variables/{name}',
    ops: ALL,
    apply: (stage, value, [name = ''], op) =>
      withConfiguration(stage, { variables: patchedRecord(stage.configuration.variables, name, op, value) }),
  },
  { path: '/accessLogSettings', ops: ['remove'], apply: withoutAccessLog },
  accessLogPath('destinationArn'),
  accessLogPath('format'),
  settingPath('metrics/enabled', (value, path) => ({ metricsEnabled: patchedFlag(value, path) })),
  settingPath('logging/dataTrace', (value, path) => ({ dataTraceEnabled: patchedFlag(value, path) })),
  settingPath('logging/loglevel', (value) => ({
    loggingLevel: patchedOneOf(value, ['OFF', 'ERROR', 'INFO'] as const, 'updateStageInput.loggingLevel'),
  })),
  settingPath('caching/enabled', (value, path) => ({ cachingEnabled: patchedFlag(value, path) })),
  settingPath('caching/dataEncrypted', (value, path) => ({ cacheDataEncrypted: patchedFlag(value, path) })),
  settingPath('caching/ttlInSeconds', (value) => ({ cacheTtlInSeconds: ttlSeconds(value) })),
  settingPath('caching/requireAuthorizationForCacheControl', (value, path) => ({
    requireAuthorizationForCacheControl: patchedFlag(value, path),
  })),
  settingPath('caching/unauthorizedCacheControlHeaderStrategy', (value) => ({
    unauthorizedCacheControlHeaderStrategy: patchedOneOf(
      value,
      ['FAIL_WITH_403', 'SUCCEED_WITH_RESPONSE_HEADER', 'SUCCEED_WITHOUT_RESPONSE_HEADER'] as const,
      'updateStageInput.unauthorizedCacheControlHeaderStrategy',
    ),
  })),
  settingPath('throttling/burstLimit', refuseThrottling),
  settingPath('throttling/rateLimit', refuseThrottling),
  // All settings of a method.
  {
    path: '/{resourcePath}/{httpMethod}',
    ops: ['remove'],
    apply: (stage, _value, [resourcePath = '', httpMethod = '']) => {
      const key = settingKey(resourcePath, httpMethod);
      if (!Object.hasOwn(stage.methodSettings, key)) {
        throw badRequest(`Cannot remove method setting ${key} because there is no method setting for this method `);
      }
      const { [key]: _gone, ...methodSettings } = stage.methodSettings;
      return { ...stage, methodSettings };
    },
  },
];

/** Those that would be taken for settings of a method, or that only AWS has. */
const REFUSED_PATHS: readonly PatchPath<StageDocument>[] = [
  'cacheClusterEnabled',
  'cacheClusterSize',
  'clientCertificateId',
  'documentationVersion',
  'canarySettings',
  'webAclArn',
].map((name) => refused(`/${name}`));

/** @throws AwsError for what is not served here, or by nobody. Switching off what is off anyway is let through. */
export function stagePatches(patches: readonly PatchOperation[]): PatchOperation[] {
  return patches.filter((patch) => {
    const { path, value = '' } = patch;
    const [, name = '', httpMethod = '', ...setting] = path.split('/');
    const isSwitch = path === '/cacheClusterEnabled' || path === '/tracingEnabled';
    if (isSwitch && !patchedFlag(value, path)) return false;
    if (isSwitch || REFUSED_PATHS.some((refusedPath) => refusedPath.path === `/${name}`)) throw notServed(name);
    if (setting.length > 0 && !hasSettings(name, httpMethod)) throw invalidStagePath(patch);
    return true;
  });
}

const HTTP_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'];

/** Those of an ANY method are given verb by verb; a star stands for both or for neither. */
const hasSettings = (resourcePath: string, httpMethod: string) =>
  resourcePath === '*' ? httpMethod === '*' : HTTP_METHODS.includes(httpMethod);

function accessLogPath(name: 'destinationArn' | 'format'): PatchPath<StageDocument> {
  return {
    path: `/accessLogSettings/${name}`,
    ops: ALL,
    apply: (stage, value, _keys, op) => {
      if (op === 'remove') return withoutAccessLog(stage);
      const old = stage.configuration.accessLogSettings ?? { destinationArn: '', format: '' };
      return withConfiguration(stage, { accessLogSettings: { ...old, [name]: value.replace(/:\*$/, '') } });
    },
  };
}

function withoutAccessLog(stage: StageDocument): StageDocument {
  const { accessLogSettings: _, ...configuration } = stage.configuration;
  return { ...stage, configuration: configuration satisfies StageConfiguration };
}

function settingPath(
  name: string,
  read: (value: string, path: string) => Partial<FullMethodSetting>,
): PatchPath<StageDocument> {
  return {
    path: `/{resourcePath}/{httpMethod}/${name}`,
    ops: REPLACE,
    apply: (stage, value, [resourcePath = '', httpMethod = '']) => {
      const key = settingKey(resourcePath, httpMethod);
      const setting = fullMethodSetting({ ...stage.methodSettings[key], ...read(value, name) });
      return { ...stage, methodSettings: { ...stage.methodSettings, [key]: setting } };
    },
  };
}

/** As GetStage names it: `*\/*`, `pets/GET`, `pets~1{id}/GET`, and `~1/GET` for the root. */
function settingKey(resourcePath: string, httpMethod: string): string {
  if (resourcePath === '*' && httpMethod === '*') return ALL_METHODS;
  const encoded = resourcePath.replace(/^\/(?=.)/, '').replaceAll('/', '~1');
  return `${encoded}/${httpMethod}`;
}

function ttlSeconds(value: string): number {
  const seconds = patchedInteger(value);
  if (seconds >= 0 && seconds <= 3600) return seconds;
  throw badRequest('Invalid cache TTL in seconds specified, must be between 0 and 3600');
}

function refuseThrottling(): never {
  throw notServed('throttling of a stage');
}

/** In AWS's words, its list with the odd gaps included. */
export const invalidStagePath = ({ path }: PatchOperation): AwsError =>
  badRequest(`Invalid method setting path: ${path}. Must be one of: [${VALID_PATHS.join(', ')}]`);

const settingPaths = (prefix: string, gap: string) => [
  `${prefix}/metrics/enabled`,
  `${prefix}/logging/dataTrace`,
  `${prefix}/logging/loglevel`,
  ['/throttling/burstLimit', '/throttling/rateLimit', '/caching/ttlInSeconds'].map((path) => prefix + path).join(gap),
  `${prefix}/caching/enabled`,
  `${prefix}/caching/dataEncrypted`,
  `${prefix}/caching/requireAuthorizationForCacheControl`,
  `${prefix}/caching/unauthorizedCacheControlHeaderStrategy`,
];

const VALID_PATHS: readonly string[] = [
  '/deploymentId',
  '/description',
  '/cacheClusterEnabled',
  '/cacheClusterSize',
  '/clientCertificateId',
  '/accessLogSettings',
  '/accessLogSettings/destinationArn',
  '/accessLogSettings/format',
  ...settingPaths('/{resourcePath}/{httpMethod}', ''),
  ...settingPaths('/*/*', ' '),
  '/variables/{variable_name}',
  '/tracingEnabled',
];
