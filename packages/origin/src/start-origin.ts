// A stand-in for Amazon S3, on a directory of this machine.
// Same as S3 (checked with the AWS SDK, lib-storage, the presigner and the AWS CLI, by a suite that also runs on versitygw): the operations of operations.ts with their
// headers, XML errors and statuses; path-style and virtual-hosted addresses; upload framings, checksums, ETags; conditional and
// ranged reads; presigned URLs, versions 4 and 2; private buckets, public by policy, under Block Public Access; atomic writes.
// On purpose: one Region and one account; a signature in the Authorization header, and those of chunks and trailers that go with it, are
// verified only with --verify-signatures, and read without it; all metadata is held in memory; a browser that opens an object as a page gets a Content-Security-Policy.
// Missing, and refused by name (501 NotImplemented): versions, ACLs but the owner's, lifecycle, CORS, website, SSE-C and KMS, storage classes, object lock, POST forms, SigV4A, policy conditions, the checksums of 2026 (SHA512, MD5, XXHASH).
import type { ServerResponse } from 'node:http';
import type { CredentialStore, Service } from '@spillway/http';
import type { Body, PublicAccessBlockConfiguration } from '@spillway/wire';
import { Buckets } from './buckets.ts';
import { handleRequest } from './origin-service.ts';
import { copyObjectHere, type PutObjectInput, putObjectHere } from './put-object.ts';
import { readObjectHere } from './read-object-here.ts';

export interface OriginOptions {
  /** Where buckets are kept. Made if it is missing; no other process may use it at the same time. */
  readonly directory: string;
  readonly region: string;
  /** Whose query signatures count. */
  readonly credentials: CredentialStore;
  /** Signatures in headers count too, and those of chunks and trailers. Default: whatever they say is taken. */
  readonly verifySignatures?: boolean;
  /** Takes lines for the log: failures of the store, and what a policy says that is not evaluated. */
  readonly report?: (line: string) => void;
}

/** The local S3. It does not listen; whoever does hands it requests. */
export interface Origin extends Service {
  hasBucket(bucketName: string): boolean;
  /** Private, with public policies blocked, as every new bucket. Does nothing when there is one. @throws AwsError `InvalidBucketName`. */
  createBucket(bucketName: string): Promise<void>;
  /** @throws AwsError `NoSuchBucket`. */
  putPublicAccessBlock(bucketName: string, configuration: PublicAccessBlockConfiguration): Promise<void>;
  /** @throws AwsError `NoSuchBucket`, `AccessDenied` (public policies are blocked), `MalformedPolicy`, `NotImplemented`. */
  putBucketPolicy(bucketName: string, policyJsonText: string): Promise<void>;
  /** Private again. @throws AwsError `NoSuchBucket`. */
  deleteBucketPolicy(bucketName: string): Promise<void>;
  /** @throws AwsError `NoSuchBucket`, `KeyTooLongError`, `MetadataTooLarge`, `InternalError` (full disk); the body's error. */
  putObject(input: PutObjectInput): Promise<void>;
  /** Gives an object to another bucket, too, under the same key: in no time, whatever its size. @throws AwsError `NoSuchBucket`, `NoSuchKey`. */
  copyObject(key: string, sourceBucketName: string, targetBucketName: string): Promise<void>;
  /** The bytes of an object, opened when the first of them is asked for. @throws AwsError `NoSuchBucket`, `NoSuchKey`. */
  readObject(bucketName: string, key: string): Promise<Body>;
}

/**
 * Starts the local S3 on a directory, and removes what a crash left there.
 * @throws UsageError when the directory was written by a newer version.
 */
export async function startOrigin({
  directory,
  region,
  credentials,
  verifySignatures = false,
  report = () => {},
}: OriginOptions): Promise<Origin> {
  const buckets = await Buckets.load(directory);
  const context = { buckets, region, credentials, verifySignatures, report };
  const active = new Map<ServerResponse, Promise<void>>();
  return {
    async handle(request, response) {
      const handled = handleRequest(context, request, response);
      active.set(response, handled);
      await handled.finally(() => active.delete(response));
    },
    async close() {
      for (const response of active.keys()) response.destroy();
      await Promise.all(active.values());
    },
    hasBucket: (bucketName) => buckets.has(bucketName),
    createBucket: (bucketName) => buckets.create(bucketName),
    putPublicAccessBlock: async (bucketName, configuration) =>
      buckets.get(bucketName).putPublicAccessBlock(configuration),
    async putBucketPolicy(bucketName, policyJsonText) {
      const { notEvaluated } = await buckets.get(bucketName).putPolicy(policyJsonText);
      for (const statement of notEvaluated) report(`Bucket policy of ${bucketName}, not evaluated: ${statement}`);
    },
    deleteBucketPolicy: async (bucketName) => buckets.get(bucketName).deletePolicy(),
    putObject: async (input) => putObjectHere(buckets.get(input.bucketName), input),
    copyObject: async (key, sourceBucketName, targetBucketName) =>
      copyObjectHere(buckets.get(sourceBucketName), key, buckets.get(targetBucketName)),
    readObject: async (bucketName, key) => readObjectHere(buckets.get(bucketName), key),
  };
}
