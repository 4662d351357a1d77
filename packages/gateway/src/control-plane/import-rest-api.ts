import { AwsError, type OpenApiRestApi, type RestApi } from '@spillway/wire';
import type { RestApiDocument } from './documents.ts';
import { edited, findRestApi } from './find.ts';
import { merged } from './merge-rest-api.ts';
import { type Call, type ControlPlane, created, type Operation, ok, queryValue } from './operation.ts';
import { badRequest, invalidValue, notServed } from './refusal.ts';
import { newRestApi, readEndpointType, restApiView, withTags } from './rest-apis.ts';
import { assertSupported } from './supported.ts';
import { shown } from './views.ts';

// ImportRestApi, PutRestApi, of OpenAPI 2 and 3 documents in JSON or YAML. Same as AWS: modes merge (the default) and overwrite, basepath,
// failonwarnings, endpointConfigurationTypes. Chosen: resources that stay keep their ids in both modes. Missing: what the reader of the
// template package lists as missing; parameters other than these, refused by name.

export const IMPORT_OPERATIONS: readonly Operation[] = [
  { name: 'ImportRestApi', method: 'POST', path: '/restapis', run: importRestApi },
  { name: 'PutRestApi', method: 'PUT', path: '/restapis/{restapi_id}', run: putRestApi },
];

/** Whether the operation's body is an OpenAPI document, not members of a request. */
export const takesDocument = (operationName: string): boolean =>
  IMPORT_OPERATIONS.some(({ name }) => name === operationName);

async function importRestApi(call: Call, controlPlane: ControlPlane) {
  assertParameters(call);
  const imported = readDocument(call, controlPlane);
  if (imported.name === undefined) throw badRequest('Invalid OpenAPI input.', 'The document has no info.title.');
  const base = newRestApi(imported.name);
  const restApi = { ...merged(base, imported, 'overwrite'), ...endpointOf(call, imported) };
  assertSupported(restApi, controlPlane.limits);
  const document: RestApiDocument = { kind: 'restApi', restApi, createdAtMs: Date.now() };
  await controlPlane.restApis.write([document]);
  return created({ ...restApiView(document), ...shown({ warnings: imported.warnings }) });
}

async function putRestApi(call: Call, controlPlane: ControlPlane) {
  assertParameters(call);
  const mode = queryValue(call, 'mode') ?? 'merge';
  if (mode !== 'merge' && mode !== 'overwrite') {
    throw invalidValue(`'${mode}'`, 'putRestApiInput.mode', 'satisfy enum value set: [merge, overwrite]');
  }
  const document = findRestApi(call, controlPlane);
  const imported = readDocument(call, controlPlane);
  const restApi = { ...merged(document.restApi, imported, mode), ...endpointOf(call, imported) };
  assertSupported(restApi, controlPlane.limits);
  const changed = edited(document, restApi);
  await controlPlane.restApis.write([changed]);
  return ok({ ...withTags(changed), ...shown({ warnings: imported.warnings }) });
}

const PARAMETERS: readonly string[] = ['mode', 'failonwarnings', 'basepath', 'endpointConfigurationTypes', 'ignore'];

function assertParameters({ query }: Call): void {
  const unknown = query.find(([name]) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw notServed(`the import parameter ${unknown[0]}`);
}

function readDocument(call: Call, { readOpenApi, region, limits }: ControlPlane): OpenApiRestApi {
  if (readOpenApi === undefined) throw notServed('import of OpenAPI documents');
  if (call.document.trim() === '') throw badRequest('Invalid OpenAPI input.', 'The body is empty.');
  const imported = readOpenApi(call.document, { region, limits, basePath: basePathOf(call) });
  if (queryValue(call, 'failonwarnings') === 'true' && imported.warnings.length > 0) {
    throw new AwsError('BadRequestException', {
      message: ['Warnings found during import:', ...imported.warnings].join('\n\t'),
    });
  }
  return imported;
}

function basePathOf(call: Call): 'ignore' | 'prepend' | 'split' {
  const mode = queryValue(call, 'basepath') ?? 'ignore';
  if (mode === 'ignore' || mode === 'prepend' || mode === 'split') return mode;
  throw badRequest(`Invalid basepath mode specified: ${mode}. Valid options are ignore, prepend, split`);
}

/** The query decides before the document. */
function endpointOf(call: Call, { endpointType }: OpenApiRestApi): Partial<Pick<RestApi, 'endpointType'>> {
  const types = queryValue(call, 'endpointConfigurationTypes');
  if (types !== undefined) return { endpointType: readEndpointType(types.split(',')) };
  return endpointType === undefined ? {} : { endpointType };
}
