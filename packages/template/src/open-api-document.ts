// ImportRestApi and PutRestApi: an OpenAPI document as it is, without a template around it. Same as AWS: OpenAPI 2 and 3, JSON or YAML, the
// three ways of base paths, security at the root ignored. On purpose: a document with faults says all of them at once, each with its line.
// Missing, and refused by name: what templates lack, too (validators, policies, Cognito, VPC links, mapping templates). Models are left out,
// with a warning.

import { AwsError, type OpenApiRestApi, type ReadOpenApiOptions } from '@spillway/wire';
import { readOpenApi } from './open-api.ts';
import { parseTemplate } from './parse-template.ts';
import { Problems } from './problems.ts';
import type { ReadContext } from './read-context.ts';
import { RestApiDraft } from './rest-api-draft.ts';
import { type MapNode, type Position, scalarNode, textOf, valueAt } from './template-node.ts';

/** @throws AwsError `BadRequestException` for what API Gateway refuses or is not served here. */
export function readOpenApiDocument(text: string, options: ReadOpenApiOptions): OpenApiRestApi {
  const problems = new Problems(false);
  const document = parseTemplate(text, FILE, problems);
  if (document?.kind !== 'map' || problems.errors.length > 0 || !isOpenApi(document)) throw invalid(problems);
  const context = contextOf(options, problems);
  const draft = new RestApiDraft({ ...DRAFT, at: document.at }, problems);
  const basePath = BASE_PATHS[options.basePath](basePathOf(document));
  readOpenApi(document, draft, context, { needsIntegrations: false, basePath });
  warnOfModels(document, problems);
  if (problems.errors.length > 0) throw refused(problems);
  return { ...draftOf(draft), ...infoOf(document), warnings: warningsOf(problems) };
}

const FILE = 'OpenAPI document';
const DRAFT = {
  logicalId: 'the import',
  id: 'import',
  name: '',
  endpointType: undefined,
  disableExecuteApiEndpoint: false,
};

const isOpenApi = (document: MapNode) => document.entries.has('openapi') || document.entries.has('swagger');

const invalid = ({ errors: [first] }: Problems) =>
  new AwsError('BadRequestException', {
    message: 'Invalid OpenAPI input.',
    ...(first === undefined ? {} : { advice: `Line ${first.line}, column ${first.column}: ${first.message}` }),
  });

const refused = ({ errors }: Problems) =>
  new AwsError('BadRequestException', {
    message: [
      'Errors found during import:',
      ...errors.map(({ line, column, message }) => `${line}:${column}: ${message}`),
    ].join('\n\t'),
  });

function contextOf({ region, limits }: ReadOpenApiOptions, problems: Problems): ReadContext {
  // What looks like a function of a template is one of nobody's.
  const nothing = (name: string, at: Position) => {
    problems.error(at, `${name} is a function of templates: an OpenAPI document has none.`);
    return scalarNode(at, '');
  };
  return {
    file: FILE,
    directory: '',
    stackName: '',
    region,
    limits,
    problems,
    scope: {
      problems,
      mappings: undefined,
      ref: (name, at) => nothing(`Ref ${name}`, at),
      getAtt: (logicalId, attribute, at) => nothing(`Fn::GetAtt ${logicalId}.${attribute}`, at),
      condition: (name, at) => nothing(`The condition ${name}`, at) === undefined,
      include: (location, at) => nothing(`AWS::Include ${location}`, at),
    },
  };
}

/** What becomes of the base path. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html */
const BASE_PATHS: Readonly<Record<ReadOpenApiOptions['basePath'], (basePath: string) => string>> = {
  ignore: () => '',
  prepend: (basePath) => basePath,
  split: (basePath) => basePath.replace(/^\/[^/]*/, ''),
};

/** Of OpenAPI 2 `basePath`; of OpenAPI 3 the path of the first server, its variables filled in. */
function basePathOf(document: MapNode): string {
  const servers = valueAt(document, 'servers');
  const server = servers?.kind === 'list' ? servers.items[0] : undefined;
  const url = (textOf(valueAt(server, 'url')) ?? '').replace(/\{([^}]+)\}/g, (_, name: string) => {
    return textOf(valueAt(valueAt(valueAt(server, 'variables'), name), 'default')) ?? '';
  });
  const path = textOf(valueAt(document, 'basePath')) ?? url.replace(/^[a-z]+:\/\/[^/]*/i, '');
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((part) => `/${part}`).join('');
}

function warnOfModels(document: MapNode, problems: Problems): void {
  const models = valueAt(document, 'definitions') ?? valueAt(valueAt(document, 'components'), 'schemas');
  if (models?.kind !== 'map' || models.entries.size === 0) return;
  problems.warn(models.at, 'Models are left out: requests are not validated against them.');
}

function draftOf(draft: RestApiDraft): Omit<OpenApiRestApi, 'warnings'> {
  const { binaryMediaTypes, disableExecuteApiEndpoint, apiKeySource, authorizers, gatewayResponses, resources } =
    draft.toRestApi();
  return {
    binaryMediaTypes,
    authorizers: authorizers ?? [],
    gatewayResponses: gatewayResponses ?? [],
    resources,
    ...(disableExecuteApiEndpoint ? { disableExecuteApiEndpoint } : {}),
    ...(apiKeySource === undefined ? {} : { apiKeySource }),
  };
}

function infoOf(document: MapNode): Pick<OpenApiRestApi, 'name' | 'description' | 'version'> {
  const info = valueAt(document, 'info');
  const name = textOf(valueAt(info, 'title'));
  const description = textOf(valueAt(info, 'description'));
  const version = textOf(valueAt(info, 'version'));
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(version === undefined ? {} : { version }),
  };
}

const warningsOf = ({ warnings, notEnforced }: Problems): string[] =>
  [...warnings, ...notEnforced].map(({ line, column, message }) => `${line}:${column}: ${message}`);
