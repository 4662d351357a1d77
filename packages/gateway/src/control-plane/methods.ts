import { AwsError, type Method } from '@spillway/wire';
import { findMethod, findResource, withMethod, withResource } from './find.ts';
import { assertMethod } from './method-rules.ts';
import { type Call, type ControlPlane, created, noContent, type Operation, ok, parameter } from './operation.ts';
import {
  applyPatches,
  flagEntries,
  type PatchPath,
  patchedFlag,
  readPatchOperations,
  textEntries,
} from './patch-operations.ts';
import { badRequest } from './refusal.ts';
import { methodView } from './views.ts';

// PutMethod, GetMethod, UpdateMethod, DeleteMethod. Same as AWS: answers and messages as recorded. Missing, and refused by name: Cognito,
// authorization scopes. There are no request validators, and no models but Empty and Error, so others are unknown, in AWS's words.

const METHOD = '/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}';

export const METHOD_OPERATIONS: readonly Operation[] = [
  { name: 'PutMethod', method: 'PUT', path: METHOD, run: putMethod },
  { name: 'GetMethod', method: 'GET', path: METHOD, run: getMethod },
  { name: 'UpdateMethod', method: 'PATCH', path: METHOD, run: updateMethod },
  { name: 'DeleteMethod', method: 'DELETE', path: METHOD, run: deleteMethod },
];

async function putMethod(call: Call, controlPlane: ControlPlane) {
  const { input } = call;
  const found = findResource(call, controlPlane);
  const httpMethod = parameter(call, 'http_method');
  const authorizationType = input.requiredText('authorizationType') as Method['authorizationType'];
  const method: Method = {
    httpMethod,
    authorizationType,
    requestParameters: input.flags('requestParameters') ?? {},
    ...member('authorizerId', authorizationType === 'CUSTOM' ? input.text('authorizerId') : undefined),
    ...member('apiKeyRequired', input.flag('apiKeyRequired')),
    ...member('operationName', input.text('operationName')),
    ...member('requestModels', input.record('requestModels')),
  };
  assertMethod(found.document.restApi, method, controlPlane.limits);
  assertRequestParameters(method);
  if (input.text('requestValidatorId')) throw noValidator();
  input.refuse('authorizationScopes');
  if (Object.hasOwn(found.resource.methods, httpMethod)) {
    throw new AwsError('ConflictException', { message: 'Method already exists for this resource' });
  }
  await controlPlane.restApis.write([withMethod(found, method)]);
  return created(methodView(method, found.resource, controlPlane.limits));
}

const member = <Key extends keyof Method>(key: Key, value: Method[Key] | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Pick<Method, Key>>;

const noValidator = () => badRequest('Invalid Request Validator identifier specified');

function assertRequestParameters({ requestParameters }: Method): void {
  const wrong = Object.keys(requestParameters).find(
    (name) =>
      !/^method\.request\.(?:path|querystring|header|multivaluequerystring|multivalueheader)\.[^\s]+$/.test(name),
  );
  if (wrong === undefined) return;
  throw badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: ${wrong}]`,
  );
}

function getMethod(call: Call, controlPlane: ControlPlane) {
  const { method, resource } = findMethod(call, controlPlane);
  return ok(methodView(method, resource, controlPlane.limits));
}

async function deleteMethod(call: Call, controlPlane: ControlPlane) {
  const { document, resource, method } = findMethod(call, controlPlane);
  const { [method.httpMethod]: _, ...methods } = resource.methods;
  await controlPlane.restApis.write([withResource(document, { ...resource, methods })]);
  return noContent();
}

async function updateMethod(call: Call, controlPlane: ControlPlane) {
  const found = findMethod(call, controlPlane);
  const patched = applyPatches(found.method, readPatchOperations(call.input), PATHS, ({ path }) =>
    badRequest(`Invalid patch path ${path}`),
  );
  const { authorizerId: _, ...unauthorized } = patched;
  const method = patched.authorizationType === 'CUSTOM' ? patched : unauthorized;
  assertMethod(found.document.restApi, method, controlPlane.limits);
  assertRequestParameters(method);
  await controlPlane.restApis.write([withMethod(found, method)]);
  return ok(methodView(method, found.resource, controlPlane.limits));
}

const PATHS: readonly PatchPath<Method>[] = [
  {
    path: '/authorizationType',
    ops: ['replace'],
    apply: (method, value) => ({ ...method, authorizationType: value as Method['authorizationType'] }),
  },
  {
    path: '/authorizerId',
    ops: ['replace'],
    apply: ({ authorizerId: _, ...method }, value) => ({ ...method, ...(value && { authorizerId: value }) }),
  },
  {
    path: '/apiKeyRequired',
    ops: ['replace'],
    apply: (method, value) => ({ ...method, apiKeyRequired: patchedFlag(value, '/apiKeyRequired') }),
  },
  {
    path: '/operationName',
    ops: ['replace'],
    apply: ({ operationName: _, ...method }, value) => ({ ...method, ...(value && { operationName: value }) }),
  },
  {
    path: '/requestValidatorId',
    ops: ['replace'],
    // An empty id removes the validator, which there is none of.
    apply: (method, value) => {
      if (value !== '') throw noValidator();
      return method;
    },
  },
  flagEntries('requestParameters'),
  textEntries('requestModels', 'type'),
];
