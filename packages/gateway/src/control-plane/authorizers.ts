import { type Authorizer, AwsError } from '@spillway/wire';
import { assertAuthorizer } from './authorizer-rules.ts';
import type { RestApiDocument } from './documents.ts';
import { edited, findRestApi } from './find.ts';
import { randomId } from './identifiers.ts';
import { accepted, type Call, type ControlPlane, created, type Operation, ok, parameter } from './operation.ts';
import { page } from './pages.ts';
import { applyPatches, type PatchPath, patchedInteger, readPatchOperations } from './patch-operations.ts';
import { notFound, notServed } from './refusal.ts';

// CreateAuthorizer, GetAuthorizer(s), UpdateAuthorizer, DeleteAuthorizer, of Lambda functions. Same as AWS: authType `custom`, a cache of 300
// seconds unless another is given, an unknown API as a conflict. Missing, and refused by name: Cognito, TestInvokeAuthorizer.

const AUTHORIZERS = '/restapis/{restapi_id}/authorizers';
const AUTHORIZER = `${AUTHORIZERS}/{authorizer_id}`;

export const AUTHORIZER_OPERATIONS: readonly Operation[] = [
  { name: 'CreateAuthorizer', method: 'POST', path: AUTHORIZERS, run: createAuthorizer },
  { name: 'GetAuthorizers', method: 'GET', path: AUTHORIZERS, run: getAuthorizers },
  { name: 'GetAuthorizer', method: 'GET', path: AUTHORIZER, run: getAuthorizer },
  { name: 'UpdateAuthorizer', method: 'PATCH', path: AUTHORIZER, run: updateAuthorizer },
  { name: 'DeleteAuthorizer', method: 'DELETE', path: AUTHORIZER, run: deleteAuthorizer },
];

const DEFAULT_TTL_SECONDS = 300;

async function createAuthorizer(call: Call, controlPlane: ControlPlane) {
  const { input } = call;
  const { restApis } = controlPlane;
  const document = restApis.restApi(parameter(call, 'restapi_id'));
  if (document === undefined) {
    throw new AwsError('ConflictException', {
      message: 'Unable to complete operation due to concurrent modification. Please try again later.',
    });
  }
  const type = input.requiredText('type');
  if (type === 'COGNITO_USER_POOLS') throw notServed(`an authorizer of type ${type}`, 'TOKEN and REQUEST are');
  input.refuse('providerARNs');
  const authorizer: Authorizer = {
    id: randomId(6),
    name: input.requiredText('name'),
    type: type as Authorizer['type'],
    authorizerUri: input.text('authorizerUri') ?? '',
    authorizerResultTtlInSeconds: input.integer('authorizerResultTtlInSeconds') ?? DEFAULT_TTL_SECONDS,
    ...member('authorizerCredentials', input.text('authorizerCredentials')),
    ...member('identitySource', input.text('identitySource')),
    ...member('identityValidationExpression', input.text('identityValidationExpression')),
  };
  await put(document, authorizer, controlPlane);
  return created(view(authorizer));
}

const member = <Key extends keyof Authorizer>(key: Key, value: string | undefined) =>
  (value === undefined || value === '' ? {} : { [key]: value }) as Partial<Pick<Authorizer, Key>>;

const all = ({ restApi }: RestApiDocument): readonly Authorizer[] => restApi.authorizers ?? [];

async function put(document: RestApiDocument, authorizer: Authorizer, { restApis }: ControlPlane) {
  assertAuthorizer(authorizer);
  const others = all(document).filter(({ id }) => id !== authorizer.id);
  if (others.some(({ name }) => name === authorizer.name)) {
    throw new AwsError('ConflictException', {
      message: `Authorizer name must be unique. Authorizer ${authorizer.name} already exists in this RestApi.`,
    });
  }
  await restApis.write([edited(document, { authorizers: [...others, authorizer] })]);
}

/** With what AWS adds of its own. */
const view = (authorizer: Authorizer) => ({ ...authorizer, authType: 'custom' });

function getAuthorizers(call: Call, controlPlane: ControlPlane) {
  return page(call, all(findRestApi(call, controlPlane)), ({ id }) => id, view);
}

function find(call: Call, controlPlane: ControlPlane) {
  const document = findRestApi(call, controlPlane);
  const authorizer = all(document).find(({ id }) => id === parameter(call, 'authorizer_id'));
  if (authorizer === undefined) throw notFound('Authorizer');
  return { document, authorizer };
}

function getAuthorizer(call: Call, controlPlane: ControlPlane) {
  return ok(view(find(call, controlPlane).authorizer));
}

async function updateAuthorizer(call: Call, controlPlane: ControlPlane) {
  const { document, authorizer } = find(call, controlPlane);
  const patched = applyPatches(authorizer, readPatchOperations(call.input), PATHS);
  await put(document, patched, controlPlane);
  return ok(view(patched));
}

const textPath = (name: 'name' | 'authorizerUri' | 'type'): PatchPath<Authorizer> => ({
  path: `/${name}`,
  ops: ['replace'],
  apply: (authorizer, value) => ({ ...authorizer, [name]: value }),
});

const optionalPath = (
  name: 'authorizerCredentials' | 'identitySource' | 'identityValidationExpression',
): PatchPath<Authorizer> => ({
  path: `/${name}`,
  ops: ['replace'],
  apply: ({ [name]: _, ...authorizer }, value) => ({ ...authorizer, ...member(name, value) }) as Authorizer,
});

const PATHS: readonly PatchPath<Authorizer>[] = [
  textPath('name'),
  textPath('type'),
  textPath('authorizerUri'),
  optionalPath('authorizerCredentials'),
  optionalPath('identitySource'),
  optionalPath('identityValidationExpression'),
  {
    path: '/authorizerResultTtlInSeconds',
    ops: ['replace'],
    apply: (authorizer, value) => ({
      ...authorizer,
      authorizerResultTtlInSeconds: value === '' ? DEFAULT_TTL_SECONDS : patchedInteger(value),
    }),
  },
];

async function deleteAuthorizer(call: Call, controlPlane: ControlPlane) {
  const { document, authorizer } = find(call, controlPlane);
  const users = document.restApi.resources.flatMap(({ path, methods }) =>
    Object.values(methods)
      .filter(({ authorizerId }) => authorizerId === authorizer.id)
      .map(({ httpMethod }) => `${httpMethod} ${path}`),
  );
  if (users.length > 0) {
    throw new AwsError('ConflictException', {
      message: `Cannot delete authorizer '${authorizer.name}', is referenced in method: ${users.join(', ')}`,
    });
  }
  const authorizers = all(document).filter((other) => other !== authorizer);
  await controlPlane.restApis.write([edited(document, { authorizers })]);
  return accepted();
}
