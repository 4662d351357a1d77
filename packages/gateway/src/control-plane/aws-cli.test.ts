import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  invocations,
  REGION,
  type StartedControlPlane,
  startedControlPlane,
  streamingInvocations,
} from '../../test/started-control-plane.ts';
import { streamOf } from '../testing/fake-invoker.ts';

const run = promisify(execFile);
const hasCli = await run('aws', ['--version']).then(
  () => true,
  () => false,
);

describe.skipIf(!hasCli)('the AWS CLI (needs aws)', () => {
  let plane: StartedControlPlane;
  beforeAll(async () => {
    plane = await startedControlPlane({
      functions: {
        f: { result: () => ({ body: 'buffered' }), stream: () => streamOf({ statusCode: 200 }, 'streamed') },
      },
    });
  });
  afterAll(() => plane.close());

  async function aws(command: string, options: Readonly<Record<string, string>> = {}, ...more: readonly string[]) {
    const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const env = {
      PATH: process.env['PATH'] ?? '',
      AWS_ENDPOINT_URL: plane.url,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: REGION,
      LC_ALL: 'C.UTF-8',
    };
    const { stdout } = await run('aws', ['apigateway', command, ...given, '--output', 'json', ...more], { env });
    return stdout === '' ? undefined : JSON.parse(stdout);
  }

  it('builds a stage, then turns its method to STREAM', { timeout: 180_000 }, async () => {
    const { id } = await aws('create-rest-api', { name: 'files', 'endpoint-configuration': 'types=REGIONAL' });
    const api = { 'rest-api-id': id };
    const { items } = await aws('get-resources', api);
    const resource = await aws('create-resource', { ...api, 'parent-id': items[0].id, 'path-part': 'download' });
    const at = { ...api, 'resource-id': resource.id, 'http-method': 'GET' };
    await aws('put-method', { ...at, 'authorization-type': 'NONE' });
    const proxy = { type: 'AWS_PROXY', 'integration-http-method': 'POST', uri: invocations('f') };
    expect(await aws('put-integration', { ...at, ...proxy })).toMatchObject({ responseTransferMode: 'BUFFERED' });
    await aws('create-deployment', { ...api, 'stage-name': 'prod' });
    expect(await plane.invoke(`/${id}/prod/download`)).toEqual([200, 'buffered']);
    await aws(
      'update-integration',
      at,
      '--patch-operations',
      'op=replace,path=/responseTransferMode,value=STREAM',
      `op=replace,path=/uri,value=${streamingInvocations('f')}`,
    );
    expect(await plane.invoke(`/${id}/prod/download`)).toEqual([200, 'buffered']);
    const { id: deploymentId } = await aws('create-deployment', { ...api, 'stage-name': 'prod' });
    expect(await plane.invoke(`/${id}/prod/download`)).toEqual([200, 'streamed']);
    expect(await aws('get-stage', { ...api, 'stage-name': 'prod' })).toMatchObject({ deploymentId });
    await expect(aws('create-resource', { ...api, 'parent-id': items[0].id, 'path-part': 'download' })).rejects.toThrow(
      'An error occurred (ConflictException) when calling the CreateResource operation: Another resource with the same parent already has this name: download',
    );
  });
});
