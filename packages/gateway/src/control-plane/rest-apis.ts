import type { EndpointType, RestApi } from '@spillway/wire';
import type { RestApiDocument } from './documents.ts';
import { edited, findRestApi } from './find.ts';
import { randomId } from './identifiers.ts';
import type { Input } from './input.ts';
import { accepted, type Call, type ControlPlane, created, type Operation, ok } from './operation.ts';
import { page } from './pages.ts';
import { applyPatches, type PatchPath, patchedFlag, patchedOneOf, readPatchOperations } from './patch-operations.ts';
import { badRequest, invalidValue, notServed } from './refusal.ts';
import { seconds, shown } from './views.ts';

// CreateRestApi, GetRestApi(s), UpdateRestApi, DeleteRestApi. Same as AWS: defaults, what is left out of answers, messages as recorded; another
// endpoint type counts without a new deployment, for the idle timeout of streams.
// Missing, and refused by name: policy, minimumCompressionSize, cloneFrom, securityPolicy, endpointAccessMode, vpcEndpointIds.

export const REST_API_OPERATIONS: readonly Operation[] = [
  { name: 'CreateRestApi', method: 'POST', path: '/restapis', run: createRestApi },
  { name: 'GetRestApis', method: 'GET', path: '/restapis', run: getRestApis },
  { name: 'GetRestApi', method: 'GET', path: '/restapis/{restapi_id}', run: getRestApi },
  { name: 'UpdateRestApi', method: 'PATCH', path: '/restapis/{restapi_id}', run: updateRestApi },
  { name: 'DeleteRestApi', method: 'DELETE', path: '/restapis/{restapi_id}', run: deleteRestApi },
];

const ENDPOINT_TYPES: readonly EndpointType[] = ['PRIVATE', 'EDGE', 'REGIONAL'];
const IP_ADDRESS_TYPES = ['ipv4', 'dualstack'] as const;
const API_KEY_SOURCES = ['HEADER', 'AUTHORIZER'] as const;
const MAX_COMPRESSION_BYTES = 10_485_760;

async function createRestApi({ input }: Call, { restApis }: ControlPlane) {
  const name = input.requiredText('name');
  if (name === '') throw badRequest('REST API name cannot be empty');
  assertDescription(input.text('description'));
  if (input.has('minimumCompressionSize')) refuseCompression(String(input.integer('minimumCompressionSize')));
  input.refuse('policy', 'cloneFrom', 'securityPolicy', 'endpointAccessMode');
  const restApi: RestApi = {
    ...newRestApi(name),
    ...readEndpoint(input.object('endpointConfiguration')),
    binaryMediaTypes: input.texts('binaryMediaTypes') ?? [],
    disableExecuteApiEndpoint: input.flag('disableExecuteApiEndpoint') ?? false,
    ...given('description', input.text('description')),
    ...given('version', input.text('version')),
    ...given('apiKeySource', input.oneOf('apiKeySource', API_KEY_SOURCES)),
    ...given('tags', input.record('tags')),
  };
  const document: RestApiDocument = { kind: 'restApi', restApi, createdAtMs: Date.now() };
  await restApis.write([document]);
  return created(restApiView(document));
}

const given = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };

/** As AWS makes it: with nothing but the root resource. */
export const newRestApi = (name: string): RestApi => ({
  id: randomId(10),
  name,
  endpointType: 'EDGE',
  binaryMediaTypes: [],
  disableExecuteApiEndpoint: false,
  resources: [{ id: randomId(10), path: '/', methods: {} }],
});

function assertDescription(description: string | undefined): void {
  if (description === '') throw badRequest('Description cannot be an empty string');
}

function refuseCompression(text: string): never {
  const size = Number(text);
  if (text === '' || !Number.isInteger(size) || size < 0 || size > MAX_COMPRESSION_BYTES) {
    throw badRequest(`Invalid minimum compression size, must be between 0 and ${MAX_COMPRESSION_BYTES}`);
  }
  throw notServed('minimumCompressionSize', 'the gateway does not compress');
}

function readEndpoint(input: Input | undefined): Pick<RestApi, 'endpointType' | 'ipAddressType'> {
  input?.refuse('vpcEndpointIds');
  const endpointType = readEndpointType(input?.texts('types') ?? ['EDGE']);
  const ipAddressType = input?.oneOf('ipAddressType', IP_ADDRESS_TYPES);
  assertIpAddressType(endpointType, ipAddressType);
  return { endpointType, ...given('ipAddressType', ipAddressType) };
}

/** @throws AwsError for none, several, or one that is unknown. */
export function readEndpointType(types: readonly string[]): EndpointType {
  const [type, ...others] = types;
  if (type === undefined) throw badRequest('REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.');
  if (others.length > 0) throw badRequest('Cannot create an api with multiple Endpoint Types.');
  const known = ENDPOINT_TYPES.find((candidate) => candidate === type);
  if (known !== undefined) return known;
  throw invalidValue(
    `'[${type}]'`,
    'createRestApiInput.endpointConfiguration.types',
    `satisfy constraint: [Member must satisfy enum value set: [${ENDPOINT_TYPES.join(', ')}]]`,
  );
}

function assertIpAddressType(endpointType: EndpointType, ipAddressType: RestApi['ipAddressType']): void {
  if (endpointType === 'PRIVATE' && ipAddressType === 'ipv4') {
    throw badRequest('Only dualstack ipAddressType is supported for Private APIs.');
  }
}

function getRestApis(call: Call, { restApis }: ControlPlane) {
  return page(call, restApis.restApis(), ({ restApi }) => restApi.id, restApiView);
}

function getRestApi(call: Call, controlPlane: ControlPlane) {
  return ok(withTags(findRestApi(call, controlPlane)));
}

async function deleteRestApi(call: Call, controlPlane: ControlPlane) {
  const { restApi } = findRestApi(call, controlPlane);
  await controlPlane.restApis.deleteRestApi(restApi.id);
  return accepted();
}

async function updateRestApi(call: Call, controlPlane: ControlPlane) {
  const document = findRestApi(call, controlPlane);
  const restApi = applyPatches(document.restApi, readPatchOperations(call.input), PATHS);
  assertIpAddressType(restApi.endpointType, restApi.ipAddressType);
  const changed = edited(document, restApi);
  await controlPlane.restApis.write([changed]);
  return ok(withTags(changed));
}

const REPLACE = ['replace'] as const;
const ALL = ['add', 'replace', 'remove'] as const;
const refused = (path: string): PatchPath<RestApi> => ({
  path,
  ops: REPLACE,
  apply: () => {
    throw notServed(path.slice(1));
  },
});

const PATHS: readonly PatchPath<RestApi>[] = [
  {
    path: '/apiKeySource',
    ops: REPLACE,
    apply: (restApi, value) => ({
      ...restApi,
      apiKeySource: patchedOneOf(value, API_KEY_SOURCES, 'updateRestApiInput.apiKeySource'),
    }),
  },
  {
    path: '/binaryMediaTypes/{type}',
    ops: ALL,
    // AWS puts a replaced type last.
    apply: (restApi, value, [type = ''], op) => ({
      ...restApi,
      binaryMediaTypes: [
        ...restApi.binaryMediaTypes.filter((other) => other !== type),
        ...(op === 'remove' ? [] : [op === 'replace' && value !== '' ? value : type]),
      ],
    }),
  },
  {
    path: '/description',
    ops: ALL,
    apply: ({ description: _, ...restApi }, value) => (value === '' ? restApi : { ...restApi, description: value }),
  },
  {
    path: '/disableExecuteApiEndpoint',
    ops: REPLACE,
    apply: (restApi, value) => ({
      ...restApi,
      disableExecuteApiEndpoint: patchedFlag(value, '/disableExecuteApiEndpoint'),
    }),
  },
  {
    path: '/endpointConfiguration/ipAddressType',
    ops: REPLACE,
    apply: (restApi, value) => {
      const ipAddressType = IP_ADDRESS_TYPES.find((type) => type === value);
      if (ipAddressType === undefined) throw badRequest('ipAddressType must be either ipv4 or dualstack.');
      return { ...restApi, ipAddressType };
    },
  },
  {
    path: '/endpointConfiguration/types/{type}',
    ops: REPLACE,
    apply: ({ ipAddressType: _, ...restApi }, value) => {
      const endpointType = ENDPOINT_TYPES.find((type) => type === value);
      if (endpointType === undefined) {
        throw badRequest('Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE');
      }
      return { ...restApi, endpointType };
    },
  },
  {
    path: '/minimumCompressionSize',
    ops: REPLACE,
    // An empty size switches compression off, which it is.
    apply: (restApi, value) => (value === '' ? restApi : refuseCompression(value)),
  },
  {
    path: '/name',
    ops: REPLACE,
    apply: (restApi, value) => {
      if (value === '') throw badRequest('REST API name cannot be empty');
      return { ...restApi, name: value };
    },
  },
  refused('/policy'),
  refused('/securityPolicy'),
  refused('/endpointAccessMode'),
];

/** As GetRestApis and CreateRestApi have it. */
export function restApiView({ restApi, createdAtMs }: RestApiDocument): Record<string, unknown> {
  const { endpointType, ipAddressType = endpointType === 'PRIVATE' ? 'dualstack' : 'ipv4' } = restApi;
  return {
    id: restApi.id,
    name: restApi.name,
    ...shown({
      description: restApi.description,
      version: restApi.version,
      binaryMediaTypes: restApi.binaryMediaTypes,
      tags: restApi.tags,
    }),
    createdDate: seconds(createdAtMs),
    apiKeySource: restApi.apiKeySource ?? 'HEADER',
    endpointConfiguration: { types: [endpointType], ipAddressType },
    disableExecuteApiEndpoint: restApi.disableExecuteApiEndpoint,
    rootResourceId: restApi.resources.find(({ path }) => path === '/')?.id,
    apiStatus: 'AVAILABLE',
  };
}

/** As GetRestApi and the updates have it. */
export const withTags = (document: RestApiDocument): Record<string, unknown> => ({
  tags: {},
  ...restApiView(document),
});
