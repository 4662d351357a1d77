import { type ApiKey, AwsError } from '@spillway/wire';
import { type ApiKeyDocument, apiKeyKey } from './documents.ts';
import { randomId, randomKeyValue } from './identifiers.ts';
import type { Input } from './input.ts';
import {
  accepted,
  type Call,
  type ControlPlane,
  created,
  type Operation,
  ok,
  parameter,
  queryValue,
} from './operation.ts';
import { page } from './pages.ts';
import { applyPatches, type PatchPath, patchedFlag, readPatchOperations } from './patch-operations.ts';
import { badRequest, notFound } from './refusal.ts';
import { seconds, shown } from './views.ts';

// CreateApiKey, GetApiKey(s), UpdateApiKey, DeleteApiKey. Same as AWS: shapes, a key that is not enabled unless that is said, values that are
// shown only when asked for. On purpose: since there are no usage plans here, a key opens the stages of its stageKeys, all if it has none.
// Missing, and refused by name: ImportApiKeys.

const API_KEYS = '/apikeys';
const API_KEY = '/apikeys/{api_Key}';

export const API_KEY_OPERATIONS: readonly Operation[] = [
  { name: 'CreateApiKey', method: 'POST', path: API_KEYS, run: createApiKey },
  { name: 'GetApiKeys', method: 'GET', path: API_KEYS, run: getApiKeys },
  { name: 'GetApiKey', method: 'GET', path: API_KEY, run: getApiKey },
  { name: 'UpdateApiKey', method: 'PATCH', path: API_KEY, run: updateApiKey },
  { name: 'DeleteApiKey', method: 'DELETE', path: API_KEY, run: deleteApiKey },
];

const MIN_VALUE_CHARACTERS = 20;
const MAX_VALUE_CHARACTERS = 128;
const MAX_NAME_CHARACTERS = 1024;

async function createApiKey({ input }: Call, controlPlane: ControlPlane) {
  const { restApis } = controlPlane;
  const value = input.text('value') || randomKeyValue();
  assertValue(value);
  if (restApis.apiKeyByValue(value) !== undefined) {
    throw new AwsError('ConflictException', { message: 'API Key already exists' });
  }
  const apiKey: ApiKey = {
    id: randomId(10),
    value,
    enabled: input.flag('enabled') ?? false,
    stageKeys: readStageKeys(input.objects('stageKeys') ?? [], controlPlane),
    tags: input.record('tags') ?? {},
    ...member('name', checkedName(input.text('name'))),
    ...member('description', input.text('description')),
  };
  const nowMs = Date.now();
  const customerId = input.text('customerId');
  const document: ApiKeyDocument = {
    kind: 'apiKey',
    apiKey,
    createdAtMs: nowMs,
    lastUpdatedAtMs: nowMs,
    ...(customerId === undefined ? {} : { customerId }),
  };
  await restApis.write([document]);
  return created(view(document, true));
}

const member = <Key extends 'name' | 'description'>(key: Key, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: string };

function assertValue({ length }: string): void {
  if (length < MIN_VALUE_CHARACTERS) {
    throw badRequest(`API Key value should be at least ${MIN_VALUE_CHARACTERS} characters`);
  }
  if (length > MAX_VALUE_CHARACTERS) {
    throw badRequest(`API Key value exceeds maximum size of ${MAX_VALUE_CHARACTERS} characters`);
  }
}

function checkedName(name: string | undefined): string | undefined {
  if ((name ?? '').length <= MAX_NAME_CHARACTERS) return name;
  throw badRequest(`API Key name exceeds maximum size of ${MAX_NAME_CHARACTERS} characters`);
}

function readStageKeys(inputs: readonly Input[], controlPlane: ControlPlane): ApiKey['stageKeys'] {
  return inputs.map((input) =>
    stageKey(input.requiredText('restApiId'), input.requiredText('stageName'), controlPlane),
  );
}

function stageKey(restApiId: string, stageName: string, { restApis }: ControlPlane): ApiKey['stageKeys'][number] {
  if (restApis.stageDocument(restApiId, stageName) === undefined) throw notFound('Stage');
  return { restApiId, stageName };
}

function getApiKeys(call: Call, { restApis }: ControlPlane) {
  const name = queryValue(call, 'name');
  const customerId = queryValue(call, 'customerId');
  const withValue = queryValue(call, 'includeValues') === 'true';
  const keys = restApis
    .apiKeys()
    .filter(({ apiKey }) => name === undefined || apiKey.name?.startsWith(name))
    .filter((document) => customerId === undefined || document.customerId === customerId);
  return page(
    call,
    keys,
    ({ apiKey }) => apiKey.id,
    (document) => view(document, withValue),
  );
}

function find(call: Call, { restApis }: ControlPlane): ApiKeyDocument {
  const document = restApis.apiKey(parameter(call, 'api_Key'));
  if (document === undefined) throw notFound('API Key');
  return document;
}

function getApiKey(call: Call, controlPlane: ControlPlane) {
  return ok(view(find(call, controlPlane), queryValue(call, 'includeValue') === 'true'));
}

async function updateApiKey(call: Call, controlPlane: ControlPlane) {
  const patched = applyPatches(find(call, controlPlane), readPatchOperations(call.input), pathsOf(controlPlane));
  const document = { ...patched, lastUpdatedAtMs: Date.now() };
  await controlPlane.restApis.write([document]);
  return ok(view(document, false));
}

const withKey = (document: ApiKeyDocument, changes: Partial<ApiKey>): ApiKeyDocument => ({
  ...document,
  apiKey: { ...document.apiKey, ...changes },
});

const pathsOf = (controlPlane: ControlPlane): readonly PatchPath<ApiKeyDocument>[] => [
  { path: '/customerId', ops: ['replace'], apply: (document, value) => ({ ...document, customerId: value }) },
  { path: '/description', ops: ['replace'], apply: (document, value) => withKey(document, { description: value }) },
  {
    path: '/enabled',
    ops: ['replace'],
    apply: (document, value) => withKey(document, { enabled: patchedFlag(value, '/enabled') }),
  },
  {
    path: '/name',
    ops: ['replace'],
    apply: (document, value) => withKey(document, { name: checkedName(value) ?? '' }),
  },
  {
    path: '/stages',
    ops: ['add', 'remove'],
    apply: (document, value, _keys, op) => {
      const [restApiId = '', stageName = ''] = value.split('/');
      const others = document.apiKey.stageKeys.filter(
        (other) => other.restApiId !== restApiId || other.stageName !== stageName,
      );
      if (op === 'remove') return withKey(document, { stageKeys: others });
      return withKey(document, { stageKeys: [...others, stageKey(restApiId, stageName, controlPlane)] });
    },
  },
];

async function deleteApiKey(call: Call, controlPlane: ControlPlane) {
  const { apiKey } = find(call, controlPlane);
  await controlPlane.restApis.write([{ kind: 'deleted', key: apiKeyKey(apiKey.id) }]);
  return accepted();
}

function view({ apiKey, customerId, ...dates }: ApiKeyDocument, withValue: boolean): Record<string, unknown> {
  const { id, value, name, description, enabled, stageKeys, tags } = apiKey;
  return {
    id,
    ...shown({ value: withValue ? value : undefined, name, customerId, description, tags }),
    enabled,
    createdDate: seconds(dates.createdAtMs),
    lastUpdatedDate: seconds(dates.lastUpdatedAtMs),
    stageKeys: stageKeys.map(({ restApiId, stageName }) => `${restApiId}/${stageName}`),
  };
}
