import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  DeleteRestApiCommand,
  GetIntegrationCommand,
  GetResourcesCommand,
  GetStageCommand,
  ImportRestApiCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  PutRestApiCommand,
  TestInvokeMethodCommand,
  UpdateIntegrationCommand,
} from '@aws-sdk/client-api-gateway';
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  LambdaClient,
  PublishLayerVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipOf } from '../../packages/lambda/test/write-zip.ts';
import { type Local, startLocal } from '../../packages/local/src/index.ts';
import { curl } from './support/curl.ts';
import { until } from './support/system.ts';

// The steps of docs/tutorial.md once more, by AWS's SDK for JavaScript.

const file = (name: string) => readFileSync(new URL(`../../docs/tutorial/${name}`, import.meta.url), 'utf8');

const Bucket = 'tutorial-files';
const FUNCTION = { FunctionName: 'tutorial-download' };
const BIG = randomBytes(12 * 1_048_576);
const waiting = { maxWaitTime: 60, minDelay: 1 };

describe('docs/tutorial.md by the AWS SDK', () => {
  let local: Local;
  let s3: S3Client;
  let lambda: LambdaClient;
  let gateway: APIGatewayClient;
  let logs: CloudWatchLogsClient;
  let others: { readonly iam: IAMClient; readonly sts: STSClient };
  let functionArn: string;
  let at: { restApiId: string; resourceId: string; httpMethod: string };

  beforeAll(async () => {
    local = await startLocal({ templates: [], port: 0 });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const options = { endpoint: local.url, region: 'us-east-1', credentials };
    s3 = new S3Client({ ...options, forcePathStyle: true });
    lambda = new LambdaClient(options);
    gateway = new APIGatewayClient(options);
    logs = new CloudWatchLogsClient(options);
    others = { iam: new IAMClient(options), sts: new STSClient(options) };
  });
  afterAll(() => local?.close());

  const url = (path: string, stage = 'prod', restApiId = at.restApiId) =>
    `${local.url}/_aws/execute-api/${restApiId}/${stage}${path}`;
  const deploy = (restApiId = at.restApiId) =>
    gateway.send(new CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const uri = (action: string) => `arn:aws:apigateway:us-east-1:lambda:path/${action.replace('F', functionArn)}`;
  const BUFFERED = '2015-03-31/functions/F/invocations';
  const STREAMING = '2021-11-15/functions/F/response-streaming-invocations';

  /** Each message of a log, when one holds `text`. */
  async function messages(logGroupName: string, text: string): Promise<string[]> {
    const ask = async () => {
      const found: string[] = [];
      for await (const page of paginateFilterLogEvents({ client: logs }, { logGroupName })) {
        found.push(...(page.events ?? []).map(({ message = '' }) => message));
      }
      return JSON.stringify(found);
    };
    return JSON.parse(await until(ask, text)) as string[];
  }

  const patched = (...patches: readonly (readonly [path: string, value: string])[]) =>
    gateway.send(
      new UpdateIntegrationCommand({
        ...at,
        patchOperations: patches.map(([path, value]) => ({ op: 'replace', path, value })),
      }),
    );

  const permit = (StatementId: string, restApiId: string) =>
    lambda.send(
      new AddPermissionCommand({
        ...FUNCTION,
        StatementId,
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${restApiId}/*/*/*`,
      }),
    );

  it('makes a bucket, private, presigned, then public', async () => {
    expect(await others.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '000000000000' });
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'videos/big.bin', Body: BIG }));
    const hello = { Bucket, Key: 'hello.txt' };
    await s3.send(new PutObjectCommand({ ...hello, Body: 'Good morning.\n', ContentType: 'text/plain' }));
    const plain = `${local.url}/${Bucket}/hello.txt`;
    expect(await curl(plain)).toMatchObject({ status: 403 });
    const presigned = await getSignedUrl(s3, new GetObjectCommand(hello), { expiresIn: 60 });
    expect(await curl(presigned)).toMatchObject({ status: 200, text: 'Good morning.\n' });
    const policy = new PutBucketPolicyCommand({ Bucket, Policy: file('bucket-policy.json') });
    await expect(s3.send(policy)).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    const PublicAccessBlockConfiguration = { BlockPublicPolicy: false, RestrictPublicBuckets: false };
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    await s3.send(policy);
    expect(await curl(plain)).toMatchObject({ status: 200, text: 'Good morning.\n' });
  });

  it('makes a function, and changes its code and its configuration', async () => {
    const { Role } = await others.iam.send(
      new CreateRoleCommand({
        RoleName: 'tutorial-download',
        AssumeRolePolicyDocument: file('trust-policy.json'),
      }),
    );
    await others.iam.send(
      new PutRolePolicyCommand({
        RoleName: 'tutorial-download',
        PolicyName: 'read-files',
        PolicyDocument: file('read-policy.json'),
      }),
    );
    const source = file('node/index.js');
    const made = await lambda.send(
      new CreateFunctionCommand({
        ...FUNCTION,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: Role?.Arn,
        Code: { ZipFile: zipOf({ name: 'index.js', content: source }) },
      }),
    );
    expect(made).toMatchObject({ State: 'Pending', Timeout: 3, MemorySize: 128 });
    functionArn = made.FunctionArn ?? '';
    await waitUntilFunctionActiveV2({ client: lambda, ...waiting }, FUNCTION);
    const changed = zipOf({ name: 'index.js', content: `${source}// second edition\n` });
    expect(await lambda.send(new UpdateFunctionCodeCommand({ ...FUNCTION, ZipFile: changed }))).toMatchObject({
      LastUpdateStatus: 'InProgress',
    });
    await waitUntilFunctionUpdatedV2({ client: lambda, ...waiting }, FUNCTION);
    const module = { name: 'nodejs/node_modules/attachment/index.js', content: file('attachment/index.js') };
    const layer = await lambda.send(
      new PublishLayerVersionCommand({ LayerName: 'attachment', Content: { ZipFile: zipOf(module) } }),
    );
    await lambda.send(
      new UpdateFunctionConfigurationCommand({
        ...FUNCTION,
        Timeout: 900,
        MemorySize: 512,
        Layers: [layer.LayerVersionArn ?? ''],
        Environment: { Variables: { BUCKET_NAME: Bucket } },
      }),
    );
    await waitUntilFunctionUpdatedV2({ client: lambda, ...waiting }, FUNCTION);
  }, 120_000);

  it('makes a REST API, which may not call the function until it is permitted, and is buffered', async () => {
    const { id: restApiId = '', rootResourceId: parentId } = await gateway.send(
      new CreateRestApiCommand({ name: 'tutorial', endpointConfiguration: { types: ['REGIONAL'] } }),
    );
    const download = await gateway.send(new CreateResourceCommand({ restApiId, parentId, pathPart: 'download' }));
    const key = await gateway.send(new CreateResourceCommand({ restApiId, parentId: download.id, pathPart: '{key+}' }));
    expect(key.path).toBe('/download/{key+}');
    at = { restApiId, resourceId: key.id ?? '', httpMethod: 'GET' };
    await gateway.send(new PutMethodCommand({ ...at, authorizationType: 'NONE' }));
    const proxy = { type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: uri(BUFFERED) } as const;
    expect(await gateway.send(new PutIntegrationCommand({ ...at, ...proxy }))).toMatchObject({
      responseTransferMode: 'BUFFERED',
      timeoutInMillis: 29_000,
    });
    await deploy();
    expect(await curl(url('/download/hello.txt'))).toMatchObject({ status: 500 });
    await messages(`API-Gateway-Execution-Logs_${restApiId}/prod`, 'Invalid permissions on Lambda function');
    await permit('api-gateway', restApiId);
    expect(await curl(url('/download/videos/big.bin'))).toMatchObject({ status: 502 });
    expect(await curl(url('/download/hello.txt').replace('/prod', ''))).toMatchObject({ status: 403 });
  });

  it('streams when mode and URI have changed together, and a new deployment says so', async () => {
    await patched(['/responseTransferMode', 'STREAM']);
    await deploy();
    expect(await curl(url('/download/hello.txt'))).toMatchObject({ status: 500 });
    await messages(`API-Gateway-Execution-Logs_${at.restApiId}/prod`, 'change /uri together with');
    await patched(['/responseTransferMode', 'STREAM'], ['/uri', uri(STREAMING)], ['/timeoutInMillis', '900000']);
    expect(await gateway.send(new GetIntegrationCommand(at))).toMatchObject({
      responseTransferMode: 'STREAM',
      uri: uri(STREAMING),
      timeoutInMillis: 900_000,
    });
    expect(await curl(url('/download/hello.txt'))).toMatchObject({ status: 500 });
    await deploy();
    const digest = createHash('sha256').update(BIG).digest('hex');
    expect(await curl(url('/download/videos/big.bin'))).toMatchObject({ exitCode: 0, status: 200, sha256: digest });
    expect(await curl(url('/download/no-such-file'))).toMatchObject({ status: 404 });
  });

  it('streams from a second stage and without any, and can be followed in the logs', async () => {
    const head = { ...at, httpMethod: 'HEAD' };
    await gateway.send(new PutMethodCommand({ ...head, authorizationType: 'NONE' }));
    const proxy = { type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: uri(STREAMING) } as const;
    await gateway.send(new PutIntegrationCommand({ ...head, ...proxy, responseTransferMode: 'STREAM' }));
    const test = new TestInvokeMethodCommand({ ...at, pathWithQueryString: '/download/hello.txt' });
    expect(await gateway.send(test)).toMatchObject({ status: 200, body: 'Good morning.\n' });
    const { restApiId } = at;
    const { id: deploymentId } = await gateway.send(new CreateDeploymentCommand({ restApiId }));
    const stage = { restApiId, stageName: 'beta' };
    await gateway.send(new CreateStageCommand({ ...stage, deploymentId, variables: { color: 'blue' } }));
    const found = await gateway.send(new GetStageCommand(stage));
    expect(found).toMatchObject({ deploymentId, variables: { color: 'blue' } });
    expect(found.createdDate).toBeInstanceOf(Date);
    expect(await curl(url('/download/hello.txt', 'beta'), '--head')).toMatchObject({ status: 200 });
    expect(await curl(url('/download/hello.txt'), '--head')).toMatchObject({ status: 403 });
    const logGroupName = '/aws/lambda/tutorial-download';
    await messages(logGroupName, 'REPORT RequestId');
    const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName }));
    const logStreamName = logStreams[0]?.logStreamName;
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true }),
    );
    expect(events[0]?.message).toMatch(/^INIT_START/);
  });

  it('makes the same of an OpenAPI document, and replaces it', async () => {
    const document = file('openapi.yaml').replace('REGION', 'us-east-1').replace('FUNCTION_ARN', functionArn);
    const imported = await gateway.send(
      new ImportRestApiCommand({ parameters: { endpointConfigurationTypes: 'REGIONAL' }, body: Buffer.from(document) }),
    );
    const restApiId = imported.id ?? '';
    await permit('imported', restApiId);
    await deploy(restApiId);
    const got = await curl(url('/download/hello.txt', 'prod', restApiId));
    expect(got).toMatchObject({ status: 200, text: 'Good morning.\n' });
    const body = Buffer.from(document.replace('/download/', '/files/'));
    await gateway.send(new PutRestApiCommand({ restApiId, mode: 'overwrite', body }));
    const { items = [] } = await gateway.send(new GetResourcesCommand({ restApiId }));
    expect(items.map(({ path }) => path).sort()).toEqual(['/', '/files', '/files/{key+}']);
    await gateway.send(new DeleteRestApiCommand({ restApiId }));
    await gateway.send(new DeleteRestApiCommand({ restApiId: at.restApiId }));
    await lambda.send(new DeleteFunctionCommand(FUNCTION));
    expect(await curl(url('/download/hello.txt'))).toMatchObject({ status: 403 });
  });
});
