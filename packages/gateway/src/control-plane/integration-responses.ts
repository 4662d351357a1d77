import type { IntegrationResponse } from '@spillway/wire';
import { type FoundIntegration, findIntegration, withMethod } from './find.ts';
import { assertIntegrationResponse } from './integration-rules.ts';
import { noSuchResponse } from './method-responses.ts';
import { type Call, type ControlPlane, created, noContent, type Operation, ok, parameter } from './operation.ts';
import { applyPatches, type PatchPath, readPatchOperations, textEntries } from './patch-operations.ts';
import { assertStatusCode } from './refusal.ts';
import { integrationResponseView } from './views.ts';

// PutIntegrationResponse, GetIntegrationResponse, UpdateIntegrationResponse, DeleteIntegrationResponse. Same as AWS: the shapes; those of
// proxy integrations have no effect. Missing, and refused by name: contentHandling; of MOCK, templates that are not plain text and
// parameters that are not literals.

const RESPONSE =
  '/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}';

export const INTEGRATION_RESPONSE_OPERATIONS: readonly Operation[] = [
  { name: 'PutIntegrationResponse', method: 'PUT', path: RESPONSE, run: putIntegrationResponse },
  { name: 'GetIntegrationResponse', method: 'GET', path: RESPONSE, run: getIntegrationResponse },
  { name: 'UpdateIntegrationResponse', method: 'PATCH', path: RESPONSE, run: updateIntegrationResponse },
  { name: 'DeleteIntegrationResponse', method: 'DELETE', path: RESPONSE, run: deleteIntegrationResponse },
];

async function putIntegrationResponse(call: Call, controlPlane: ControlPlane) {
  const { input } = call;
  const statusCode = parameter(call, 'status_code');
  assertStatusCode(statusCode);
  const found = findIntegration(call, controlPlane);
  input.refuse('contentHandling');
  const selectionPattern = input.text('selectionPattern');
  const response: IntegrationResponse = {
    statusCode,
    responseParameters: input.record('responseParameters') ?? {},
    responseTemplates: input.record('responseTemplates') ?? {},
    ...(selectionPattern === undefined ? {} : { selectionPattern }),
  };
  await put(controlPlane, found, response);
  return created(integrationResponseView(response));
}

const othersThan = ({ integration }: FoundIntegration, status: string) =>
  integration.integrationResponses.filter(({ statusCode }) => statusCode !== status);

async function put(controlPlane: ControlPlane, found: FoundIntegration, response: IntegrationResponse) {
  assertIntegrationResponse(found.integration, response);
  await putAll(controlPlane, found, [...othersThan(found, response.statusCode), response]);
}

function putAll(
  { restApis }: ControlPlane,
  found: FoundIntegration,
  integrationResponses: readonly IntegrationResponse[],
) {
  const integration = { ...found.integration, integrationResponses };
  return restApis.write([withMethod(found, { ...found.method, integration })]);
}

function find(call: Call, controlPlane: ControlPlane) {
  const found = findIntegration(call, controlPlane);
  const status = parameter(call, 'status_code');
  const response = found.integration.integrationResponses.find(({ statusCode }) => statusCode === status);
  if (response === undefined) throw noSuchResponse();
  return { found, response };
}

function getIntegrationResponse(call: Call, controlPlane: ControlPlane) {
  return ok(integrationResponseView(find(call, controlPlane).response));
}

async function deleteIntegrationResponse(call: Call, controlPlane: ControlPlane) {
  const { found, response } = find(call, controlPlane);
  await putAll(controlPlane, found, othersThan(found, response.statusCode));
  return noContent();
}

async function updateIntegrationResponse(call: Call, controlPlane: ControlPlane) {
  const { found, response } = find(call, controlPlane);
  const patched = applyPatches(response, readPatchOperations(call.input), PATHS);
  await put(controlPlane, found, patched);
  return ok(integrationResponseView(patched));
}

const PATHS: readonly PatchPath<IntegrationResponse>[] = [
  textEntries('responseParameters', 'name'),
  textEntries('responseTemplates', 'type'),
  {
    path: '/selectionPattern',
    ops: ['replace'],
    apply: (response, value) => ({ ...response, selectionPattern: value }),
  },
];
