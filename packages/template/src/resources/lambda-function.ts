import { statSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import {
  type Architecture,
  type FunctionCode,
  type FunctionConfiguration,
  type Layer,
  parseWebAdapterLayerArn,
} from '@spillway/wire';
import type { Properties } from '../properties.ts';
import { LAMBDA_FUNCTION } from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { textOf, valueAt } from '../template-node.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
export function readLambdaFunction(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, LAMBDA_FUNCTION, context.problems);
  addFunction(resource, properties, readCode(properties, context), draft, context);
}

/** Adds a function with the properties that CloudFormation's and SAM's have in common. */
export function addFunction(
  resource: TemplateResource,
  properties: Properties,
  code: FunctionCode | undefined,
  draft: StackDraft,
  context: ReadContext,
): void {
  warnIfNotBuilt(resource, context);
  const isImage = properties.oneOf('PackageType', ['Zip', 'Image']) === 'Image';
  if (isImage) refuse(properties, 'PackageType', 'container images are not run', context);
  const layers = readLayers(properties, context);
  const runtime = isImage ? undefined : properties.requiredText('Runtime');
  const handler = isImage ? undefined : properties.requiredText('Handler');
  const functionName = readFunctionName(resource.logicalId, properties, context);
  const settings = readSettings(properties);
  if (code === undefined || runtime === undefined || handler === undefined) return;
  draft.functions.push({
    configuration: { functionName, logicalId: resource.logicalId, runtime, handler, code, layers, ...settings },
    at: resource.at,
    timeoutAt: properties.at('Timeout'),
  });
}

function readSettings(
  properties: Properties,
): Omit<FunctionConfiguration, 'functionName' | 'logicalId' | 'runtime' | 'handler' | 'code' | 'layers'> {
  const role = properties.text('Role');
  const reserved = properties.integer('ReservedConcurrentExecutions', { min: 0, max: 1000 });
  return {
    architecture: readArchitecture(properties),
    timeoutSeconds: properties.integer('Timeout', { min: 1, max: 900 }) ?? 3,
    memorySizeMb: properties.integer('MemorySize', { min: 128, max: 10_240 }) ?? 128,
    environment: properties.map('Environment')?.record('Variables') ?? {},
    ...readLoggingConfig(properties.map('LoggingConfig')),
    ...(role === undefined ? {} : { role }),
    ...(reserved === undefined ? {} : { reservedConcurrentExecutions: reserved }),
  };
}

function readLayers(properties: Properties, context: ReadContext): readonly Layer[] {
  return properties.texts('Layers').flatMap((arn) => {
    const layer = parseWebAdapterLayerArn(arn);
    if (!layer) refuse(properties, 'Layers', `the layer ${arn} is not emulated`, context);
    return layer ?? [];
  });
}

function readArchitecture(properties: Properties): Architecture {
  return properties.texts('Architectures').includes('arm64') ? 'arm64' : 'x86_64';
}

function readLoggingConfig(
  config: Properties | undefined,
): Pick<FunctionConfiguration, 'logFormat' | 'applicationLogLevel' | 'logGroup'> {
  const applicationLogLevel = config?.text('ApplicationLogLevel');
  const logGroup = config?.text('LogGroup');
  return {
    logFormat: config?.oneOf('LogFormat', ['Text', 'JSON']) ?? 'Text',
    ...(applicationLogLevel === undefined ? {} : { applicationLogLevel }),
    ...(logGroup === undefined ? {} : { logGroup }),
  };
}

function readFunctionName(logicalId: string, properties: Properties, { problems }: ReadContext): string {
  const name = properties.text('FunctionName') ?? logicalId;
  if (!/^[\w-]{1,64}$/.test(name)) {
    problems.error(
      properties.at('FunctionName'),
      `The function name ${JSON.stringify(name)} may hold up to 64 letters, digits, - and _.`,
    );
  }
  return name;
}

function readCode(properties: Properties, context: ReadContext): FunctionCode | undefined {
  const code = properties.node('Code');
  const path = textOf(code);
  if (path !== undefined) return localCode('Code', path, properties, context);
  const source = textOf(valueAt(code, 'ZipFile'));
  if (source !== undefined) return { kind: 'inline', source };
  if (code === undefined) {
    context.problems.error(properties.start, `${properties.label} has no Code.`);
  } else if (code.kind === 'map') {
    refuse(properties, 'Code', code.entries.has('ImageUri') ? 'container images are not run' : IN_A_BUCKET, context);
  }
  return undefined;
}

/** What to do about code that only AWS has. */
export const IN_A_BUCKET =
  'code in a bucket is not fetched. Give the template before it was packaged, or point it at a local directory or zip file';

/** A directory or zip file, found from where the template is. */
export function localCode(
  name: string,
  path: string,
  properties: Properties,
  context: ReadContext,
): FunctionCode | undefined {
  if (/^(?:s3|https?):\/\//.test(path)) {
    refuse(properties, name, IN_A_BUCKET, context);
    return undefined;
  }
  const absolute = resolvePath(context.directory, path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return { kind: 'directory', path: absolute };
  if (stats?.isFile() && /\.(?:zip|jar)$/i.test(absolute)) return { kind: 'zip', path: absolute };
  const found = stats === undefined ? 'does not exist' : 'is neither a directory nor a zip file';
  context.problems.error(properties.at(name), `${name} of ${properties.label}: ${absolute} ${found}.`);
  return undefined;
}

function refuse(properties: Properties, name: string, reason: string, { problems }: ReadContext): void {
  problems.unsupported(properties.at(name), `${name} of ${properties.label} is not supported: ${reason}.`);
}

/** `Metadata: BuildMethod` asks `sam build` for a step that is not taken here; its output says that it was. */
function warnIfNotBuilt({ logicalId, metadata, at }: TemplateResource, { problems }: ReadContext): void {
  const buildMethod = textOf(valueAt(metadata, 'BuildMethod'));
  if (buildMethod === undefined || valueAt(metadata, 'SamResourceId') !== undefined) return;
  problems.warn(
    at,
    `${logicalId} is built by ${buildMethod}, which Spillway does not run: its code is used as it stands. To run what is deployed, call "sam build" and start .aws-sam/build/template.yaml.`,
  );
}
