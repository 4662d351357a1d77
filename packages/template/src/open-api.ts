import { checkExtensions, PREFIX, refuseExtension } from './open-api-extensions.ts';
import { readGatewayResponses } from './open-api-gateway-responses.ts';
import { type PathReader, readOperation } from './open-api-operation.ts';
import { readSecuritySchemes } from './open-api-security.ts';
import { Properties } from './properties.ts';
import type { ReadContext } from './read-context.ts';
import type { RestApiDraft } from './rest-api-draft.ts';
import type { MapNode, Position } from './template-node.ts';

const HTTP_METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);

/** Extensions that have effect here, or none that anyone could see. By the part behind the prefix. */
const ROOT_EXTENSIONS: ReadonlySet<string> = new Set([
  'api-key-source',
  'binary-media-types',
  'endpoint-configuration',
  'gateway-responses',
]);
export interface OpenApiReaderOptions {
  /** An import takes operations without one, and refuses to deploy them. Default true. */
  readonly needsIntegrations?: boolean;
  /** In front of each path: `/v1`. */
  readonly basePath?: string;
}

/**
 * Reads an OpenAPI 2 or 3 document, as API Gateway imports it, into `draft`. Security at the root is ignored, as by the import.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
export function readOpenApi(
  document: MapNode,
  draft: RestApiDraft,
  context: ReadContext,
  { needsIntegrations = true, basePath = '' }: OpenApiReaderOptions = {},
): void {
  const label = `the OpenAPI document of ${draft.options.logicalId}`;
  const root = new Properties(label, document.at, document.entries, context.scope);
  if (!root.has('openapi') && !root.has('swagger')) {
    context.problems.error(
      document.at,
      `${capitalized(label)} says neither openapi nor swagger: Invalid OpenAPI input.`,
    );
  }
  checkExtensions(root, ROOT_EXTENSIONS, context);
  readSettings(root, draft, context);
  const schemes = readSecuritySchemes(root, draft, context);
  const paths = root.node('paths');
  if (paths?.kind !== 'map') return;
  const reader = { draft, context, document, schemes, needsIntegrations };
  for (const [path, { at, value }] of paths.entries) {
    if (!path.startsWith('/')) context.problems.error(at, `The path ${path} does not begin with a slash.`);
    if (value.kind === 'map') readPath(`${basePath}${path}`, at, value, reader);
  }
}

function readSettings(root: Properties, draft: RestApiDraft, context: ReadContext): void {
  draft.binaryMediaTypes.push(...root.texts(`${PREFIX}binary-media-types`));
  const [server] = root.maps('servers');
  for (const owner of [root, server]) {
    const endpoint = owner?.map(`${PREFIX}endpoint-configuration`);
    if (endpoint?.boolean('disableExecuteApiEndpoint')) draft.disableExecuteApiEndpoint = true;
  }
  const apiKeySource = root.oneOf(`${PREFIX}api-key-source`, ['HEADER', 'AUTHORIZER']);
  if (apiKeySource !== undefined) draft.apiKeySource = apiKeySource;
  draft.gatewayResponses.push(...readGatewayResponses(root.map(`${PREFIX}gateway-responses`), context));
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function readPath(path: string, at: Position, item: MapNode, reader: PathReader): void {
  const { draft, context } = reader;
  draft.addResource(path, at);
  for (const [key, entry] of item.entries) {
    const httpMethod = httpMethodOf(key);
    if (httpMethod !== undefined) readOperation(path, httpMethod, entry, item, reader);
    else if (key.startsWith(PREFIX)) refuseExtension(key, entry.at, path, context);
    else if (key === '$ref')
      context.problems.error(
        entry.at,
        `The path ${path}: a $ref of a whole path item is not supported here. Write its methods out.`,
      );
  }
}

/** Undefined for what a path item holds besides: `parameters`, `summary`. */
function httpMethodOf(key: string): string | undefined {
  if (key === `${PREFIX}any-method`) return 'ANY';
  return HTTP_METHODS.has(key.toLowerCase()) ? key.toUpperCase() : undefined;
}
