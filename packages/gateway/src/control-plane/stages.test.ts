import {
  CreateDeploymentCommand,
  CreateStageCommand,
  type CreateStageCommandInput,
  DeleteDeploymentCommand,
  DeleteRestApiCommand,
  DeleteStageCommand,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  GetStageCommand,
  GetStagesCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  UpdateDeploymentCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-api-gateway';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { invocations, refusal, startedControlPlane } from '../../test/started-control-plane.ts';

let restApiId: string;
let resourceId: string;
const plane = await startedControlPlane({
  functions: { f: { result: () => ({ body: 'f' }) }, g: { result: () => ({ body: 'g' }) } },
});
beforeEach(async () => {
  ({ restApiId, resourceId } = await plane.createRestApi());
});
afterAll(() => plane.close());

async function putMethod(functionName = 'f') {
  const at = { restApiId, resourceId, httpMethod: 'GET' };
  await plane.client.send(new PutMethodCommand({ ...at, authorizationType: 'NONE' })).catch(() => {});
  await putIntegration(functionName);
}
const putIntegration = (functionName: string) =>
  plane.client.send(
    new PutIntegrationCommand({
      restApiId,
      resourceId,
      httpMethod: 'GET',
      type: 'AWS_PROXY',
      integrationHttpMethod: 'POST',
      uri: invocations(functionName),
    }),
  );
const deploy = (input: object = {}) => plane.client.send(new CreateDeploymentCommand({ restApiId, ...input }));
const stage = (stageName = 'prod') => plane.client.send(new GetStageCommand({ restApiId, stageName }));
const createStage = (input: Partial<CreateStageCommandInput>) =>
  plane.client.send(new CreateStageCommand({ restApiId, stageName: 'prod', deploymentId: 'nothere', ...input }));
type Patch = readonly [op: 'add' | 'replace' | 'remove', path: string, value?: string | undefined];
const patch = (...patches: readonly Patch[]) =>
  plane.client.send(
    new UpdateStageCommand({
      restApiId,
      stageName: 'prod',
      patchOperations: patches.map(([op, path, value]) => ({ op, path, ...(value !== undefined && { value }) })),
    }),
  );

describe('deployments', () => {
  it('are snapshots; with a stage name they make it, then move it', async () => {
    await putMethod('f');
    const { $metadata, ...first } = await deploy({ stageName: 'prod', description: 'one', variables: { a: 'b' } });
    expect($metadata.httpStatusCode).toBe(201);
    expect(first).toEqual({
      id: expect.stringMatching(/^[a-z0-9]{6}$/),
      description: 'one',
      createdDate: expect.any(Date),
    });
    await putIntegration('g');
    expect(await plane.invoke(`/${restApiId}/prod/`)).toEqual([200, 'f']);
    const second = await deploy({ stageName: 'prod', stageDescription: 'of the stage' });
    expect(await plane.invoke(`/${restApiId}/prod/`)).toEqual([200, 'g']);
    expect(await stage()).toMatchObject({
      deploymentId: second.id,
      variables: { a: 'b' },
      description: 'of the stage',
    });
    await patch(['replace', '/deploymentId', first.id]);
    expect(await plane.invoke(`/${restApiId}/prod/`)).toEqual([200, 'f']);
    expect(await plane.invoke('/prod/')).toEqual([403, '{"message":"Forbidden"}']);
  });

  it('are listed, described, and deleted unless a stage points to them', async () => {
    await putMethod();
    const { id: used } = await deploy({ stageName: 'prod' });
    const { id: deploymentId } = await deploy();
    const { items = [] } = await plane.client.send(new GetDeploymentsCommand({ restApiId }));
    expect(new Set(items.map(({ id }) => id))).toEqual(new Set([used, deploymentId]));
    const path = '/description';
    const described = { restApiId, deploymentId, patchOperations: [{ op: 'replace', path, value: 'new' } as const] };
    await plane.client.send(new UpdateDeploymentCommand(described));
    const embedded = await plane.client.send(
      new GetDeploymentCommand({ restApiId, deploymentId, embed: ['apisummary'] }),
    );
    expect(embedded).toMatchObject({
      description: 'new',
      apiSummary: { '/': { GET: { authorizationType: 'NONE', apiKeyRequired: false } } },
    });
    await plane.client.send(new DeleteDeploymentCommand({ restApiId, deploymentId }));
    expect(await refusal(plane.client.send(new GetDeploymentCommand({ restApiId, deploymentId })))).toBe(
      '404 NotFoundException: Invalid Deployment identifier specified',
    );
    expect(await refusal(plane.client.send(new DeleteDeploymentCommand({ restApiId, deploymentId: used })))).toBe(
      '400 BadRequestException: Active stages pointing to this deployment must be moved or deleted',
    );
  });

  it('are refused for an API without methods, or a method without integration', async () => {
    expect(await refusal(deploy())).toBe("400 BadRequestException: The REST API doesn't contain any methods");
    await plane.client.send(
      new PutMethodCommand({ restApiId, resourceId, httpMethod: 'GET', authorizationType: 'NONE' }),
    );
    expect(await refusal(deploy())).toBe('400 BadRequestException: No integration defined for method');
    await putIntegration('f');
    expect(await refusal(deploy({ canarySettings: { percentTraffic: 1 } }))).toContain(
      'canarySettings is not supported',
    );
    expect(await refusal(deploy({ stageName: 'a b' }))).toContain('Stage name only allows a-zA-Z0-9_-');
  });
});

describe('stages', () => {
  let deploymentId: string;
  beforeEach(async () => {
    await putMethod();
    deploymentId = (await deploy()).id ?? '';
  });

  it('have the defaults of AWS', async () => {
    const { $metadata, ...made } = await createStage({ deploymentId, variables: { v: '1' }, tags: { a: 'b' } });
    expect($metadata.httpStatusCode).toBe(201);
    expect(made).toEqual({
      deploymentId,
      stageName: 'prod',
      variables: { v: '1' },
      tags: { a: 'b' },
      cacheClusterEnabled: false,
      cacheClusterStatus: 'NOT_AVAILABLE',
      methodSettings: {},
      tracingEnabled: false,
      createdDate: expect.any(Date),
      lastUpdatedDate: expect.any(Date),
    });
    const { item } = await plane.client.send(new GetStagesCommand({ restApiId, deploymentId }));
    expect(item?.map(({ stageName }) => stageName)).toEqual(['prod']);
    expect((await plane.client.send(new GetStagesCommand({ restApiId, deploymentId: 'other' }))).item).toEqual([]);
    await plane.client.send(new DeleteStageCommand({ restApiId, stageName: 'prod' }));
    expect(await refusal(stage())).toBe('404 NotFoundException: Invalid Stage identifier specified');
    expect((await plane.invoke(`/${restApiId}/prod/`))[0]).toBe(403);
  });

  it('are changed by patches', async () => {
    await createStage({ deploymentId });
    const destinationArn = 'arn:aws:logs:us-east-1:000000000000:log-group:access';
    const patched = await patch(
      ['replace', '/description', 'd'],
      ['replace', '/variables/x', 'y'],
      ['replace', '/accessLogSettings/destinationArn', `${destinationArn}:*`],
      ['replace', '/accessLogSettings/format', '$context.requestId'],
      ['replace', '/*/*/logging/loglevel', 'ERROR'],
      ['replace', '/~1/GET/logging/dataTrace', 'true'],
      ['replace', '/~1pets~1{id}/GET/metrics/enabled', 'true'],
      ['replace', '/tracingEnabled', 'false'],
    );
    expect(patched).toMatchObject({
      description: 'd',
      variables: { x: 'y' },
      accessLogSettings: { destinationArn, format: '$context.requestId' },
      methodSettings: {
        '*/*': {
          loggingLevel: 'ERROR',
          metricsEnabled: false,
          dataTraceEnabled: false,
          throttlingBurstLimit: 5000,
          throttlingRateLimit: 10_000,
          cachingEnabled: true,
          cacheTtlInSeconds: 300,
          cacheDataEncrypted: false,
          requireAuthorizationForCacheControl: true,
          unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
        },
        '~1/GET': { dataTraceEnabled: true },
        'pets~1{id}/GET': { metricsEnabled: true },
      },
    });
    const removed = await patch(['remove', '/accessLogSettings'], ['remove', '/*/*'], ['remove', '/variables/x']);
    expect(removed.accessLogSettings).toBeUndefined();
    expect(removed.variables).toBeUndefined();
    expect(Object.keys(removed.methodSettings ?? {})).toEqual(['~1/GET', 'pets~1{id}/GET']);
  });

  it('take settings of what the deployment does not have', async () => {
    await createStage({ deploymentId });
    const { methodSettings } = await patch(['replace', '/nothere/GET/metrics/enabled', 'true']);
    expect(methodSettings).toMatchObject({ 'nothere/GET': { metricsEnabled: true } });
  });

  it('are refused in the words of AWS', async () => {
    expect(await refusal(createStage({}))).toBe('400 BadRequestException: Deployment id does not exist');
    await createStage({ deploymentId });
    expect(await refusal(createStage({ deploymentId }))).toBe('409 ConflictException: Stage already exists');
    expect(await refusal(patch(['replace', '/wrong', 'x']))).toMatch(
      /^400 BadRequestException: Invalid method setting path: \/wrong\. Must be one of: \[\/deploymentId, \/description, /,
    );
    const listed = await refusal(patch(['replace', '/wrong', 'x']));
    expect(listed).toContain('/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/');
    expect(listed).toContain('/*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, ');
    for (const path of ['/~1x/ANY', '/~1x/*', '/*/GET', '/~1x/get']) {
      expect(await refusal(patch(['replace', `${path}/metrics/enabled`, 'true']))).toContain(
        `400 BadRequestException: Invalid method setting path: ${path}/metrics/enabled. Must be one of: [`,
      );
    }
    expect(await refusal(patch(['replace', '/deploymentId', 'x']))).toContain('Deployment id does not exist');
    expect(await refusal(patch(['remove', '/*/*']))).toContain('Cannot remove method setting */*');
    for (const path of ['/cacheClusterEnabled', '/tracingEnabled']) {
      expect(await refusal(patch(['replace', path, 'true']))).toContain(`${path.slice(1)} is not supported here`);
    }
    expect(await refusal(patch(['replace', '/canarySettings/percentTraffic', '1']))).toContain('canarySettings is not');
    expect(await refusal(patch(['replace', '/*/*/throttling/rateLimit', '1']))).toContain(
      'throttling of a stage is not',
    );
  });

  it('go with their API', async () => {
    await createStage({ deploymentId });
    await plane.client.send(new DeleteRestApiCommand({ restApiId }));
    expect((await plane.invoke(`/${restApiId}/prod/`))[0]).toBe(403);
    expect(await refusal(stage())).toContain('404 NotFoundException: Invalid API identifier specified');
  });
});
