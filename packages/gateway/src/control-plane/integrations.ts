import type { Integration, Limits } from '@spillway/wire';
import { ADVICE } from '../advice.ts';
import { parseLambdaUri } from '../data-plane/integration/lambda-uri.ts';
import { type FoundIntegration, type FoundMethod, findIntegration, findMethod, withMethod } from './find.ts';
import type { Input } from './input.ts';
import { assertIntegration } from './integration-rules.ts';
import { type Call, type ControlPlane, created, noContent, type Operation, ok } from './operation.ts';
import {
  applyPatches,
  type PatchOperation,
  type PatchPath,
  patchedInteger,
  patchedOneOf,
  readPatchOperations,
  textEntries,
} from './patch-operations.ts';
import { badRequest, notServed } from './refusal.ts';
import { integrationView } from './views.ts';

// PutIntegration, GetIntegration, UpdateIntegration, DeleteIntegration. Same as AWS: defaults, messages as recorded; an answer always has
// responseTransferMode. Chosen, since AWS says nothing: STREAM on other types than AWS_PROXY and HTTP_PROXY is refused; a mode that does
// not fit the uri is taken, with a line in the terminal; a patch that changes the mode drops the timeout unless it sets one.
// Missing, and refused by name: integrations of type AWS and HTTP, VPC links, tlsConfig, mapping templates.

const INTEGRATION = '/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration';

export const INTEGRATION_OPERATIONS: readonly Operation[] = [
  { name: 'PutIntegration', method: 'PUT', path: INTEGRATION, run: putIntegration },
  { name: 'GetIntegration', method: 'GET', path: INTEGRATION, run: getIntegration },
  { name: 'UpdateIntegration', method: 'PATCH', path: INTEGRATION, run: updateIntegration },
  { name: 'DeleteIntegration', method: 'DELETE', path: INTEGRATION, run: deleteIntegration },
];

const TYPES = ['HTTP', 'MOCK', 'AWS_PROXY', 'HTTP_PROXY', 'AWS'] as const;
const MODES = ['BUFFERED', 'STREAM'] as const;
const PASSTHROUGH_BEHAVIORS = ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'] as const;
const CONTENT_HANDLINGS = ['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT'] as const;

async function putIntegration(call: Call, controlPlane: ControlPlane) {
  const { input } = call;
  const type = input.oneOf('type', TYPES) ?? input.requiredText('type');
  const found = findMethod(call, controlPlane);
  const integration = readIntegration(type, input);
  assertIntegration(found.method, integration, controlPlane.limits);
  return created(await put(found, integration, controlPlane));
}

/** A type that is not served is left to the rules. */
function readIntegration(type: string, input: Input): Integration {
  input.refuse('connectionId', 'tlsConfig', 'integrationTarget');
  assertConnectionType(input.oneOf('connectionType', ['INTERNET', 'VPC_LINK']));
  const isMock = type === 'MOCK';
  return {
    type: type as Integration['type'],
    responseTransferMode: input.oneOf('responseTransferMode', MODES) ?? 'BUFFERED',
    passthroughBehavior: passthroughBehavior(input.text('passthroughBehavior')),
    requestParameters: input.record('requestParameters') ?? {},
    requestTemplates: input.record('requestTemplates') ?? {},
    integrationResponses: [],
    ...member('httpMethod', isMock ? undefined : readHttpMethod(input.text('httpMethod'))),
    ...member('uri', isMock ? undefined : input.text('uri')),
    ...member('timeoutInMillis', input.integer('timeoutInMillis')),
    ...member('credentials', input.text('credentials')),
    ...member('contentHandling', input.oneOf('contentHandling', CONTENT_HANDLINGS)),
    ...member('cacheNamespace', input.text('cacheNamespace')),
    ...member('cacheKeyParameters', input.texts('cacheKeyParameters')),
  };
}

const member = <Key extends keyof Integration>(key: Key, value: Integration[Key] | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Pick<Integration, Key>>;

function assertConnectionType(connectionType: string | undefined): void {
  if (connectionType === 'VPC_LINK') throw notServed('connectionType VPC_LINK', 'INTERNET is');
}

function passthroughBehavior(text = 'WHEN_NO_MATCH'): Integration['passthroughBehavior'] {
  const known = PASSTHROUGH_BEHAVIORS.find((value) => value === text.toUpperCase());
  if (known !== undefined) return known;
  throw badRequest(`Invalid passthrough behavior specified. Valid options are ${PASSTHROUGH_BEHAVIORS.join()}`);
}

function readHttpMethod(httpMethod: string | undefined): string | undefined {
  if (httpMethod === undefined || httpMethod === '') return undefined;
  const methods = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'ANY'];
  if (methods.includes(httpMethod)) return httpMethod;
  throw badRequest(`Invalid HttpMethod specified. Valid options are ${methods.join()}`);
}

async function put(found: FoundMethod, integration: Integration, { restApis, limits, report }: ControlPlane) {
  const { method, resource } = found;
  warnOfCrossedModes(`${method.httpMethod} ${resource.path}`, integration, report);
  await restApis.write([withMethod(found, { ...method, integration })]);
  return integrationView(integration, resource, limits);
}

/** AWS takes it, and answers every call with an error. */
function warnOfCrossedModes(
  place: string,
  { type, uri = '', responseTransferMode }: Integration,
  report: ControlPlane['report'],
): void {
  const action = type === 'AWS_PROXY' ? parseLambdaUri(uri)?.action : undefined;
  if (action === undefined || (action === 'invocations') === (responseTransferMode === 'BUFFERED')) return;
  report(
    `${place}: responseTransferMode ${responseTransferMode} with a uri that ends in ${action}. ${ADVICE.crossedModes}`,
  );
}

function getIntegration(call: Call, controlPlane: ControlPlane) {
  const { integration, resource } = findIntegration(call, controlPlane);
  return ok(integrationView(integration, resource, controlPlane.limits));
}

async function deleteIntegration(call: Call, controlPlane: ControlPlane) {
  const found = findIntegration(call, controlPlane);
  const { integration: _, ...method } = found.method;
  await controlPlane.restApis.write([withMethod(found, method)]);
  return noContent();
}

async function updateIntegration(call: Call, controlPlane: ControlPlane) {
  const found = findIntegration(call, controlPlane);
  const integration = patched(found, readPatchOperations(call.input), controlPlane.limits);
  return ok(await put(found, integration, controlPlane));
}

function patched({ integration: old, method }: FoundIntegration, patches: readonly PatchOperation[], limits: Limits) {
  const paths = old.type === 'MOCK' ? PATHS.filter(({ path }) => path !== '/uri' && path !== '/httpMethod') : PATHS;
  const integration = applyPatches(old, patches, paths, ({ path }) => badRequest(`Invalid patch path ${path}`));
  const { timeoutInMillis: _, ...withoutTimeout } = integration;
  const keepsTimeout =
    integration.responseTransferMode === old.responseTransferMode ||
    patches.some(({ path }) => path === '/timeoutInMillis');
  const result = keepsTimeout ? integration : withoutTimeout;
  assertIntegration(method, result, limits);
  return result;
}

const REPLACE = ['replace'] as const;
const ALL = ['add', 'replace', 'remove'] as const;
const refused = (path: string): PatchPath<Integration> => ({
  path,
  ops: REPLACE,
  apply: () => {
    throw notServed(path.slice(1));
  },
});

const PATHS: readonly PatchPath<Integration>[] = [
  { path: '/uri', ops: REPLACE, apply: (integration, value) => ({ ...integration, uri: value }) },
  {
    path: '/httpMethod',
    ops: REPLACE,
    apply: ({ httpMethod: _, ...integration }, value) => ({
      ...integration,
      ...member('httpMethod', readHttpMethod(value)),
    }),
  },
  {
    path: '/timeoutInMillis',
    ops: REPLACE,
    apply: (integration, value) => ({ ...integration, timeoutInMillis: patchedInteger(value) }),
  },
  {
    path: '/responseTransferMode',
    ops: REPLACE,
    apply: (integration, value) => ({
      ...integration,
      responseTransferMode: patchedOneOf(value, MODES, 'updateIntegrationInput.responseTransferMode'),
    }),
  },
  {
    path: '/passthroughBehavior',
    ops: REPLACE,
    apply: (integration, value) => ({ ...integration, passthroughBehavior: passthroughBehavior(value) }),
  },
  {
    path: '/contentHandling',
    ops: REPLACE,
    apply: ({ contentHandling: _, ...integration }, value) =>
      value === ''
        ? integration
        : {
            ...integration,
            contentHandling: patchedOneOf(value, CONTENT_HANDLINGS, 'updateIntegrationInput.contentHandling'),
          },
  },
  {
    path: '/credentials',
    ops: ALL,
    apply: ({ credentials: _, ...integration }, value) => ({
      ...integration,
      ...(value === '' ? {} : { credentials: value }),
    }),
  },
  { path: '/cacheNamespace', ops: REPLACE, apply: (integration, value) => ({ ...integration, cacheNamespace: value }) },
  {
    path: '/connectionType',
    ops: REPLACE,
    apply: (integration, value) => {
      assertConnectionType(value);
      return integration;
    },
  },
  textEntries('requestParameters', 'name'),
  textEntries('requestTemplates', 'type'),
  {
    path: '/cacheKeyParameters/{name}',
    ops: ALL,
    apply: (integration, _value, [name = ''], op) => {
      const others = (integration.cacheKeyParameters ?? []).filter((other) => other !== name);
      return { ...integration, cacheKeyParameters: op === 'remove' ? others : [...others, name] };
    },
  },
  refused('/connectionId'),
  refused('/integrationTarget'),
  refused('/tlsConfig/insecureSkipVerification'),
];
