import type { Method, Resource } from '@spillway/wire';
import { assertDeployable } from './deployment.ts';
import { type DeploymentDocument, deploymentKey, type StageDocument } from './documents.ts';
import { findDeployment, findRestApi } from './find.ts';
import { randomId } from './identifiers.ts';
import type { Input } from './input.ts';
import {
  accepted,
  type Call,
  type ControlPlane,
  created,
  type Operation,
  ok,
  parameter,
  queryValues,
} from './operation.ts';
import { page } from './pages.ts';
import { applyPatches, type PatchPath, readPatchOperations } from './patch-operations.ts';
import { badRequest } from './refusal.ts';
import { assertStage } from './stage.ts';
import { seconds, shown } from './views.ts';

// CreateDeployment, GetDeployment(s), UpdateDeployment, DeleteDeployment. Same as AWS: a deployment is a snapshot that later edits do not
// reach; with stageName it makes that stage, or moves it. Missing, and refused by name: canaries, cache clusters, tracing.

const DEPLOYMENTS = '/restapis/{restapi_id}/deployments';
const DEPLOYMENT = `${DEPLOYMENTS}/{deployment_id}`;

export const DEPLOYMENT_OPERATIONS: readonly Operation[] = [
  { name: 'CreateDeployment', method: 'POST', path: DEPLOYMENTS, run: createDeployment },
  { name: 'GetDeployments', method: 'GET', path: DEPLOYMENTS, run: getDeployments },
  { name: 'GetDeployment', method: 'GET', path: DEPLOYMENT, run: getDeployment },
  { name: 'UpdateDeployment', method: 'PATCH', path: DEPLOYMENT, run: updateDeployment },
  { name: 'DeleteDeployment', method: 'DELETE', path: DEPLOYMENT, run: deleteDeployment },
];

async function createDeployment(call: Call, controlPlane: ControlPlane) {
  const { input } = call;
  const { restApi } = findRestApi(call, controlPlane);
  input.refuse('canarySettings', 'cacheClusterEnabled', 'cacheClusterSize', 'tracingEnabled');
  assertDeployable(restApi);
  const description = input.text('description');
  const deployment: DeploymentDocument = {
    kind: 'deployment',
    restApiId: restApi.id,
    id: randomId(6),
    createdAtMs: Date.now(),
    restApi,
    ...(description === undefined ? {} : { description }),
  };
  const stageName = input.text('stageName');
  const stages = stageName ? [deployedStage(stageName, input, deployment, controlPlane)] : [];
  await controlPlane.restApis.write([deployment, ...stages]);
  return created(deploymentView(deployment));
}

/** The stage as it points to the new deployment. */
function deployedStage(
  stageName: string,
  input: Input,
  { restApiId, id, createdAtMs }: DeploymentDocument,
  { restApis }: ControlPlane,
): StageDocument {
  const old = restApis.stageDocument(restApiId, stageName);
  const description = input.text('stageDescription');
  const configuration = {
    stageName,
    ...old?.configuration,
    variables: input.record('variables') ?? old?.configuration.variables ?? {},
    ...(description === undefined ? {} : { description }),
  };
  assertStage(configuration);
  return {
    kind: 'stage',
    restApiId,
    deploymentId: id,
    createdAtMs: old?.createdAtMs ?? createdAtMs,
    lastUpdatedAtMs: createdAtMs,
    configuration,
    methodSettings: old?.methodSettings ?? {},
  };
}

function getDeployments(call: Call, controlPlane: ControlPlane) {
  const { restApi } = findRestApi(call, controlPlane);
  return page(call, controlPlane.restApis.deployments(restApi.id), ({ id }) => id, deploymentView);
}

function getDeployment(call: Call, controlPlane: ControlPlane) {
  const deployment = findDeployment(call, controlPlane);
  const isEmbedded = queryValues(call, 'embed').includes('apisummary');
  return ok({
    ...deploymentView(deployment),
    ...(isEmbedded ? { apiSummary: apiSummary(deployment.restApi.resources) } : {}),
  });
}

const apiSummary = (resources: readonly Resource[]) =>
  Object.fromEntries(
    resources
      .filter(({ methods }) => Object.keys(methods).length > 0)
      .map(({ path, methods }) => [path, mapped(methods, methodSnapshot)]),
  );

const mapped = <In, Out>(record: Readonly<Record<string, In>>, view: (value: In) => Out): Record<string, Out> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, view(value)]));

const methodSnapshot = ({ authorizationType, apiKeyRequired = false }: Method) => ({
  authorizationType,
  apiKeyRequired,
});

async function updateDeployment(call: Call, controlPlane: ControlPlane) {
  const deployment = applyPatches(findDeployment(call, controlPlane), readPatchOperations(call.input), PATHS);
  await controlPlane.restApis.write([deployment]);
  return ok(deploymentView(deployment));
}

const PATHS: readonly PatchPath<DeploymentDocument>[] = [
  {
    path: '/description',
    ops: ['replace'],
    apply: (deployment, value) => ({ ...deployment, description: value }),
  },
];

async function deleteDeployment(call: Call, controlPlane: ControlPlane) {
  const { restApis } = controlPlane;
  const { id, restApiId } = findDeployment(call, controlPlane);
  if (restApis.stageDocuments(restApiId).some(({ deploymentId }) => deploymentId === id)) {
    throw badRequest('Active stages pointing to this deployment must be moved or deleted');
  }
  await restApis.write([{ kind: 'deleted', key: deploymentKey(restApiId, parameter(call, 'deployment_id')) }]);
  return accepted();
}

const deploymentView = ({ id, description, createdAtMs }: DeploymentDocument): Record<string, unknown> =>
  shown({ id, description, createdDate: seconds(createdAtMs) });
