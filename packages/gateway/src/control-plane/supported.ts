import type { Limits, RestApi } from '@spillway/wire';
import { assertAuthorizer } from './authorizer-rules.ts';
import { assertGatewayResponse } from './gateway-response-rules.ts';
import { assertMethod } from './method-rules.ts';
import { at, badRequest, onlyKnown } from './refusal.ts';

const REST_API_KEYS: readonly string[] = [
  'id',
  'name',
  'endpointType',
  'ipAddressType',
  'binaryMediaTypes',
  'disableExecuteApiEndpoint',
  'description',
  'version',
  'apiKeySource',
  'tags',
  'authorizers',
  'gatewayResponses',
  'resources',
];
const RESOURCE_KEYS: readonly string[] = ['id', 'parentId', 'pathPart', 'path', 'methods'];

/**
 * A whole REST API by the same rules that hold for each of its parts.
 * @throws AwsError that names the place and the first thing that API Gateway refuses there, or that is not served here.
 */
export function assertSupported(restApi: RestApi, limits: Limits): void {
  const where = `REST API ${restApi.id} (${restApi.name})`;
  at(where, () => {
    onlyKnown(REST_API_KEYS, restApi);
    if (!/^[a-z0-9]+$/.test(restApi.id)) {
      throw badRequest('Invalid API identifier specified', 'It has the letters a-z and digits only. Change it.');
    }
    for (const authorizer of restApi.authorizers ?? []) assertAuthorizer(authorizer);
    for (const response of restApi.gatewayResponses ?? []) assertGatewayResponse(response);
  });
  for (const resource of restApi.resources) {
    at(`${where}, resource ${resource.path}`, () => onlyKnown(RESOURCE_KEYS, resource));
    for (const [httpMethod, method] of Object.entries(resource.methods)) {
      at(`${where}, ${httpMethod} ${resource.path}`, () => assertMethod(restApi, { ...method, httpMethod }, limits));
    }
  }
}
