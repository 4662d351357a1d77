import type { MethodResponse } from '@spillway/wire';
import { readIntegration } from './integration.ts';
import { checkExtensions, PREFIX } from './open-api-extensions.ts';
import { readSecurity, type SecuritySchemes } from './open-api-security.ts';
import { Properties } from './properties.ts';
import type { ReadContext } from './read-context.ts';
import type { IntegrationDraft, RestApiDraft } from './rest-api-draft.ts';
import {
  listNode,
  type MapEntry,
  type MapNode,
  mapNode,
  type Position,
  scalarNode,
  type TemplateNode,
  textOf,
  valueAt,
} from './template-node.ts';

const OPERATION_EXTENSIONS: ReadonlySet<string> = new Set(['auth', 'integration']);

/** What every path and operation of a document needs. */
export interface PathReader {
  readonly draft: RestApiDraft;
  readonly context: ReadContext;
  readonly document: MapNode;
  readonly schemes: SecuritySchemes;
  readonly needsIntegrations: boolean;
}

/** Reads one operation of a path into the draft. */
export function readOperation(
  path: string,
  httpMethod: string,
  entry: MapEntry,
  item: MapNode,
  reader: PathReader,
): void {
  const { draft, context } = reader;
  if (entry.value.kind !== 'map') return;
  const operation = new Properties(`${httpMethod} ${path}`, entry.at, entry.value.entries, context.scope);
  checkExtensions(operation, OPERATION_EXTENSIONS, context);
  const security = readSecurity(operation, reader.schemes, context);
  const integration = readOperationIntegration(operation, reader);
  const operationName = operation.text('operationId');
  const methodResponses = readResponses(operation);
  draft.addMethod(path, {
    at: entry.at,
    httpMethod,
    requestParameters: { ...parametersOf(item, reader), ...parametersOf(entry.value, reader) },
    ...(integration === undefined ? {} : { integration }),
    ...security,
    ...(operationName === undefined ? {} : { operationName }),
    ...(methodResponses.length === 0 ? {} : { methodResponses }),
  });
}

function readOperationIntegration(
  operation: Properties,
  { context, needsIntegrations }: PathReader,
): IntegrationDraft | undefined {
  const name = `${PREFIX}integration`;
  const node = operation.node(name);
  if (node === undefined && needsIntegrations) {
    context.problems.error(
      operation.start,
      `${operation.label} has no ${name}: AWS refuses to deploy it ("No integration defined for method").`,
    );
  }
  if (node?.kind !== 'map') return undefined;
  const renamed = cloudFormationNames(node);
  return readIntegration(
    new Properties(`the integration of ${operation.label}`, operation.at(name), renamed.entries, context.scope),
    context,
  );
}

/** Properties whose values OpenAPI writes in any case, CloudFormation in upper case. */
const UPPER_CASE: ReadonlySet<string> = new Set([
  'Type',
  'PassthroughBehavior',
  'ResponseTransferMode',
  'ConnectionType',
]);

/** An `x-amazon-apigateway-integration` as CloudFormation writes an integration. */
function cloudFormationNames(node: MapNode): MapNode {
  const entries = [...node.entries].map(([key, { at, value }]): [string, MapEntry] => {
    if (key === 'responses') return ['IntegrationResponses', { at, value: responseList(at, value) }];
    const name = key === 'httpMethod' ? 'IntegrationHttpMethod' : capitalized(key);
    return [name, { at, value: UPPER_CASE.has(name) ? upperCase(value) : value }];
  });
  return mapNode(node.at, entries);
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const upperCase = (node: TemplateNode): TemplateNode =>
  node.kind === 'scalar' && typeof node.value === 'string' ? scalarNode(node.at, node.value.toUpperCase()) : node;

function responseList(at: Position, responses: TemplateNode): TemplateNode {
  if (responses.kind !== 'map') return responses;
  const items = [...responses.entries].map(([pattern, entry]) => {
    const own = entry.value.kind === 'map' ? [...entry.value.entries] : [];
    const named = own.map(([key, value]): [string, MapEntry] => [capitalized(key), value]);
    const selection: [string, MapEntry] = ['SelectionPattern', { at: entry.at, value: scalarNode(entry.at, pattern) }];
    return mapNode(entry.at, pattern === 'default' ? named : [...named, selection]);
  });
  return listNode(at, items);
}

/** Responses become method responses, by their status alone; `default` and patterns have none. */
function readResponses(operation: Properties): MethodResponse[] {
  const responses = operation.node('responses');
  if (responses?.kind !== 'map') return [];
  return [...responses.entries]
    .filter(([statusCode]) => /^[1-5]\d\d$/.test(statusCode))
    .map(([statusCode, { value }]) => ({ statusCode, responseParameters: headersOf(value) }));
}

function headersOf(response: TemplateNode): Record<string, boolean> {
  const headers = valueAt(response, 'headers');
  if (headers?.kind !== 'map') return {};
  return Object.fromEntries([...headers.entries.keys()].map((name) => [`method.response.header.${name}`, false]));
}

const LOCATIONS: Readonly<Record<string, string>> = { path: 'path', query: 'querystring', header: 'header' };

/** `method.request.path.key` and so on, true when required. */
function parametersOf(node: MapNode, { document }: PathReader): Record<string, boolean> {
  const list = valueAt(node, 'parameters');
  if (list?.kind !== 'list') return {};
  const pairs = list.items.flatMap((item): [string, boolean][] => {
    const parameter = dereferenced(item, document);
    const location = LOCATIONS[textOf(valueAt(parameter, 'in')) ?? ''];
    const name = textOf(valueAt(parameter, 'name'));
    if (location === undefined || name === undefined) return [];
    return [[`method.request.${location}.${name}`, textOf(valueAt(parameter, 'required')) === 'true']];
  });
  return Object.fromEntries(pairs);
}

/** Follows a `$ref` within the document, once. */
function dereferenced(node: TemplateNode, document: TemplateNode): TemplateNode | undefined {
  const reference = textOf(valueAt(node, '$ref'));
  if (!reference?.startsWith('#/')) return node;
  let target: TemplateNode | undefined = document;
  for (const key of reference.slice(2).split('/')) target = valueAt(target, key);
  return target;
}
