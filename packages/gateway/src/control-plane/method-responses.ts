import { AwsError, type MethodResponse } from '@spillway/wire';
import { type FoundMethod, findMethod, withMethod } from './find.ts';
import { assertModels } from './method-rules.ts';
import { type Call, type ControlPlane, created, noContent, type Operation, ok, parameter } from './operation.ts';
import { applyPatches, flagEntries, type PatchPath, readPatchOperations, textEntries } from './patch-operations.ts';
import { assertStatusCode } from './refusal.ts';
import { methodResponseView } from './views.ts';

// PutMethodResponse, GetMethodResponse, UpdateMethodResponse, DeleteMethodResponse. Same as AWS: kept and shown; without effect on proxy
// integrations.

const RESPONSE = '/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}';

export const METHOD_RESPONSE_OPERATIONS: readonly Operation[] = [
  { name: 'PutMethodResponse', method: 'PUT', path: RESPONSE, run: putMethodResponse },
  { name: 'GetMethodResponse', method: 'GET', path: RESPONSE, run: getMethodResponse },
  { name: 'UpdateMethodResponse', method: 'PATCH', path: RESPONSE, run: updateMethodResponse },
  { name: 'DeleteMethodResponse', method: 'DELETE', path: RESPONSE, run: deleteMethodResponse },
];

async function putMethodResponse(call: Call, controlPlane: ControlPlane) {
  const statusCode = parameter(call, 'status_code');
  assertStatusCode(statusCode);
  const found = findMethod(call, controlPlane);
  const responseModels = call.input.record('responseModels');
  assertModels(responseModels ?? {});
  if (responsesOf(found).some((response) => response.statusCode === statusCode)) {
    throw new AwsError('ConflictException', { message: 'Response already exists for this resource' });
  }
  const response: MethodResponse = {
    statusCode,
    responseParameters: call.input.flags('responseParameters') ?? {},
    ...(responseModels === undefined ? {} : { responseModels }),
  };
  await put(controlPlane, found, [...responsesOf(found), response]);
  return created(methodResponseView(response));
}

const responsesOf = ({ method }: FoundMethod): readonly MethodResponse[] => method.methodResponses ?? [];

const put = ({ restApis }: ControlPlane, found: FoundMethod, methodResponses: readonly MethodResponse[]) =>
  restApis.write([withMethod(found, { ...found.method, methodResponses })]);

function find(call: Call, controlPlane: ControlPlane) {
  const found = findMethod(call, controlPlane);
  const response = responsesOf(found).find(({ statusCode }) => statusCode === parameter(call, 'status_code'));
  if (response === undefined) throw noSuchResponse();
  return { found, response, others: responsesOf(found).filter((other) => other !== response) };
}

/** Also of an integration. */
export const noSuchResponse = (): AwsError =>
  new AwsError('NotFoundException', { message: 'Invalid Response status code specified' });

function getMethodResponse(call: Call, controlPlane: ControlPlane) {
  return ok(methodResponseView(find(call, controlPlane).response));
}

async function deleteMethodResponse(call: Call, controlPlane: ControlPlane) {
  const { found, others } = find(call, controlPlane);
  await put(controlPlane, found, others);
  return noContent();
}

async function updateMethodResponse(call: Call, controlPlane: ControlPlane) {
  const { found, response, others } = find(call, controlPlane);
  const patched = applyPatches(response, readPatchOperations(call.input), PATHS);
  assertModels(patched.responseModels ?? {});
  await put(controlPlane, found, [...others, patched]);
  return created(methodResponseView(patched));
}

const PATHS: readonly PatchPath<MethodResponse>[] = [
  textEntries('responseModels', 'type'),
  flagEntries('responseParameters'),
];
