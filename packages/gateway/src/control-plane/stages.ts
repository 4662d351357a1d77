import { AwsError } from '@spillway/wire';
import { authorizersOfStage } from '../data-plane/authorization/authorizer-cache.ts';
import { type StageDocument, stageKey } from './documents.ts';
import { findRestApi, findStage } from './find.ts';
import { accepted, type Call, type ControlPlane, created, type Operation, ok, queryValue } from './operation.ts';
import { applyPatches, readPatchOperations } from './patch-operations.ts';
import { badRequest } from './refusal.ts';
import { assertStage } from './stage.ts';
import { invalidStagePath, STAGE_PATHS, stagePatches } from './stage-patches.ts';
import { seconds, shown } from './views.ts';

// CreateStage, GetStage(s), UpdateStage, DeleteStage, FlushStageAuthorizersCache. Same as AWS: answers, what the first setting of a method fills in, messages as
// recorded. On purpose: logs need no role in the account. Caching settings are kept and have no effect, as on AWS without a cache cluster.
// Missing, and refused by name: cache clusters, throttling, canaries, tracing, client certificates, documentation versions, web ACLs.

const STAGES = '/restapis/{restapi_id}/stages';
const STAGE = `${STAGES}/{stage_name}`;

export const STAGE_OPERATIONS: readonly Operation[] = [
  { name: 'CreateStage', method: 'POST', path: STAGES, run: createStage },
  { name: 'GetStages', method: 'GET', path: STAGES, run: getStages },
  { name: 'GetStage', method: 'GET', path: STAGE, run: getStage },
  { name: 'UpdateStage', method: 'PATCH', path: STAGE, run: updateStage },
  { name: 'DeleteStage', method: 'DELETE', path: STAGE, run: deleteStage },
  {
    name: 'FlushStageAuthorizersCache',
    method: 'DELETE',
    path: `${STAGE}/cache/authorizers`,
    run: flushStageAuthorizersCache,
  },
];

async function createStage(call: Call, controlPlane: ControlPlane) {
  const { input } = call;
  const { restApis } = controlPlane;
  const { restApi } = findRestApi(call, controlPlane);
  const stageName = input.requiredText('stageName');
  const deploymentId = input.requiredText('deploymentId');
  input.refuse('cacheClusterEnabled', 'cacheClusterSize', 'canarySettings', 'tracingEnabled', 'documentationVersion');
  const description = input.text('description');
  const tags = input.record('tags');
  const configuration = {
    stageName,
    variables: input.record('variables') ?? {},
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
  };
  assertStage(configuration);
  assertDeployment(restApi.id, deploymentId, controlPlane);
  if (restApis.stageDocument(restApi.id, stageName) !== undefined) {
    throw new AwsError('ConflictException', { message: 'Stage already exists' });
  }
  const nowMs = Date.now();
  const document: StageDocument = {
    kind: 'stage',
    restApiId: restApi.id,
    deploymentId,
    createdAtMs: nowMs,
    lastUpdatedAtMs: nowMs,
    configuration,
    methodSettings: {},
  };
  await restApis.write([document]);
  return created(stageView(document));
}

function assertDeployment(restApiId: string, deploymentId: string, { restApis }: ControlPlane): void {
  if (restApis.deployment(restApiId, deploymentId) === undefined) throw badRequest('Deployment id does not exist');
}

function getStages(call: Call, controlPlane: ControlPlane) {
  const { restApi } = findRestApi(call, controlPlane);
  const deploymentId = queryValue(call, 'deploymentId');
  const stages = controlPlane.restApis.stageDocuments(restApi.id);
  return ok({
    item: stages.filter((stage) => deploymentId === undefined || stage.deploymentId === deploymentId).map(stageView),
  });
}

function getStage(call: Call, controlPlane: ControlPlane) {
  return ok(withTags(findStage(call, controlPlane)));
}

async function deleteStage(call: Call, controlPlane: ControlPlane) {
  const { restApiId, configuration } = findStage(call, controlPlane);
  await controlPlane.restApis.write([{ kind: 'deleted', key: stageKey(restApiId, configuration.stageName) }]);
  return accepted();
}

function flushStageAuthorizersCache(call: Call, controlPlane: ControlPlane) {
  const { restApiId, configuration } = findStage(call, controlPlane);
  controlPlane.execution.authorizerCache.forget(authorizersOfStage(restApiId, configuration.stageName));
  return accepted();
}

async function updateStage(call: Call, controlPlane: ControlPlane) {
  const document = findStage(call, controlPlane);
  const patches = stagePatches(readPatchOperations(call.input));
  const patched = applyPatches<StageDocument>(document, patches, STAGE_PATHS, invalidStagePath);
  const changed = { ...patched, lastUpdatedAtMs: Date.now() };
  assertStage(changed.configuration);
  assertDeployment(changed.restApiId, changed.deploymentId, controlPlane);
  await controlPlane.restApis.write([changed]);
  return ok(withTags(changed));
}

/** As GetStages has it. */
function stageView({ configuration, methodSettings, ...stage }: StageDocument): Record<string, unknown> {
  const { stageName, description, variables, accessLogSettings, tags } = configuration;
  return {
    deploymentId: stage.deploymentId,
    stageName,
    ...shown({ description, variables, accessLogSettings, tags }),
    cacheClusterEnabled: false,
    cacheClusterStatus: 'NOT_AVAILABLE',
    methodSettings,
    tracingEnabled: false,
    createdDate: seconds(stage.createdAtMs),
    lastUpdatedDate: seconds(stage.lastUpdatedAtMs),
  };
}

const withTags = (document: StageDocument) => ({ tags: {}, ...stageView(document) });
