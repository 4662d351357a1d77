import type { Architecture, DirectoryLayer } from '@spillway/wire';
import type { Properties } from '../properties.ts';
import { LAMBDA_LAYER_VERSION, SERVERLESS_LAYER_VERSION } from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { layerVersionArn } from '../references.ts';
import { textOf } from '../template-node.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties, type PropertySupport } from '../unsupported.ts';
import { IN_A_BUCKET, localCode, warnIfNotBuilt } from './local-code.ts';

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-layerversion.html */
export function readServerlessLayerVersion(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  readLayer(resource, 'ContentUri', SERVERLESS_LAYER_VERSION, draft, context);
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html */
export function readLambdaLayerVersion(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  readLayer(resource, 'Content', LAMBDA_LAYER_VERSION, draft, context);
}

function readLayer(
  resource: TemplateResource,
  contentProperty: string,
  support: PropertySupport,
  draft: StackDraft,
  context: ReadContext,
): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, support, context.problems);
  warnIfNotBuilt(resource, context);
  const content = readContent(contentProperty, properties, context);
  const name = properties.text('LayerName') ?? resource.logicalId;
  if (content === undefined) return;
  const architectures = properties.texts('CompatibleArchitectures').filter(isArchitecture);
  draft.layers.set(layerVersionArn(context.region, name), {
    ...content,
    name,
    ...(architectures.length === 0 ? {} : { compatibleArchitectures: architectures }),
  });
}

function readContent(
  name: string,
  properties: Properties,
  context: ReadContext,
): Pick<DirectoryLayer, 'kind' | 'path'> | undefined {
  const node = properties.node(name);
  const path = textOf(node);
  if (path !== undefined) return localCode(name, path, properties, context);
  if (node === undefined) context.problems.error(properties.start, `${properties.label} has no ${name}.`);
  else if (node.kind === 'map') {
    context.problems.unsupported(
      properties.at(name),
      `${name} of ${properties.label} is not supported: ${IN_A_BUCKET}.`,
    );
  }
  return undefined;
}

const isArchitecture = (text: string): text is Architecture => text === 'x86_64' || text === 'arm64';
