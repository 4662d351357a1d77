import type { Architecture, FunctionCode, FunctionConfiguration } from '@spillway/wire';
import type { Properties } from '../properties.ts';
import { LAMBDA_FUNCTION } from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { functionName } from '../references.ts';
import { textOf, valueAt } from '../template-node.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';
import { readLayers } from './function-layers.ts';
import { IN_A_BUCKET, localCode, warnIfNotBuilt } from './local-code.ts';

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
  const layers = readLayers(properties, draft, context);
  const runtime = isImage ? undefined : properties.requiredText('Runtime');
  const handler = isImage ? undefined : properties.requiredText('Handler');
  const name = readFunctionName(resource.logicalId, properties, context);
  const settings = readSettings(properties);
  if (code === undefined || runtime === undefined || handler === undefined) return;
  draft.functions.push({
    configuration: { functionName: name, logicalId: resource.logicalId, runtime, handler, code, layers, ...settings },
    at: resource.at,
    timeoutAt: properties.at('Timeout'),
    layersAt: properties.at('Layers'),
    environmentAt: properties.at('Environment'),
    handlerAt: properties.at('Handler'),
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
  const name = properties.text('FunctionName') ?? functionName(logicalId);
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

function refuse(properties: Properties, name: string, reason: string, { problems }: ReadContext): void {
  problems.unsupported(properties.at(name), `${name} of ${properties.label} is not supported: ${reason}.`);
}
