import { functionCall } from './intrinsic-functions.ts';
import { functionName } from './references.ts';
import { listNode, type MapEntry, mapNode, scalarNode, type TemplateNode, textOf, valueAt } from './template-node.ts';
import type { TemplateResource } from './template-resource.ts';

/** The logical ID of the API that SAM makes for Api events without a RestApiId. */
export const IMPLICIT_API = 'ServerlessRestApi';

const IMPLICIT_STAGE = 'Prod';

/** Sections of Globals that can have effect here, by the resource type that they are for. */
const GLOBALS_SECTIONS: Readonly<Record<string, string>> = {
  'AWS::Serverless::Function': 'Function',
  'AWS::Serverless::Api': 'Api',
};

export const isApiEvent = (type: string): boolean => type === 'Api';

/**
 * A resource with what Globals say about its type: maps are merged, lists joined, and for the rest the resource's own value wins.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
 */
export function withGlobals(
  resource: TemplateResource,
  globals: TemplateNode | undefined,
  ignored: TemplateNode | undefined,
): TemplateResource {
  const section = valueAt(globals, GLOBALS_SECTIONS[resource.type] ?? '');
  if (section?.kind !== 'map' || textOf(ignored) === '*') return resource;
  const left = ignored?.kind === 'list' ? ignored.items.map(textOf) : [];
  const entries = [...section.entries].filter(([name]) => !left.includes(name));
  return { ...resource, properties: mergedMap(new Map(entries), resource.properties) };
}

function mergedMap(
  global: ReadonlyMap<string, MapEntry>,
  own: ReadonlyMap<string, MapEntry>,
): ReadonlyMap<string, MapEntry> {
  const merged = new Map(global);
  for (const [name, entry] of own) {
    const shared = global.get(name);
    const value =
      shared === undefined || name === 'Architectures' ? entry.value : mergedValue(shared.value, entry.value);
    merged.set(name, { at: entry.at, value });
  }
  return merged;
}

function mergedValue(global: TemplateNode, own: TemplateNode): TemplateNode {
  // A function's result is not known yet; SAM takes it whole.
  if (functionCall(global) !== undefined || functionCall(own) !== undefined) return own;
  if (global.kind === 'list' && own.kind === 'list') return listNode(own.at, [...global.items, ...own.items]);
  if (global.kind === 'map' && own.kind === 'map') return mapNode(own.at, mergedMap(global.entries, own.entries));
  return own;
}

/** The API for events that name none; undefined when no function has such an event. */
export function implicitApi(resources: Iterable<TemplateResource>): TemplateResource | undefined {
  for (const { type, properties } of resources) {
    const events = properties.get('Events')?.value;
    if (type !== 'AWS::Serverless::Function' || events?.kind !== 'map') continue;
    for (const { at, value } of events.entries.values()) {
      if (!isImplicit(value)) continue;
      const stageName = { at, value: scalarNode(at, IMPLICIT_STAGE) };
      return {
        logicalId: IMPLICIT_API,
        type: 'AWS::Serverless::Api',
        at,
        typeAt: at,
        properties: new Map([['StageName', stageName]]),
      };
    }
  }
  return undefined;
}

const isImplicit = (event: TemplateNode) =>
  isApiEvent(textOf(valueAt(event, 'Type')) ?? '') && valueAt(valueAt(event, 'Properties'), 'RestApiId') === undefined;

/** Resources that SAM makes beside those of the template, as far as templates refer to them: roles, function URLs, stages, deployments. */
export function generatedResources(resources: Iterable<TemplateResource>): TemplateResource[] {
  return [...resources].flatMap((resource) => {
    if (resource.type === 'AWS::Serverless::Function') return generatedOfFunction(resource);
    return resource.type === 'AWS::Serverless::Api' ? generatedOfApi(resource) : [];
  });
}

const generated = (
  { at, typeAt }: TemplateResource,
  logicalId: string,
  type: string,
  properties: TemplateResource['properties'] = new Map(),
): TemplateResource => ({ logicalId, type, at, typeAt, properties });

function generatedOfFunction(resource: TemplateResource): TemplateResource[] {
  const { logicalId, properties, at } = resource;
  const target = { at, value: properties.get('FunctionName')?.value ?? scalarNode(at, functionName(logicalId)) };
  const url = () =>
    generated(resource, `${logicalId}Url`, 'AWS::Lambda::Url', new Map([['TargetFunctionArn', target]]));
  return [
    ...(properties.has('Role') ? [] : [generated(resource, `${logicalId}Role`, 'AWS::IAM::Role')]),
    ...(properties.has('FunctionUrlConfig') ? [url()] : []),
  ];
}

function generatedOfApi(resource: TemplateResource): TemplateResource[] {
  const { logicalId, properties } = resource;
  const stageName = properties.get('StageName');
  if (stageName === undefined) return [];
  const stageId = `${logicalId}${textOf(stageName.value) ?? ''}Stage`;
  return [
    generated(resource, stageId, 'AWS::ApiGateway::Stage', new Map([['StageName', stageName]])),
    generated(resource, `${logicalId}Deployment`, 'AWS::ApiGateway::Deployment'),
  ];
}
