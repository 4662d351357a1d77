import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Local, startLocal } from '../../packages/local/src/index.ts';

// What a template made is there for the AWS CLI, as on AWS after a deployment.

const TEMPLATE = fileURLToPath(new URL('../../examples/node-download/template.yaml', import.meta.url));
const exec = promisify(execFile);
const HAS_CLI = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0;

describe.skipIf(!HAS_CLI)('the stack of a template, read by the AWS CLI (needs aws)', () => {
  let local: Local;
  let api: readonly string[];

  beforeAll(async () => {
    local = await startLocal({ templates: [TEMPLATE], port: 0 });
    api = ['--rest-api-id', local.stacks[0]?.restApis[0]?.restApi.id ?? ''];
  });
  afterAll(() => local?.close());

  async function aws(...args: readonly string[]): Promise<unknown> {
    const env = {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_ENDPOINT_URL: local.url,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    return JSON.parse((await exec('aws', [...args, '--output', 'json'], { env })).stdout);
  }

  async function resourceId(path: string): Promise<string> {
    const { items } = (await aws('apigateway', 'get-resources', ...api)) as {
      readonly items: readonly { readonly id: string; readonly path: string }[];
    };
    return items.find((item) => item.path === path)?.id ?? '';
  }

  it('get-rest-apis, get-resources', async () => {
    const { items } = (await aws('apigateway', 'get-rest-apis')) as { readonly items: readonly object[] };
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      id: api[1],
      name: expect.any(String),
      endpointConfiguration: { types: ['REGIONAL'] },
      binaryMediaTypes: ['*/*'],
    });
    const { items: resources } = (await aws('apigateway', 'get-resources', ...api)) as {
      readonly items: readonly { readonly path: string; readonly resourceMethods?: object }[];
    };
    const methods = resources.map(({ path, resourceMethods }) => [path, Object.keys(resourceMethods ?? {}).sort()]);
    expect(Object.fromEntries(methods)).toMatchObject({
      '/': [],
      '/download/{key+}': ['GET', 'HEAD'],
    });
  });

  it('get-integration, get-stage', async () => {
    const method = ['--resource-id', await resourceId('/download/{key+}'), '--http-method', 'GET'];
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:DownloadFunction';
    expect(await aws('apigateway', 'get-integration', ...api, ...method)).toMatchObject({
      type: 'AWS_PROXY',
      httpMethod: 'POST',
      uri: `arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/${arn}/response-streaming-invocations`,
      responseTransferMode: 'STREAM',
      timeoutInMillis: 900_000,
    });
    expect(await aws('apigateway', 'get-stage', ...api, '--stage-name', 'prod')).toMatchObject({
      stageName: 'prod',
      deploymentId: expect.stringMatching(/^[a-z0-9]+$/),
    });
  });

  it('get-function, get-policy', async () => {
    const name = ['--function-name', 'DownloadFunction'];
    const found = (await aws('lambda', 'get-function', ...name)) as {
      readonly Code: { readonly Location: string };
    };
    expect(found).toMatchObject({
      Configuration: {
        FunctionName: 'DownloadFunction',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Timeout: 900,
        MemorySize: 256,
        State: 'Active',
        LastUpdateStatus: 'Successful',
      },
    });
    const code = new Uint8Array(await (await fetch(found.Code.Location)).arrayBuffer());
    expect(Buffer.from(code.subarray(0, 2)).toString()).toBe('PK');
    const { Policy } = (await aws('lambda', 'get-policy', ...name)) as { readonly Policy: string };
    const { Statement } = JSON.parse(Policy) as { readonly Statement: readonly unknown[] };
    expect(Statement).toHaveLength(2);
    expect(Statement[0]).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'apigateway.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Condition: { ArnLike: { 'AWS:SourceArn': expect.stringContaining(`:${api[1]}/`) } },
    });
  });
});
