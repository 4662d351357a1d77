import type { Authorizer, Method, OpenApiRestApi, Resource, RestApi } from '@spillway/wire';
import { randomId } from './identifiers.ts';

/**
 * A REST API with what a document says of it. `merge` adds and replaces method by method; `overwrite` leaves nothing that the document does
 * not have. Resources and authorizers that stay keep their ids.
 */
export function merged(restApi: RestApi, imported: OpenApiRestApi, mode: 'merge' | 'overwrite'): RestApi {
  const isMerge = mode === 'merge';
  const { authorizers, idOf } = mergedAuthorizers(restApi, imported, isMerge);
  const { name, description, version, disableExecuteApiEndpoint, apiKeySource } = imported;
  const { gatewayResponses = [] } = restApi;
  const types = imported.gatewayResponses.map(({ responseType }) => responseType);
  const keptResponses = isMerge ? gatewayResponses.filter(({ responseType }) => !types.includes(responseType)) : [];
  return {
    ...restApi,
    ...given({ name, description, version, disableExecuteApiEndpoint, apiKeySource }),
    binaryMediaTypes: [...new Set([...(isMerge ? restApi.binaryMediaTypes : []), ...imported.binaryMediaTypes])],
    authorizers,
    gatewayResponses: [...keptResponses, ...imported.gatewayResponses],
    resources: mergedResources(restApi, imported, isMerge, idOf),
  };
}

/** Without what is undefined. */
const given = <Members extends object>(members: Members) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Members]?: Exclude<Members[Key], undefined>;
  };

/** By name. `idOf` gives the id that an authorizer has now for the one in the document. */
function mergedAuthorizers({ authorizers: old = [] }: RestApi, imported: OpenApiRestApi, isMerge: boolean) {
  const ids = new Map<string, string>();
  const fresh = imported.authorizers.map((authorizer): Authorizer => {
    const id = old.find(({ name }) => name === authorizer.name)?.id ?? randomId(6);
    ids.set(authorizer.id, id);
    return { ...authorizer, id };
  });
  const kept = isMerge ? old.filter(({ name }) => !fresh.some((other) => other.name === name)) : [];
  return { authorizers: [...kept, ...fresh], idOf: (id: string) => ids.get(id) ?? id };
}

function mergedResources(
  { resources: old }: RestApi,
  imported: OpenApiRestApi,
  isMerge: boolean,
  authorizerIdOf: (id: string) => string,
): Resource[] {
  const methods = new Map<string, Resource['methods']>(old.map(({ path, methods: own }) => [path, isMerge ? own : {}]));
  for (const resource of imported.resources) {
    const own = Object.entries(resource.methods).map(([name, method]) => [
      name,
      withAuthorizer(method, authorizerIdOf),
    ]);
    methods.set(resource.path, { ...methods.get(resource.path), ...Object.fromEntries(own) });
  }
  const paths = new Set([
    '/',
    ...(isMerge ? old : []).map(({ path }) => path),
    ...imported.resources.map(({ path }) => path),
  ]);
  const ids = new Map(
    [...paths].map((path) => [path, old.find((resource) => resource.path === path)?.id ?? randomId(6)]),
  );
  return [...paths].map((path) => ({ ...place(path, ids), path, methods: methods.get(path) ?? {} }));
}

function place(path: string, ids: ReadonlyMap<string, string>): Pick<Resource, 'id' | 'parentId' | 'pathPart'> {
  const id = ids.get(path) ?? randomId(6);
  if (path === '/') return { id };
  const slash = path.lastIndexOf('/');
  const parentId = ids.get(path.slice(0, slash) || '/');
  return { id, pathPart: path.slice(slash + 1), ...(parentId === undefined ? {} : { parentId }) };
}

const withAuthorizer = (method: Method, idOf: (id: string) => string): Method =>
  method.authorizerId === undefined ? method : { ...method, authorizerId: idOf(method.authorizerId) };
