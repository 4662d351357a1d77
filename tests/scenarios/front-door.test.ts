import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { APIGatewayClient, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipOf } from '../../packages/lambda/test/write-zip.ts';
import { type Local, startLocal } from '../../packages/local/src/index.ts';
import { curl } from './support/curl.ts';

const exec = promisify(execFile);

const GOOD = { accessKeyId: 'test', secretAccessKey: 'test' };
const WRONG_SECRET = { accessKeyId: 'test', secretAccessKey: 'other' };
const STRANGER = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'test' };

const clientOptions = (local: Local, credentials: typeof GOOD) => ({
  endpoint: local.url,
  region: 'us-east-1',
  credentials,
  maxAttempts: 1,
  forcePathStyle: true,
});

/** One call of each service, by the name of the service in a signature. */
function calls(local: Local, credentials: typeof GOOD): Readonly<Record<string, () => Promise<unknown>>> {
  const options = clientOptions(local, credentials);
  return {
    s3: () => new S3Client(options).send(new ListBucketsCommand({})),
    lambda: () => new LambdaClient(options).send(new ListFunctionsCommand({})),
    apigateway: () => new APIGatewayClient(options).send(new GetRestApisCommand({})),
    logs: () => new CloudWatchLogsClient(options).send(new DescribeLogGroupsCommand({})),
    sts: () => new STSClient(options).send(new GetCallerIdentityCommand({})),
    iam: () => new IAMClient(options).send(new ListRolesCommand({})),
  };
}

const SERVICES = ['s3', 'lambda', 'apigateway', 'logs', 'sts', 'iam'];

async function aws(local: Local, credentials: typeof GOOD, ...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    AWS_ENDPOINT_URL: local.url,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_MAX_ATTEMPTS: '1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return (await exec('aws', [...args], { env })).stdout;
}

describe('one port for all services', () => {
  let local: Local;

  beforeAll(async () => {
    local = await startLocal({ templates: [], port: 0 });
  });
  afterAll(() => local?.close());

  it.each(SERVICES)('answers a call of %s, whoever signed it', async (service) => {
    await expect(calls(local, STRANGER)[service]?.()).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
  });

  it('is found by the AWS CLI', async () => {
    expect(JSON.parse(await aws(local, STRANGER, 'sts', 'get-caller-identity'))).toEqual({
      UserId: '000000000000',
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
    });
    for (const call of [
      ['s3', 'ls'],
      ['lambda', 'list-functions'],
      ['apigateway', 'get-rest-apis'],
      ['logs', 'describe-log-groups'],
      ['iam', 'list-roles'],
    ]) {
      await expect(aws(local, STRANGER, ...call), call.join(' ')).resolves.toBeDefined();
    }
  });

  it.each([
    ['dynamodb', 'list-tables'],
    ['sns', 'list-topics'],
    ['cloudformation', 'list-stacks'],
    ['secretsmanager', 'list-secrets'],
  ])('names %s, which it does not serve', async (service, operation) => {
    await expect(aws(local, GOOD, service, operation)).rejects.toThrow(
      /UnknownOperationException.*Spillway does not serve/,
    );
  });

  it('makes a function of code in the local S3, which calls the other services by itself', async () => {
    const options = clientOptions(local, GOOD);
    const [s3, lambda] = [new S3Client(options), new LambdaClient(options)];
    const source = `
      const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts');
      const { LambdaClient, ListFunctionsCommand } = require('@aws-sdk/client-lambda');
      exports.handler = async () => ({
        caller: (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Account,
        functions: (await new LambdaClient({}).send(new ListFunctionsCommand({}))).Functions.length,
      });`;
    await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
    const zip = zipOf({ name: 'index.js', content: source });
    await s3.send(new PutObjectCommand({ Bucket: 'code', Key: 'f.zip', Body: zip }));
    const settings = { Runtime: 'nodejs22.x', Handler: 'index.handler', Timeout: 30 } as const;
    const role = 'arn:aws:iam::000000000000:role/r';
    const create = (S3Key: string) =>
      lambda.send(
        new CreateFunctionCommand({ ...settings, FunctionName: 'f', Role: role, Code: { S3Bucket: 'code', S3Key } }),
      );
    await expect(create('none.zip')).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await create('f.zip');
    await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30 }, { FunctionName: 'f' });
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: 'f' }));
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString());
    expect({ FunctionError, answer }).toEqual({ answer: { caller: '000000000000', functions: 1 } });
  });

  it('names an operation that a service does not have', async () => {
    await expect(aws(local, GOOD, 'iam', 'list-users')).rejects.toThrow(/InvalidAction.*ListUsers/);
    await expect(aws(local, GOOD, 'logs', 'describe-metric-filters')).rejects.toThrow(/DescribeMetricFilters/);
    await expect(aws(local, GOOD, 'lambda', 'list-event-source-mappings')).rejects.toThrow(
      /UnknownOperation|ListEventSourceMappings/,
    );
  });
});

describe('a page of another site may not call', () => {
  let local: Local;

  beforeAll(async () => {
    local = await startLocal({ templates: [], port: 0 });
  });
  afterAll(() => local?.close());

  const SIMPLE_REQUESTS: readonly (readonly [string, string, string])[] = [
    ['CreateFunction', '/2015-03-31/functions', 'text/plain'],
    ['Invoke', '/2015-03-31/functions/f/invocations', 'text/plain'],
    ['CreateRestApi', '/restapis', 'text/plain'],
    ['CreateRole', '/', 'application/x-www-form-urlencoded'],
  ];

  it.each(SIMPLE_REQUESTS)('%s, and is refused before its body is read', async (_, path, contentType) => {
    const body = join(await mkdtemp(join(tmpdir(), 'front-door-')), 'body');
    await writeFile(body, 'Action=CreateRole&Version=2010-05-08&RoleName=evil');
    for (const header of [
      'Host: evil.example',
      'Origin: http://evil.example',
      'Origin: null',
      'Sec-Fetch-Site: cross-site',
    ]) {
      const call = ['--data-binary', `@${body}`, '--header', `Content-Type: ${contentType}`, '--header', header];
      const result = await curl(`${local.url}${path}`, ...call, '--header', 'Expect: 100-continue', '--verbose');
      expect(result.status, header).toBe(403);
      expect(result.stderr, header).not.toContain('100 Continue');
    }
    await rm(join(body, '..'), { recursive: true });
  });
});

describe('with --verify-signatures', () => {
  let local: Local;

  beforeAll(async () => {
    local = await startLocal({ templates: [], port: 0, verifySignatures: true });
  });
  afterAll(() => local?.close());

  it.each(SERVICES)('%s takes what known credentials signed, and no other', async (service) => {
    await expect(calls(local, GOOD)[service]?.()).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
    const [mismatch, unknown] = REFUSALS[service] ?? OTHER_REFUSALS;
    await expect(calls(local, WRONG_SECRET)[service]?.()).rejects.toMatchObject({ name: mismatch });
    await expect(calls(local, STRANGER)[service]?.()).rejects.toMatchObject({ name: unknown });
  });

  const OTHER_REFUSALS = ['InvalidSignatureException', 'UnrecognizedClientException'] as const;
  const REFUSALS: Readonly<Record<string, readonly [string, string]>> = {
    s3: ['SignatureDoesNotMatch', 'InvalidAccessKeyId'],
    sts: ['SignatureDoesNotMatch', 'InvalidClientTokenId'],
    iam: ['SignatureDoesNotMatch', 'InvalidClientTokenId'],
  };

  it('the AWS CLI is let in, with the body that it signed', async () => {
    const trust = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
    const create = ['iam', 'create-role', '--role-name', 'by-cli', '--assume-role-policy-document', trust];
    await expect(aws(local, WRONG_SECRET, ...create)).rejects.toThrow('SignatureDoesNotMatch');
    expect(JSON.parse(await aws(local, GOOD, ...create))).toMatchObject({ Role: { RoleName: 'by-cli' } });
    await aws(local, GOOD, 'logs', 'create-log-group', '--log-group-name', 'by-cli');
    await aws(local, GOOD, 's3', 'mb', 's3://by-cli-bucket');
    await expect(aws(local, WRONG_SECRET, 's3', 'mb', 's3://other-bucket')).rejects.toThrow('SignatureDoesNotMatch');
  });

  it('a body that was changed on its way is refused', async () => {
    const client = new IAMClient(clientOptions(local, GOOD));
    client.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: string; headers: Record<string, string> };
        request.body = request.body.replace('honest', 'forged');
        return next(args);
      },
      // After the signature has been made.
      { step: 'deserialize', priority: 'low' },
    );
    const create = new CreateRoleCommand({ RoleName: 'honest', AssumeRolePolicyDocument: '{}' });
    await expect(client.send(create)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });

  it('what nobody signed is refused', async () => {
    const target = ['--header', 'X-Amz-Target: Logs_20140328.DescribeLogGroups'];
    for (const [path, ...call] of [
      ['/', '--data', '{}', ...target],
      ['/restapis'],
      ['/2015-03-31/functions'],
      ['/', '--data', 'Action=ListRoles&Version=2010-05-08'],
    ]) {
      expect((await curl(`${local.url}${path}`, ...call)).status, `${path} ${call.join(' ')}`).toBe(403);
    }
    expect((await curl(`${local.url}/_spillway/functions`)).status).toBe(200);
  });

  it('a location of code opens as it was given out, and lets in nothing else', async () => {
    const client = new LambdaClient(clientOptions(local, GOOD));
    const zip = zipOf({ name: 'index.js', content: 'exports.handler = () => 1;' });
    const Role = 'arn:aws:iam::000000000000:role/r';
    const settings = { Runtime: 'nodejs22.x', Handler: 'index.handler', Role } as const;
    await client.send(new CreateFunctionCommand({ ...settings, FunctionName: 'located', Code: { ZipFile: zip } }));
    const { Code } = await client.send(new GetFunctionCommand({ FunctionName: 'located' }));
    const location = Code?.Location ?? '';
    const { status, sizeBytes, sha256 } = await curl(location);
    const zipSha256 = createHash('sha256').update(zip).digest('hex');
    expect([status, sizeBytes, sha256]).toEqual([200, zip.byteLength, zipSha256]);
    expect((await curl(location.slice(0, -1))).status).toBe(403);
    const target = ['--header', 'X-Amz-Target: Logs_20140328.DescribeLogGroups', '--data', '{}', '--request', 'GET'];
    expect((await curl(location, ...target)).status).toBe(403);
  });

  it('objects of any size are stored and read', async () => {
    const client = new S3Client(clientOptions(local, GOOD));
    await client.send(new CreateBucketCommand({ Bucket: 'verified' }));
    const body = Buffer.alloc(5_000_000, 'x');
    await client.send(new PutObjectCommand({ Bucket: 'verified', Key: 'a b/ü?.bin', Body: body }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'verified', Key: 'a b/ü?.bin' }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  });
});
