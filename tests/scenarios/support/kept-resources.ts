import {
  APIGatewayClient,
  CreateResourceCommand,
  CreateRestApiCommand,
  DeleteRestApiCommand,
  GetResourcesCommand,
  GetRestApisCommand,
} from '@aws-sdk/client-api-gateway';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  ListRolesCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { zipOf } from '../../../packages/lambda/test/write-zip.ts';

/** One kind of resource, by the API. `value` is a number from 1 to 9; a new resource has 0. */
export interface Kind {
  readonly name: string;
  make(id: string): Promise<unknown>;
  change(id: string, value: number): Promise<unknown>;
  remove(id: string): Promise<unknown>;
  /** All there are, with their values. */
  read(): Promise<ReadonlyMap<string, number>>;
}

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const BUCKET_OF_OBJECTS = 'kept-objects';
/** In the place of the value; a group that has none set is at 0. */
const RETENTION_DAYS: readonly (number | undefined)[] = [undefined, 1, 3, 5, 7, 14, 30, 60, 90, 120];

/** Every kind of resource that a state keeps, at the server at `endpoint`. */
export function kinds(endpoint: string): readonly Kind[] {
  const options = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    forcePathStyle: true,
  };
  const s3 = new S3Client(options);
  return [
    roles(new IAMClient(options)),
    logGroups(new CloudWatchLogsClient(options)),
    functions(new LambdaClient(options)),
    restApis(new APIGatewayClient(options)),
    buckets(s3),
    objects(s3),
  ];
}

/** The bucket that the objects are in: made once, before the first of them. */
export async function makeBucketOfObjects(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET_OF_OBJECTS }));
}

const roles = (iam: IAMClient): Kind => ({
  name: 'role',
  make: (RoleName) => iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST, Description: '0' })),
  change: (RoleName, value) => iam.send(new UpdateRoleCommand({ RoleName, Description: String(value) })),
  remove: (RoleName) => iam.send(new DeleteRoleCommand({ RoleName })),
  read: async () => {
    const { Roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
    return new Map(Roles.map(({ RoleName = '', Description }) => [RoleName, Number(Description)]));
  },
});

const logGroups = (logs: CloudWatchLogsClient): Kind => ({
  name: 'group',
  make: (logGroupName) => logs.send(new CreateLogGroupCommand({ logGroupName })),
  change: (logGroupName, value) =>
    logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: RETENTION_DAYS[value] })),
  remove: (logGroupName) => logs.send(new DeleteLogGroupCommand({ logGroupName })),
  read: async () => {
    const found = new Map<string, number>();
    let nextToken: string | undefined;
    do {
      const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'group-', nextToken }));
      for (const { logGroupName = '', retentionInDays } of page.logGroups ?? []) {
        found.set(logGroupName, RETENTION_DAYS.indexOf(retentionInDays));
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  },
});

const functions = (lambda: LambdaClient): Kind => ({
  name: 'function',
  make: (FunctionName) =>
    lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Description: '0',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/r',
        Code: { ZipFile: zipOf({ name: 'index.js', content: `exports.handler = async () => '${FunctionName}';` }) },
      }),
    ),
  change: async (FunctionName, value) => {
    const change = new UpdateFunctionConfigurationCommand({ FunctionName, Description: String(value) });
    while (true) {
      try {
        return await lambda.send(change);
      } catch (error) {
        // Another change of it is in progress still.
        if ((error as Error).name !== 'ResourceConflictException') throw error;
      }
    }
  },
  remove: (FunctionName) => lambda.send(new DeleteFunctionCommand({ FunctionName })),
  read: async () => {
    const found = new Map<string, number>();
    let Marker: string | undefined;
    do {
      const page = await lambda.send(new ListFunctionsCommand({ Marker }));
      for (const { FunctionName = '', Description } of page.Functions ?? []) {
        found.set(FunctionName, Number(Description));
      }
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    return found;
  },
});

/** The value of a REST API is the number of its resources below the root; a change adds those that are missing, one call each. */
const restApis = (gateway: APIGatewayClient): Kind => {
  const all = async () => (await gateway.send(new GetRestApisCommand({ limit: 500 }))).items ?? [];
  const idOf = async (name: string) => (await all()).find((api) => api.name === name)?.id;
  const resourcesOf = async (restApiId: string) =>
    (await gateway.send(new GetResourcesCommand({ restApiId, limit: 500 }))).items ?? [];
  return {
    name: 'api',
    make: (name) => gateway.send(new CreateRestApiCommand({ name })),
    change: async (name) => {
      const restApiId = await idOf(name);
      const resources = await resourcesOf(restApiId ?? '');
      const parentId = resources.find(({ path }) => path === '/')?.id;
      await gateway.send(new CreateResourceCommand({ restApiId, parentId, pathPart: `r${resources.length}` }));
    },
    remove: async (name) => gateway.send(new DeleteRestApiCommand({ restApiId: await idOf(name) })),
    read: async () => {
      const found = new Map<string, number>();
      for (const { id = '', name = '' } of await all()) found.set(name, (await resourcesOf(id)).length - 1);
      return found;
    },
  };
};

const buckets = (s3: S3Client): Kind => {
  const policyOf = async (Bucket: string): Promise<number> => {
    try {
      const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
      return Number(/value(\d)/.exec(Policy)?.[1]);
    } catch (error) {
      if ((error as Error).name !== 'NoSuchBucketPolicy') throw error;
      return 0;
    }
  };
  return {
    name: 'bucket',
    make: (Bucket) => s3.send(new CreateBucketCommand({ Bucket })),
    change: (Bucket, value) => {
      const Principal = { AWS: 'arn:aws:iam::000000000000:root' };
      const statement = { Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
      const Statement = [{ Sid: `value${value}`, ...statement }];
      return s3.send(
        new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
      );
    },
    remove: (Bucket) => s3.send(new DeleteBucketCommand({ Bucket })),
    read: async () => {
      const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
      const names = Buckets.map(({ Name = '' }) => Name).filter((name) => name.startsWith('bucket-'));
      return new Map(await Promise.all(names.map(async (name) => [name, await policyOf(name)] as const)));
    },
  };
};

const objects = (s3: S3Client): Kind => {
  const put = (Key: string, value: number) =>
    s3.send(new PutObjectCommand({ Bucket: BUCKET_OF_OBJECTS, Key, Body: `${value}`.repeat(10_000) }));
  const valueIn = async (Key: string): Promise<number> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET_OF_OBJECTS, Key }));
    const text = (await Body?.transformToString()) ?? '';
    // Of one version, from its first byte to its last.
    return text === text.charAt(0).repeat(10_000) ? Number(text.charAt(0)) : Number.NaN;
  };
  return {
    name: 'object',
    make: (key) => put(key, 0),
    change: put,
    remove: (Key) => s3.send(new DeleteObjectCommand({ Bucket: BUCKET_OF_OBJECTS, Key })),
    read: async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET_OF_OBJECTS }));
      return new Map(await Promise.all(Contents.map(async ({ Key = '' }) => [Key, await valueIn(Key)] as const)));
    },
  };
};
