import { readIntegration } from '../integration.ts';
import { readOpenApi } from '../open-api.ts';
import type { Properties } from '../properties.ts';
import {
  API_METHOD,
  API_RESOURCE,
  DEPLOYMENT,
  IMPORT_PARAMETERS,
  REST_API,
  STAGE,
  STAGE_DESCRIPTION,
} from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { resourceId, rootResourceId } from '../references.ts';
import type { MethodAuthorization, RestApiDraft } from '../rest-api-draft.ts';
import { newRestApi } from '../rest-api-settings.ts';
import { addStage } from '../stage.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';
import { apiOf } from './api-of.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html */
export function readRestApi(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, REST_API, context.problems);
  const api = newRestApi(resource, properties, context);
  draft.restApis.push(api);
  const parameters = properties.map('Parameters');
  if (parameters !== undefined) checkProperties(parameters, IMPORT_PARAMETERS, context.problems);
  const body = properties.node('Body');
  if (body?.kind === 'map') readOpenApi(body, api, context);
}

/** All `AWS::ApiGateway::Resource`s: a path is known when those of all its parents are, in whatever order they stand. */
export function readResources(
  resources: readonly TemplateResource[],
  draft: StackDraft,
  context: ReadContext,
): ReadonlyMap<string, string> {
  const paths = new Map(draft.restApis.map(({ options }) => [rootResourceId(options.id), '/']));
  let waiting = [...resources];
  while (waiting.length > 0) {
    const rest = waiting.filter((resource) => !addResource(resource, paths, draft, context));
    if (rest.length === waiting.length) break;
    waiting = rest;
  }
  for (const { logicalId, at } of waiting) {
    context.problems.error(at, `ParentId of ${logicalId} is no resource of this template.`);
  }
  return paths;
}

/** False while the parent's path is not known. */
function addResource(
  resource: TemplateResource,
  paths: Map<string, string>,
  draft: StackDraft,
  context: ReadContext,
): boolean {
  const properties = propertiesOf(resource, context);
  const parentPath = paths.get(properties.requiredText('ParentId') ?? '');
  if (parentPath === undefined) return false;
  checkProperties(properties, API_RESOURCE, context.problems);
  const pathPart = properties.requiredText('PathPart');
  const api = apiOf(properties, draft, context);
  if (pathPart === undefined) return true;
  const path = parentPath === '/' ? `/${pathPart}` : `${parentPath}/${pathPart}`;
  const id = resourceId(`${context.stackName}/${resource.logicalId}`);
  paths.set(id, path);
  if (api?.paths.has(path)) {
    context.problems.error(resource.at, `Another resource with the same parent already has this name: ${pathPart}`);
  }
  api?.addPart(parentPath, pathPart, properties.at('PathPart'), id);
  return true;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html */
export function readMethod(
  resource: TemplateResource,
  paths: ReadonlyMap<string, string>,
  draft: StackDraft,
  context: ReadContext,
): void {
  const properties = propertiesOf(resource, context);
  const { problems } = context;
  checkProperties(properties, API_METHOD, problems);
  const api = apiOf(properties, draft, context);
  const authorization = readAuthorization(properties, api, context);
  const apiKeyRequired = properties.boolean('ApiKeyRequired');
  const httpMethod = properties.requiredText('HttpMethod')?.toUpperCase();
  const resourceOfMethod = properties.requiredText('ResourceId');
  const path = paths.get(resourceOfMethod ?? '');
  if (resourceOfMethod !== undefined && path === undefined) {
    problems.error(properties.at('ResourceId'), `ResourceId of ${properties.label} is no resource of this template.`);
  }
  const settings = properties.map('Integration');
  if (!properties.has('Integration')) {
    problems.error(
      resource.at,
      `${properties.label} has no Integration: AWS refuses to deploy it ("No integration defined for method").`,
    );
  }
  const integration = settings === undefined ? undefined : readIntegration(settings, context);
  if (api === undefined || httpMethod === undefined || path === undefined) return;
  api.addMethod(path, {
    at: resource.at,
    httpMethod,
    requestParameters: readRequestParameters(properties),
    authorization,
    ...(apiKeyRequired === undefined ? {} : { apiKeyRequired }),
    ...(integration === undefined ? {} : { integration }),
  });
}

function readAuthorization(
  properties: Properties,
  api: RestApiDraft | undefined,
  { problems }: ReadContext,
): MethodAuthorization {
  const authorizationType = properties.oneOf('AuthorizationType', AUTHORIZATION_TYPES) ?? 'NONE';
  if (authorizationType === 'COGNITO_USER_POOLS') {
    const message = `AuthorizationType ${authorizationType} of ${properties.label} is not supported: Cognito authorizers are not emulated.`;
    problems.unsupported(properties.at('AuthorizationType'), message);
    return { authorizationType: 'NONE' };
  }
  if (authorizationType !== 'CUSTOM') return { authorizationType };
  const authorizerId = properties.text('AuthorizerId');
  const isKnown = api?.authorizers.some(({ id }) => id === authorizerId) === true;
  if (api !== undefined && !isKnown) {
    problems.error(
      properties.at('AuthorizerId'),
      `AuthorizerId of ${properties.label} is no authorizer of its API: Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.`,
    );
  }
  return { authorizationType, ...(authorizerId === undefined ? {} : { authorizerId }) };
}

const AUTHORIZATION_TYPES = ['NONE', 'AWS_IAM', 'CUSTOM', 'COGNITO_USER_POOLS'] as const;

function readRequestParameters(properties: Properties): Record<string, boolean> {
  const parameters = Object.entries(properties.record('RequestParameters'));
  return Object.fromEntries(parameters.map(([name, required]) => [name, required === 'true']));
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-stage.html */
export function readStage(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, STAGE, context.problems);
  const api = apiOf(properties, draft, context);
  const stageName = properties.requiredText('StageName');
  if (api !== undefined && stageName !== undefined) addStage(api, stageName, properties, context);
}

/** A deployment matters only by the stage that it may name: what is served is always the template as it stands. */
export function readDeployment(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, DEPLOYMENT, context.problems);
  const api = apiOf(properties, draft, context);
  const stageName = properties.text('StageName');
  const description = properties.map('StageDescription');
  if (description !== undefined) checkProperties(description, STAGE_DESCRIPTION, context.problems);
  if (api !== undefined && stageName !== undefined) addStage(api, stageName, description, context);
}
