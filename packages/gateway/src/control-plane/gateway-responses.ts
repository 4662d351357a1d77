import { AwsError, type GatewayResponse } from '@spillway/wire';
import type { RestApiDocument } from './documents.ts';
import { edited, findRestApi } from './find.ts';
import {
  assertGatewayResponse,
  assertGatewayResponseType,
  GATEWAY_RESPONSE_STATUSES,
} from './gateway-response-rules.ts';
import { accepted, type Call, type ControlPlane, created, type Operation, ok, parameter } from './operation.ts';
import { page } from './pages.ts';
import { applyPatches, type PatchPath, readPatchOperations, textEntries } from './patch-operations.ts';

// PutGatewayResponse, GetGatewayResponse(s), UpdateGatewayResponse, DeleteGatewayResponse. Same as AWS: types and their statuses, the
// default response, the list that holds all types, set or not.

const RESPONSES = '/restapis/{restapi_id}/gatewayresponses';
const RESPONSE = `${RESPONSES}/{response_type}`;

export const GATEWAY_RESPONSE_OPERATIONS: readonly Operation[] = [
  { name: 'GetGatewayResponses', method: 'GET', path: RESPONSES, run: getGatewayResponses },
  { name: 'PutGatewayResponse', method: 'PUT', path: RESPONSE, run: putGatewayResponse },
  { name: 'GetGatewayResponse', method: 'GET', path: RESPONSE, run: getGatewayResponse },
  { name: 'UpdateGatewayResponse', method: 'PATCH', path: RESPONSE, run: updateGatewayResponse },
  { name: 'DeleteGatewayResponse', method: 'DELETE', path: RESPONSE, run: deleteGatewayResponse },
];

const DEFAULT_TEMPLATES = { 'application/json': '{"message":$context.error.messageString}' };

const own = ({ restApi }: RestApiDocument): readonly GatewayResponse[] => restApi.gatewayResponses ?? [];

function effective(document: RestApiDocument, responseType: string): Record<string, unknown> {
  const set = own(document).find((response) => response.responseType === responseType);
  return set === undefined ? { ...defaultResponse(responseType), defaultResponse: true } : view(set);
}

function defaultResponse(responseType: string): GatewayResponse {
  const statusCode = GATEWAY_RESPONSE_STATUSES[responseType];
  return {
    responseType,
    ...(statusCode === undefined ? {} : { statusCode }),
    responseParameters: {},
    responseTemplates: DEFAULT_TEMPLATES,
  };
}

const view = (response: GatewayResponse): Record<string, unknown> => ({ ...response, defaultResponse: false });

function getGatewayResponses(call: Call, controlPlane: ControlPlane) {
  const document = findRestApi(call, controlPlane);
  return page(
    call,
    Object.keys(GATEWAY_RESPONSE_STATUSES),
    (responseType) => responseType,
    (responseType) => effective(document, responseType),
  );
}

function find(call: Call, controlPlane: ControlPlane) {
  const responseType = parameter(call, 'response_type');
  assertGatewayResponseType(responseType);
  const document = findRestApi(call, controlPlane);
  return { document, responseType, set: own(document).find((response) => response.responseType === responseType) };
}

function getGatewayResponse(call: Call, controlPlane: ControlPlane) {
  const { document, responseType } = find(call, controlPlane);
  return ok(effective(document, responseType));
}

async function putGatewayResponse(call: Call, controlPlane: ControlPlane) {
  const { input } = call;
  const { document, responseType } = find(call, controlPlane);
  const statusCode = input.text('statusCode') ?? GATEWAY_RESPONSE_STATUSES[responseType];
  const response: GatewayResponse = {
    responseType,
    ...(statusCode === undefined ? {} : { statusCode }),
    responseParameters: input.record('responseParameters') ?? {},
    responseTemplates: input.record('responseTemplates') ?? DEFAULT_TEMPLATES,
  };
  await put(document, response, controlPlane);
  return created(view(response));
}

async function put(document: RestApiDocument, response: GatewayResponse, { restApis }: ControlPlane) {
  assertGatewayResponse(response);
  const gatewayResponses = [...othersThan(document, response.responseType), response];
  await restApis.write([edited(document, { gatewayResponses })]);
}

const othersThan = (document: RestApiDocument, type: string) =>
  own(document).filter(({ responseType }) => responseType !== type);

async function updateGatewayResponse(call: Call, controlPlane: ControlPlane) {
  const { document, responseType, set = defaultResponse(responseType) } = find(call, controlPlane);
  const response = applyPatches(set, readPatchOperations(call.input), PATHS);
  await put(document, response, controlPlane);
  return ok(view(response));
}

const PATHS: readonly PatchPath<GatewayResponse>[] = [
  { path: '/statusCode', ops: ['replace'], apply: (response, value) => ({ ...response, statusCode: value }) },
  textEntries('responseParameters', 'name'),
  textEntries('responseTemplates', 'type'),
];

async function deleteGatewayResponse(call: Call, controlPlane: ControlPlane) {
  const { document, responseType, set } = find(call, controlPlane);
  if (set === undefined) {
    throw new AwsError('NotFoundException', { message: 'Gateway response type not defined on api' });
  }
  await controlPlane.restApis.write([edited(document, { gatewayResponses: othersThan(document, responseType) })]);
  return accepted();
}
