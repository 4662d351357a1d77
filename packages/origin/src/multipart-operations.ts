// Multipart upload as the AWS CLI and lib-storage do it: Create, UploadPart, Complete, Abort, ListParts, ListMultipartUploads. Same as S3: the rules for
// part numbers, order and sizes, the ETag `md5-of-md5s-N`, COMPOSITE and FULL_OBJECT checksums. The completed object is made of the
// parts' files as they are, so completing is one rename whatever the size. Missing: ListMultipartUploads with a delimiter (501).
import { AwsError } from '@spillway/wire';
import { OWNER } from './bucket-operations.ts';
import { type ChecksumAlgorithm, checksumAlgorithm, checksumElement, checksumHeader } from './checksum.ts';
import { readPartNumber, uploadId } from './complete-multipart-upload.ts';
import { isCombinable } from './crc-combine.ts';
import { keyEncoding } from './list-objects.ts';
import type { MultipartUpload } from './multipart-uploads.ts';
import { storedHeaders } from './object-headers.ts';
import {
  type BucketCall,
  emptyResponse,
  NO_CONTENT,
  type ObjectCall,
  type S3Response,
  xmlResponse,
} from './operation.ts';
import { nowMs } from './put-object.ts';
import { header, wholeNumber } from './s3-request.ts';
import type { Checksum } from './stored-object.ts';
import { requestedTags } from './tagging.ts';
import { uploadBody } from './upload-body.ts';

const DEFAULT_ALGORITHM = 'CRC64NVME';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export async function createMultipartUpload({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const algorithmName = header(request, 'x-amz-checksum-algorithm');
  const algorithm = readAlgorithm(algorithmName);
  const tags = requestedTags(request);
  const upload = await bucket.uploads.create({
    key,
    initiatedMs: nowMs(),
    headers: storedHeaders(request),
    ...(tags && { tags }),
    checksumAlgorithm: algorithm,
    checksumType: readChecksumType(header(request, 'x-amz-checksum-type'), algorithm),
    checksumRequired: algorithmName !== undefined,
  });
  const response = xmlResponse('InitiateMultipartUploadResult', {
    Bucket: bucket.name,
    Key: key,
    UploadId: upload.uploadId,
  });
  if (algorithmName === undefined) return response;
  return {
    ...response,
    headers: [
      ...response.headers,
      ['x-amz-checksum-algorithm', upload.checksumAlgorithm],
      ['x-amz-checksum-type', upload.checksumType],
    ],
  };
}

export function readAlgorithm(name: string | undefined): ChecksumAlgorithm {
  if (name === undefined) return DEFAULT_ALGORITHM;
  const algorithm = checksumAlgorithm(name);
  if (algorithm !== undefined) return algorithm;
  throw new AwsError('NotImplemented', { message: `The checksum algorithm ${name} is not implemented.` });
}

function readChecksumType(name: string | undefined, algorithm: ChecksumAlgorithm): Checksum['type'] {
  if (name === undefined) return algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const type = name.toUpperCase();
  const isPossible = type === 'FULL_OBJECT' ? isCombinable(algorithm) : algorithm !== 'CRC64NVME';
  if ((type === 'FULL_OBJECT' || type === 'COMPOSITE') && isPossible) return type;
  throw new AwsError('InvalidRequest', {
    message: `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const upload = bucket.uploads.get(uploadId(request), key);
  const partNumber = readPartNumber(request.query.get('partNumber'));
  const body = await uploadBody(request, upload.checksumAlgorithm);
  refuseOtherChecksum(upload, body.declared?.algorithm);
  const segment = await bucket.write(body.body);
  const { eTag, checksum } = body.digests();
  await bucket.uploads.putPart(upload, {
    partNumber,
    segment,
    eTag,
    checksum: checksum.value,
    lastModifiedMs: nowMs(),
  });
  const { declared } = body;
  return emptyResponse([
    ['ETag', `"${eTag}"`],
    ...(declared?.value === undefined ? [] : [[checksumHeader(declared.algorithm), declared.value] as const]),
  ]);
}

/** An upload that was told its algorithm takes parts with that checksum only. Said before the body is read. */
function refuseOtherChecksum(
  { checksumRequired, checksumAlgorithm: expected }: MultipartUpload,
  actual: ChecksumAlgorithm | undefined,
): void {
  if (!checksumRequired || actual === expected) return;
  throw new AwsError('InvalidRequest', {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase() ?? 'null'}`,
  });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export async function abortMultipartUpload({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  await bucket.uploads.abort(uploadId(request), key);
  return NO_CONTENT;
}

/** Up to 1000 parts at once. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export async function listParts({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const upload = bucket.uploads.get(uploadId(request), key);
  const after = wholeNumber(request.query, 'part-number-marker', 0);
  const maxParts = Math.min(1000, wholeNumber(request.query, 'max-parts', 1000));
  const all = bucket.uploads.parts(upload.uploadId, key).filter(({ partNumber }) => partNumber > after);
  const listed = all.slice(0, maxParts);
  const isTruncated = listed.length < all.length;
  return xmlResponse('ListPartsResult', {
    Bucket: bucket.name,
    Key: key,
    UploadId: upload.uploadId,
    Initiator: OWNER,
    Owner: OWNER,
    StorageClass: 'STANDARD',
    PartNumberMarker: after,
    NextPartNumberMarker: isTruncated ? listed.at(-1)?.partNumber : undefined,
    MaxParts: maxParts,
    IsTruncated: isTruncated,
    ChecksumAlgorithm: upload.checksumRequired ? upload.checksumAlgorithm : undefined,
    ChecksumType: upload.checksumRequired ? upload.checksumType : undefined,
    Part: listed.map(({ partNumber, lastModifiedMs, eTag, segment, checksum }) => ({
      PartNumber: partNumber,
      LastModified: new Date(lastModifiedMs).toISOString(),
      ETag: `"${eTag}"`,
      Size: segment.sizeBytes,
      [checksumElement(upload.checksumAlgorithm)]: checksum,
    })),
  });
}

/** Up to 1000 at once. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export async function listMultipartUploads({ request: { query }, bucket }: BucketCall): Promise<S3Response> {
  if (query.get('delimiter')) {
    throw new AwsError('NotImplemented', { message: 'ListMultipartUploads with a delimiter is not implemented.' });
  }
  const [prefix, keyMarker, idMarker] = ['prefix', 'key-marker', 'upload-id-marker'].map(
    (name) => query.get(name) ?? '',
  );
  const maxUploads = Math.min(1000, wholeNumber(query, 'max-uploads', 1000));
  const all = bucket.uploads.all().filter(({ key }) => key.startsWith(prefix ?? ''));
  const marked = all.findIndex(({ key, uploadId }) => key === keyMarker && uploadId === idMarker);
  const isAfter = (key: string) => Buffer.compare(Buffer.from(key), Buffer.from(keyMarker ?? '')) > 0;
  const rest = marked >= 0 ? all.slice(marked + 1) : all.filter(({ key }) => keyMarker === '' || isAfter(key));
  const listed = rest.slice(0, maxUploads);
  const isTruncated = listed.length < rest.length;
  const encode = keyEncoding(query);
  return xmlResponse('ListMultipartUploadsResult', {
    Bucket: bucket.name,
    KeyMarker: encode(keyMarker ?? ''),
    UploadIdMarker: idMarker,
    NextKeyMarker: isTruncated ? encode(listed.at(-1)?.key ?? '') : undefined,
    NextUploadIdMarker: isTruncated ? listed.at(-1)?.uploadId : undefined,
    Prefix: encode(prefix ?? ''),
    EncodingType: query.get('encoding-type'),
    MaxUploads: maxUploads,
    IsTruncated: isTruncated,
    Upload: listed.map((upload) => ({
      UploadId: upload.uploadId,
      Key: encode(upload.key),
      Initiated: new Date(upload.initiatedMs).toISOString(),
      StorageClass: 'STANDARD',
      Owner: OWNER,
      Initiator: OWNER,
      ChecksumAlgorithm: upload.checksumRequired ? upload.checksumAlgorithm : undefined,
      ChecksumType: upload.checksumRequired ? upload.checksumType : undefined,
    })),
  });
}
