import { ACCOUNT_ID, type FunctionCode, type FunctionConfiguration, type Layer } from '@spillway/wire';
import type { CodeStore } from './code-store.ts';
import {
  type AttachedLayer,
  type FunctionSettings,
  LATEST,
  type StoredCode,
  type VersionDocument,
} from './function-document.ts';

/** What a template says of a function, as the API shows it. */
export function settingsOf(configuration: FunctionConfiguration, region: string): FunctionSettings {
  const { runtime, handler, role, description = '', timeoutSeconds, memorySizeMb, architecture } = configuration;
  const { environment, logFormat, applicationLogLevel, logGroup } = configuration;
  return {
    runtime,
    handler,
    ...(role !== undefined && { role }),
    description,
    timeoutSeconds,
    memorySizeMb,
    ...(Object.keys(environment).length > 0 && { environment }),
    layers: configuration.layers.map((layer) => attached(layer, region)),
    architecture,
    ephemeralStorageMb: 512,
    logging: {
      logFormat,
      ...(logFormat === 'JSON' && { applicationLogLevel: applicationLogLevel ?? 'INFO', systemLogLevel: 'INFO' }),
      ...(logGroup !== undefined && { logGroup }),
    },
  };
}

function attached(layer: Layer, region: string): AttachedLayer {
  if (layer.kind === 'web-adapter') return { arn: layer.arn, content: layer };
  const name = layer.name.replace(/[^a-zA-Z0-9-_]/g, '-');
  return { arn: `arn:aws:lambda:${region}:${ACCOUNT_ID}:layer:${name}:1`, content: layer };
}

/** What the environments of a version are made by. */
export function configurationOf(
  functionName: string,
  { version, settings, code }: VersionDocument,
  store: CodeStore,
): FunctionConfiguration {
  const { runtime, handler, role, description, timeoutSeconds, memorySizeMb, architecture, logging } = settings;
  const { logFormat, applicationLogLevel, logGroup } = logging;
  return {
    functionName,
    ...(version !== LATEST && { version }),
    runtime,
    handler,
    ...(role !== undefined && { role }),
    description,
    timeoutSeconds,
    memorySizeMb,
    architecture,
    environment: settings.environment ?? {},
    code: code.kind === 'stored' ? storedZip(code, store) : code,
    layers: settings.layers.map((layer) => layerOf(layer, store)),
    logFormat,
    ...(applicationLogLevel !== undefined && { applicationLogLevel }),
    ...(logGroup !== undefined && { logGroup }),
  };
}

const storedZip = (code: StoredCode, store: CodeStore) =>
  ({ kind: 'zip', path: store.path(code), isImmutable: true }) satisfies FunctionCode;

const layerOf = ({ arn, content }: AttachedLayer, store: CodeStore): Layer =>
  content.kind === 'stored' ? { ...storedZip(content, store), name: arn } : content;
