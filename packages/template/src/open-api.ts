import { readIntegration } from './integration.ts';
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

const PREFIX = 'x-amazon-apigateway-';
const HTTP_METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);

/** Extensions that have effect here, or none that anyone could see. By the part behind the prefix. */
const ROOT_EXTENSIONS: ReadonlySet<string> = new Set(['binary-media-types', 'endpoint-configuration']);
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'api-key-source': 'there are no API keys',
  documentation: 'descriptive only',
  'importexport-version': 'descriptive only',
  'request-validators': 'request validation is not emulated, and none is used',
};
const REFUSED: Readonly<Record<string, string>> = {
  auth: 'authorizers are not emulated',
  authorizer: 'authorizers are not emulated',
  'gateway-responses': 'gateway responses have the default shape only',
  'minimum-compression-size': 'the gateway does not compress',
  policy: 'resource policies of APIs are not emulated',
  'request-validator': 'request validation is not emulated',
};

/**
 * Reads an OpenAPI 2 or 3 document, as API Gateway imports it, into `draft`. Base paths and security at the root are ignored, as by
 * the import's defaults.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
export function readOpenApi(document: MapNode, draft: RestApiDraft, context: ReadContext): void {
  const label = `the OpenAPI document of ${draft.options.logicalId}`;
  const root = new Properties(label, document.at, document.entries, context.scope);
  if (!root.has('openapi') && !root.has('swagger')) {
    context.problems.error(
      document.at,
      `${capitalized(label)} says neither openapi nor swagger: Invalid OpenAPI input.`,
    );
  }
  checkExtensions(root, ROOT_EXTENSIONS, context);
  draft.binaryMediaTypes.push(...root.texts(`${PREFIX}binary-media-types`));
  const endpoint = root.map(`${PREFIX}endpoint-configuration`);
  if (endpoint?.boolean('disableExecuteApiEndpoint')) draft.disableExecuteApiEndpoint = true;
  const paths = root.node('paths');
  if (paths?.kind !== 'map') return;
  for (const [path, { at, value }] of paths.entries) {
    if (value.kind === 'map') readPath(path, at, value, { draft, context, document });
  }
}

interface PathReader {
  readonly draft: RestApiDraft;
  readonly context: ReadContext;
  readonly document: MapNode;
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function readPath(path: string, at: Position, item: MapNode, reader: PathReader): void {
  const { draft, context } = reader;
  if (!path.startsWith('/')) context.problems.error(at, `The path ${path} does not begin with a slash.`);
  draft.addResource(path, at);
  for (const [key, entry] of item.entries) {
    const httpMethod = httpMethodOf(key);
    if (httpMethod !== undefined) readOperation(path, httpMethod, entry, item, reader);
    else if (key.startsWith(PREFIX)) refuse(key, entry.at, path, context);
  }
}

/** Undefined for what a path item holds besides: `parameters`, `summary`. */
function httpMethodOf(key: string): string | undefined {
  if (key === `${PREFIX}any-method`) return 'ANY';
  return HTTP_METHODS.has(key.toLowerCase()) ? key.toUpperCase() : undefined;
}

function readOperation(path: string, httpMethod: string, entry: MapEntry, item: MapNode, reader: PathReader): void {
  const { draft, context } = reader;
  if (entry.value.kind !== 'map') return;
  const label = `${httpMethod} ${path}`;
  const operation = new Properties(label, entry.at, entry.value.entries, context.scope);
  checkExtensions(operation, new Set(['integration']), context);
  const security = operation.node('security');
  if (security?.kind === 'list' && security.items.length > 0) {
    context.problems.unsupported(
      operation.at('security'),
      `security of ${label} is not supported: authorizers and API keys are not emulated.`,
    );
  }
  const integration = readOperationIntegration(operation, context);
  const requestParameters = { ...parametersOf(item, reader), ...parametersOf(entry.value, reader) };
  const method = { at: entry.at, httpMethod, requestParameters };
  draft.addMethod(path, integration === undefined ? method : { ...method, integration });
}

function readOperationIntegration(operation: Properties, context: ReadContext): IntegrationDraft | undefined {
  const name = `${PREFIX}integration`;
  const node = operation.node(name);
  if (node === undefined) {
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

function checkExtensions(properties: Properties, served: ReadonlySet<string>, context: ReadContext): void {
  for (const name of properties.names) {
    if (!name.startsWith(PREFIX) || served.has(name.slice(PREFIX.length))) continue;
    const reason = WITHOUT_EFFECT[name.slice(PREFIX.length)];
    if (reason === undefined) refuse(name, properties.at(name), properties.label, context);
    else context.problems.ignore(properties.at(name), `${name} of ${properties.label}: ${reason}.`);
  }
}

function refuse(name: string, at: Position, label: string, { problems }: ReadContext): void {
  const reason = REFUSED[name.slice(PREFIX.length)] ?? 'Spillway does not know this extension';
  problems.unsupported(at, `${name} of ${label} is not supported: ${reason}.`);
}
