import { AwsError, type Resource } from '@spillway/wire';
import { edited, findResource, findRestApi } from './find.ts';
import { randomId } from './identifiers.ts';
import { accepted, type Call, type ControlPlane, created, type Operation, ok, queryValues } from './operation.ts';
import { page } from './pages.ts';
import { applyPatches, type PatchPath, readPatchOperations } from './patch-operations.ts';
import { badRequest, notFound } from './refusal.ts';
import { methodView, resourceView } from './views.ts';

// GetResources, GetResource, CreateResource, UpdateResource, DeleteResource. Same as AWS: order by path, embed=methods, messages as recorded.

const RESOURCES = '/restapis/{restapi_id}/resources';
const RESOURCE = `${RESOURCES}/{resource_id}`;

export const RESOURCE_OPERATIONS: readonly Operation[] = [
  { name: 'GetResources', method: 'GET', path: RESOURCES, run: getResources },
  { name: 'CreateResource', method: 'POST', path: `${RESOURCES}/{parent_id}`, run: createResource },
  { name: 'GetResource', method: 'GET', path: RESOURCE, run: getResource },
  { name: 'UpdateResource', method: 'PATCH', path: RESOURCE, run: updateResource },
  { name: 'DeleteResource', method: 'DELETE', path: RESOURCE, run: deleteResource },
];

function getResources(call: Call, controlPlane: ControlPlane) {
  const { restApi } = findRestApi(call, controlPlane);
  return page(call, restApi.resources, ({ path }) => path, viewFor(call, controlPlane));
}

function getResource(call: Call, controlPlane: ControlPlane) {
  const { resource } = findResource(call, controlPlane);
  return ok(viewFor(call, controlPlane)(resource));
}

/** Methods by their names only, unless they are asked for. */
function viewFor(call: Call, { limits }: ControlPlane) {
  const isEmbedded = queryValues(call, 'embed').includes('methods');
  return (resource: Resource) =>
    resourceView(resource, (method) => (isEmbedded ? methodView(method, resource, limits) : {}));
}

async function createResource(call: Call, controlPlane: ControlPlane) {
  const { document, resource: parent } = findResource(call, controlPlane, 'parent_id');
  const pathPart = call.input.requiredText('pathPart');
  assertPlace(document.restApi.resources, parent, pathPart);
  const resource: Resource = {
    id: randomId(6),
    parentId: parent.id,
    pathPart,
    path: pathBelow(parent, pathPart),
    methods: {},
  };
  await controlPlane.restApis.write([edited(document, { resources: [...document.restApi.resources, resource] })]);
  return created(resourceView(resource, () => ({})));
}

const pathBelow = ({ path }: Resource, pathPart: string) => `${path === '/' ? '' : path}/${pathPart}`;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html */
const PATH_PART = /^(?:[\w.,:~-]+|\{[\w.:-]+\+?\})$/;

/** @throws AwsError when `parent` can have no such child; `self` does not stand in its own way. */
function assertPlace(resources: readonly Resource[], parent: Resource, pathPart: string, self?: Resource): void {
  if (!PATH_PART.test(pathPart)) {
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    );
  }
  if (parent.pathPart?.endsWith('+}')) {
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
  }
  const siblings = resources.filter(({ parentId, id }) => parentId === parent.id && id !== self?.id);
  if (siblings.some((sibling) => sibling.pathPart === pathPart)) {
    throw new AwsError('ConflictException', {
      message: `Another resource with the same parent already has this name: ${pathPart}`,
    });
  }
  const variable = siblings.find((sibling) => sibling.pathPart?.startsWith('{'))?.pathPart;
  if (variable !== undefined && pathPart.startsWith('{')) {
    throw badRequest(
      `A sibling (${variable}) of this resource already has a variable path part -- only one is allowed`,
    );
  }
}

async function deleteResource(call: Call, controlPlane: ControlPlane) {
  const { document, resource } = findResource(call, controlPlane);
  if (resource.parentId === undefined) throw badRequest('Root resource cannot be deleted');
  const { resources } = document.restApi;
  const gone = new Set([resource, ...descendants(resources, resource)]);
  await controlPlane.restApis.write([edited(document, { resources: resources.filter((kept) => !gone.has(kept)) })]);
  return accepted();
}

function descendants(resources: readonly Resource[], { id }: Resource): Resource[] {
  const children = resources.filter(({ parentId }) => parentId === id);
  return children.flatMap((child) => [child, ...descendants(resources, child)]);
}

/** The resource's new place. */
interface Place {
  readonly parentId: string;
  readonly pathPart: string;
}

async function updateResource(call: Call, controlPlane: ControlPlane) {
  const { document, resource } = findResource(call, controlPlane);
  const patches = readPatchOperations(call.input);
  const { parentId, pathPart = '' } = resource;
  const [first] = patches;
  if (parentId === undefined && first !== undefined && PATHS.some(({ path }) => path === first.path)) {
    throw badRequest(`Root resource cannot update its ${first.path.slice(1)}.`);
  }
  const place = applyPatches<Place>({ parentId: parentId ?? '', pathPart }, patches, PATHS);
  if (parentId === undefined) return ok(viewFor(call, controlPlane)(resource));
  const resources = moved(document.restApi.resources, resource, place);
  await controlPlane.restApis.write([edited(document, { resources })]);
  return ok(viewFor(call, controlPlane)(resources.find(({ id }) => id === resource.id) ?? resource));
}

const PATHS: readonly PatchPath<Place>[] = [
  { path: '/parentId', ops: ['replace'], apply: (place, value) => ({ ...place, parentId: value }) },
  { path: '/pathPart', ops: ['replace'], apply: (place, value) => ({ ...place, pathPart: value }) },
];

/** All resources, `resource` in its new place and all below it with their new paths. */
function moved(resources: readonly Resource[], resource: Resource, { parentId, pathPart }: Place): Resource[] {
  const parent = resources.find(({ id }) => id === parentId);
  if (parent === undefined) throw notFound('Resource');
  const below = descendants(resources, resource);
  if (parent === resource || below.includes(parent)) throw badRequest('Resources cannot be cyclic.');
  assertPlace(resources, parent, pathPart, resource);
  if (below.length > 0 && pathPart.endsWith('+}')) {
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${pathPart}`);
  }
  const path = pathBelow(parent, pathPart);
  return resources.map((other) => {
    if (other === resource) return { ...other, parentId, pathPart, path };
    return below.includes(other) ? { ...other, path: `${path}${other.path.slice(resource.path.length)}` } : other;
  });
}
