// PutObject and DeleteObject. Same as S3: one commit point, so that readers see the old version or the new one, whole; all upload
// framings of today's CLI and SDKs, Content-MD5, payload hash and checksums verified; If-None-Match: * and If-Match; ETag is the MD5.
// On purpose: chunk and trailer signatures are verified only with --verify-signatures. Missing: ACLs but private, storage classes, encryption by own
// keys, object lock, append (501 NotImplemented).
import { AwsError, type Body } from '@spillway/wire';
import type { Bucket } from './bucket.ts';
import { checksumHeader } from './checksum.ts';
import { hashed } from './hashed.ts';
import { objectHeaders, storedHeaders } from './object-headers.ts';
import { emptyResponse, NO_CONTENT, type ObjectCall, type S3Response } from './operation.ts';
import { checkWritePreconditions } from './preconditions.ts';
import { checkKey, headerText } from './s3-request.ts';
import type { StoredObject } from './stored-object.ts';
import { requestedTags } from './tagging.ts';
import { uploadBody } from './upload-body.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const check = (current: StoredObject | undefined) => checkWritePreconditions(request.headers, current, key);
  check(bucket.get(key));
  const headers = storedHeaders(request);
  const tags = requestedTags(request);
  const upload = await uploadBody(request);
  const object = await storeBody(bucket, upload.body, check, () => {
    const { eTag, checksum } = upload.digests();
    return { key, eTag, headers, ...(tags && { tags }), checksum: { ...checksum, type: 'FULL_OBJECT' } };
  });
  const { checksum } = object;
  return emptyResponse([
    ['ETag', `"${object.eTag}"`],
    ['x-amz-server-side-encryption', 'AES256'],
    ...(checksum === undefined ? [] : [[checksumHeader(checksum.algorithm), checksum.value] as const]),
    ['x-amz-checksum-type', 'FULL_OBJECT'],
  ]);
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export async function deleteObject({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  await bucket.delete(key, (current) => checkWritePreconditions(request.headers, current, key));
  return NO_CONTENT;
}

/** An object that this process stores. */
export interface PutObjectInput {
  readonly bucketName: string;
  readonly key: string;
  readonly body: Body;
  /** Default `binary/octet-stream`. */
  readonly contentType?: string;
  readonly contentDisposition?: string;
  /** User metadata, names without `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Stores an object of this process, with the checksum that S3 gives an upload without one.
 * @throws AwsError `KeyTooLongError`, `MetadataTooLarge`, `InvalidArgument`, `InternalError` (full disk); the body's error.
 */
export async function putObjectHere(bucket: Bucket, input: PutObjectInput): Promise<void> {
  checkKey(input.key);
  const given = { 'Content-Type': input.contentType, 'Content-Disposition': input.contentDisposition };
  const headers = objectHeaders(asHeaders(given), asHeaders(input.metadata ?? {}));
  const read = await hashed(input.body, 'CRC64NVME');
  await storeBody(
    bucket,
    read.body,
    () => {},
    () => {
      const { eTag, checksum } = read.digests();
      return { key: input.key, eTag, headers, checksum: { ...checksum, type: 'FULL_OBJECT' } };
    },
  );
}

/** Gives an object of one bucket to another under the same key, without a copy of its bytes where the disk can do so. */
export async function copyObjectHere(source: Bucket, key: string, target: Bucket): Promise<void> {
  const object = source.get(key);
  if (object === undefined) throw new AwsError('NoSuchKey');
  const segments = await target.adopt(source, object);
  await target.put({ ...object, segments, lastModifiedMs: nowMs() }, () => {});
}

function asHeaders(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, headerText(value, name)]])),
  );
}

/** @throws the error of the body, of `check`, or of the disk; nothing is stored then. */
export async function storeBody(
  bucket: Bucket,
  body: Body,
  check: (current: StoredObject | undefined) => void,
  describe: () => Pick<StoredObject, 'key' | 'eTag' | 'headers' | 'checksum' | 'tags'>,
): Promise<StoredObject> {
  const segment = await bucket.write(body);
  const object = { ...describe(), segments: [segment], sizeBytes: segment.sizeBytes, lastModifiedMs: nowMs() };
  try {
    await bucket.put(object, check);
  } catch (error) {
    await bucket.discard([segment]);
    throw error;
  }
  return object;
}

/** In whole seconds: what Last-Modified can say. */
export const nowMs = (): number => Math.floor(Date.now() / 1000) * 1000;
