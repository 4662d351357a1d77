import type { Gateway } from '@spillway/gateway';
import type { Service } from '@spillway/http';
import type { Lambda } from '@spillway/lambda';
import type { Origin } from '@spillway/origin';
import { AwsError, type AwsErrorCode, type Stack, type StackBucket, UsageError } from '@spillway/wire';

export interface Services {
  readonly origin: Origin;
  readonly lambda: Lambda;
  readonly gateway: Gateway;
  readonly iam: Service;
}

/** Makes a stack's resources. @throws UsageError naming the resource that can't be made. */
export async function deployStack(stack: Stack, { origin, lambda, gateway }: Services): Promise<void> {
  for (const bucket of stack.buckets) await named(stack, bucket.logicalId, () => makeBucket(bucket, origin));
  for (const configuration of stack.functions) {
    const logicalId = configuration.logicalId ?? configuration.functionName;
    await named(stack, logicalId, () => lambda.createFunction(configuration));
  }
  for (const permission of stack.permissions) {
    await named(stack, permission.statementId, async () => lambda.addPermission(permission));
  }
  for (const configuration of stack.functionUrls ?? []) {
    await named(stack, `the function URL of ${configuration.functionName}`, async () => {
      await lambda.createFunctionUrlConfig(configuration);
    });
  }
  for (const apiKey of stack.apiKeys ?? []) {
    await named(stack, `the API key ${apiKey.name}`, async () => gateway.putApiKey(apiKey));
  }
  for (const { logicalId, restApi, stages } of stack.restApis) {
    await named(stack, logicalId, async () => {
      gateway.putRestApi(restApi);
      for (const stage of stages) gateway.createDeployment(restApi.id, stage);
    });
  }
}

async function makeBucket(bucket: StackBucket, origin: Origin): Promise<void> {
  if (!origin.hasBucket(bucket.bucketName)) await origin.createBucket(bucket.bucketName);
  await origin.putPublicAccessBlock(bucket.bucketName, bucket.publicAccessBlock);
  // A kept state may hold the policy of an earlier template, which this one has no more.
  if (bucket.policy === undefined) await origin.deleteBucketPolicy(bucket.bucketName);
  else await origin.putBucketPolicy(bucket.bucketName, bucket.policy);
}

const ADVICE: Partial<Record<AwsErrorCode, string>> = {
  ResourceConflictException: 'Another resource or stack has this name already: give one of them a name of its own.',
};

async function named(stack: Stack, logicalId: string, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof AwsError) && !(error instanceof UsageError)) throw error;
    const advice = error instanceof AwsError ? (error.advice ?? ADVICE[error.code]) : undefined;
    const text = [error.message.replace(/\.$/, ''), advice].filter(Boolean).join('. ');
    throw new UsageError(`Stack ${stack.name}, resource ${logicalId}: ${text}`, { cause: error });
  }
}
