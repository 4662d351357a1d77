import type { FunctionConfiguration, FunctionPermission, FunctionUrlConfiguration } from './function-configuration.ts';
import type { ApiKey, RestApi, StageConfiguration } from './rest-api.ts';

/** A place in a template, and what there is to say about it. Line and column count from 1. */
export interface TemplateNote {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Amazon S3's four switches; all true on a new bucket. */
export interface PublicAccessBlockConfiguration {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

/** The resources of one template that Spillway serves. */
export interface Stack {
  readonly name: string;
  readonly functions: readonly FunctionConfiguration[];
  readonly permissions: readonly FunctionPermission[];
  readonly functionUrls?: readonly FunctionUrlConfiguration[];
  readonly apiKeys?: readonly ApiKey[];
  readonly restApis: readonly StackRestApi[];
  readonly buckets: readonly StackBucket[];
  readonly outputs: readonly { readonly name: string; readonly value: string; readonly description?: string }[];
  /** Traps of streaming and other things that work otherwise than the author may think. */
  readonly warnings: readonly TemplateNote[];
  /** Read but without effect here: IAM, metadata. */
  readonly notEnforced: readonly TemplateNote[];
}

export interface StackRestApi {
  readonly logicalId: string;
  readonly restApi: RestApi;
  readonly stages: readonly StageConfiguration[];
}

export interface StackBucket {
  readonly logicalId: string;
  readonly bucketName: string;
  readonly publicAccessBlock: PublicAccessBlockConfiguration;
  /** The policy document as JSON text. */
  readonly policy?: string;
}
