import { ACCOUNT_ID, AwsError, type Integration, type Method, type Resource, type RestApi } from '@spillway/wire';
import type { DeploymentDocument, RestApiDocument, StageDocument } from './documents.ts';
import { type Call, type ControlPlane, parameter } from './operation.ts';
import { notFound } from './refusal.ts';

// What the path of a call names, or AWS's 404 for it.

/** @throws AwsError `NotFoundException` */
export function findRestApi(call: Call, { restApis }: ControlPlane): RestApiDocument {
  const id = parameter(call, 'restapi_id');
  const document = restApis.restApi(id);
  if (document !== undefined) return document;
  throw unknownApi(id);
}

export const unknownApi = (restApiId: string): AwsError =>
  new AwsError('NotFoundException', { message: `Invalid API identifier specified ${ACCOUNT_ID}:${restApiId}` });

export interface FoundResource {
  readonly document: RestApiDocument;
  readonly resource: Resource;
}

/** An unknown API is an unknown resource, too. @throws AwsError `NotFoundException` */
export function findResource(call: Call, { restApis }: ControlPlane, name = 'resource_id'): FoundResource {
  const document = restApis.restApi(parameter(call, 'restapi_id'));
  const resource = document?.restApi.resources.find(({ id }) => id === parameter(call, name));
  if (document === undefined || resource === undefined) throw notFound('Resource');
  return { document, resource };
}

export interface FoundMethod extends FoundResource {
  readonly method: Method;
}

/** @throws AwsError `NotFoundException` */
export function findMethod(call: Call, controlPlane: ControlPlane): FoundMethod {
  const found = findResource(call, controlPlane);
  const httpMethod = parameter(call, 'http_method');
  const method = Object.hasOwn(found.resource.methods, httpMethod) ? found.resource.methods[httpMethod] : undefined;
  if (method === undefined) throw notFound('Method');
  return { ...found, method };
}

export interface FoundIntegration extends FoundMethod {
  readonly integration: Integration;
}

/** @throws AwsError `NotFoundException` */
export function findIntegration(call: Call, controlPlane: ControlPlane): FoundIntegration {
  const found = findMethod(call, controlPlane);
  const { integration } = found.method;
  if (integration === undefined) throw notFound('Integration');
  return { ...found, integration };
}

/** @throws AwsError `NotFoundException` */
export function findDeployment(call: Call, controlPlane: ControlPlane): DeploymentDocument {
  const { restApi } = findRestApi(call, controlPlane);
  const deployment = controlPlane.restApis.deployment(restApi.id, parameter(call, 'deployment_id'));
  if (deployment === undefined) throw notFound('Deployment');
  return deployment;
}

/** @throws AwsError `NotFoundException` */
export function findStage(call: Call, controlPlane: ControlPlane): StageDocument {
  const { restApi } = findRestApi(call, controlPlane);
  const stage = controlPlane.restApis.stageDocument(restApi.id, parameter(call, 'stage_name'));
  if (stage === undefined) throw notFound('Stage');
  return stage;
}

/** The REST API with another resource in place of the one of the same id. */
export const withResource = (document: RestApiDocument, resource: Resource): RestApiDocument =>
  edited(document, {
    resources: document.restApi.resources.map((other) => (other.id === resource.id ? resource : other)),
  });

export const withMethod = ({ document, resource }: FoundResource, method: Method): RestApiDocument =>
  withResource(document, { ...resource, methods: { ...resource.methods, [method.httpMethod]: method } });

export const edited = (document: RestApiDocument, changes: Partial<RestApi>): RestApiDocument => ({
  ...document,
  restApi: { ...document.restApi, ...changes },
});
