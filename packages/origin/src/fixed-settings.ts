// What a bucket or an object has in S3 without anybody's doing, as tools ask for it: no versions, SSE-S3, ACLs that are off, the owner's
// rights. The operations that would set something else are refused by name.
import { AwsError } from '@spillway/wire';
import { OWNER } from './bucket-operations.ts';
import { checksumElement } from './checksum.ts';
import { type BucketCall, type ObjectCall, type S3Response, xmlResponse } from './operation.ts';
import { header } from './s3-request.ts';

export async function getBucketVersioning(_: BucketCall): Promise<S3Response> {
  return xmlResponse('VersioningConfiguration', {});
}

export async function getBucketEncryption(_: BucketCall): Promise<S3Response> {
  return xmlResponse('ServerSideEncryptionConfiguration', {
    Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
  });
}

export async function getBucketOwnershipControls(_: BucketCall): Promise<S3Response> {
  return xmlResponse('OwnershipControls', { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } });
}

/** Of a bucket, or of an object. */
export async function getAcl(call: BucketCall & Partial<Pick<ObjectCall, 'key'>>): Promise<S3Response> {
  const { bucket, key } = call;
  if (key !== undefined && bucket.get(key) === undefined) throw new AwsError('NoSuchKey', { details: { Key: key } });
  const Grantee = {
    '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    '@xsi:type': 'CanonicalUser',
    ...OWNER,
  };
  return xmlResponse('AccessControlPolicy', {
    Owner: OWNER,
    AccessControlList: { Grant: { Grantee, Permission: 'FULL_CONTROL' } },
  });
}

const ATTRIBUTES: readonly string[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

/** Of those that are asked for. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export async function getObjectAttributes({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const object = bucket.get(key);
  if (object === undefined) throw new AwsError('NoSuchKey', { details: { Key: key } });
  const wanted = (header(request, 'x-amz-object-attributes') ?? '').split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !ATTRIBUTES.includes(name));
  if (unknown !== undefined) {
    throw new AwsError('InvalidArgument', {
      message: 'Invalid attribute name specified.',
      details: { ArgumentName: 'x-amz-object-attributes', ArgumentValue: unknown },
    });
  }
  const { checksum, sizeBytes, eTag, segments, lastModifiedMs } = object;
  const attributes = {
    ETag: eTag,
    Checksum: checksum && { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type },
    ObjectParts: segments.length > 1 ? { PartsCount: segments.length } : undefined,
    StorageClass: 'STANDARD',
    ObjectSize: sizeBytes,
  };
  const response = xmlResponse(
    'GetObjectAttributesResponse',
    Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted.includes(name))),
  );
  return {
    ...response,
    headers: [...response.headers, ['Last-Modified', new Date(lastModifiedMs).toUTCString()]],
  };
}
