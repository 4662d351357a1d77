import type { Stack } from '@spillway/wire';
import type { ReadContext, StackDraft } from './read-context.ts';
import { readApiKey } from './resources/api-key.ts';
import { readDeployment, readMethod, readResources, readRestApi, readStage } from './resources/apigateway.ts';
import { readAuthorizer } from './resources/authorizer.ts';
import { readGatewayResponse } from './resources/gateway-response.ts';
import { readLambdaFunction } from './resources/lambda-function.ts';
import { readLambdaPermission } from './resources/lambda-permission.ts';
import { readLambdaUrl } from './resources/lambda-url.ts';
import { readLambdaLayerVersion, readServerlessLayerVersion } from './resources/layer-version.ts';
import { readBucket, readBucketPolicy } from './resources/s3.ts';
import { finishServerlessApi, readServerlessApi } from './resources/serverless-api.ts';
import { readServerlessFunction } from './resources/serverless-function.ts';
import { warnAboutTraps } from './streaming-traps.ts';
import type { TemplateResource } from './template-resource.ts';
import { isServed, notEnforcedType, UNSUPPORTED_TYPES } from './unsupported.ts';
import { warnAboutWebAdapterTraps } from './web-adapter-traps.ts';

type StackResources = Pick<Stack, 'functions' | 'permissions' | 'functionUrls' | 'apiKeys' | 'restApis' | 'buckets'>;
type ResourceReader = (resource: TemplateResource, draft: StackDraft, context: ReadContext) => void;

/** Reads every resource, those first that others are added to. */
export function readStackResources(resources: readonly TemplateResource[], context: ReadContext): StackResources {
  const draft: StackDraft = {
    layers: new Map(),
    functions: [],
    permissions: [],
    functionUrls: [],
    apiKeys: [],
    restApis: [],
    buckets: [],
  };
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const each = (type: string, read: ResourceReader) => {
    for (const resource of ofType(type)) read(resource, draft, context);
  };
  for (const resource of resources) checkType(resource, context);
  each('AWS::Serverless::LayerVersion', readServerlessLayerVersion);
  each('AWS::Lambda::LayerVersion', readLambdaLayerVersion);
  each('AWS::S3::Bucket', readBucket);
  each('AWS::S3::BucketPolicy', readBucketPolicy);
  each('AWS::Serverless::Api', readServerlessApi);
  each('AWS::ApiGateway::RestApi', readRestApi);
  each('AWS::ApiGateway::Authorizer', readAuthorizer);
  each('AWS::ApiGateway::GatewayResponse', readGatewayResponse);
  each('AWS::ApiGateway::ApiKey', readApiKey);
  const paths = readResources(ofType('AWS::ApiGateway::Resource'), draft, context);
  each('AWS::ApiGateway::Method', (resource) => readMethod(resource, paths, draft, context));
  const defined = definedApis(ofType('AWS::Serverless::Api'));
  each('AWS::Serverless::Function', (resource) => readServerlessFunction(resource, defined, draft, context));
  each('AWS::Lambda::Function', readLambdaFunction);
  each('AWS::Lambda::Permission', readLambdaPermission);
  each('AWS::Lambda::Url', readLambdaUrl);
  each('AWS::Serverless::Api', finishServerlessApi);
  each('AWS::ApiGateway::Stage', readStage);
  each('AWS::ApiGateway::Deployment', readDeployment);
  checkNames(draft, context);
  warnAboutTraps(draft, context);
  warnAboutWebAdapterTraps(draft, context);
  return {
    functions: draft.functions.map(({ configuration }) => configuration),
    permissions: draft.permissions,
    functionUrls: draft.functionUrls,
    apiKeys: draft.apiKeys,
    restApis: draft.restApis.map((api) => ({
      logicalId: api.options.logicalId,
      restApi: api.toRestApi(),
      stages: api.stages,
    })),
    buckets: draft.buckets.map(({ at: _at, ...bucket }) => bucket),
  };
}

function checkType({ logicalId, type, typeAt }: TemplateResource, { problems }: ReadContext): void {
  const notEnforced = notEnforcedType(type);
  if (notEnforced !== undefined) problems.ignore(typeAt, `${logicalId} (${type}): ${notEnforced}.`);
  if (notEnforced !== undefined || isServed(type)) return;
  const reason = UNSUPPORTED_TYPES[type];
  problems.unsupported(typeAt, `${logicalId}: ${type} is not supported${reason === undefined ? '' : `: ${reason}`}.`);
}

/** APIs whose methods are in an OpenAPI document. */
function definedApis(apis: readonly TemplateResource[]): ReadonlySet<string> {
  const defined = apis.filter(({ properties }) => properties.has('DefinitionBody') || properties.has('DefinitionUri'));
  return new Set(defined.map(({ logicalId }) => logicalId));
}

function checkNames({ functions, buckets }: StackDraft, { problems }: ReadContext): void {
  const taken = new Set<string>();
  const named = [
    ...functions.map(({ configuration, at }) => ({ name: `function ${configuration.functionName}`, at })),
    ...buckets.map(({ bucketName, at }) => ({ name: `bucket ${bucketName}`, at })),
  ];
  for (const { name, at } of named) {
    if (taken.has(name)) problems.error(at, `There are two resources for the ${name}.`);
    taken.add(name);
  }
}
