// CopyObject and UploadPartCopy. Same as S3: source by path, metadata and tags copied or replaced, conditions on the source, no copy of
// an object to itself that changes nothing, the ETag of a copy is its MD5 even where the source's was of parts.
// Missing: versions, access points as sources (501 or 404 as any bucket that is not there).
import { ACCOUNT_ID, AwsError, type AwsErrorCode } from '@spillway/wire';
import type { Bucket } from './bucket.ts';
import { type ChecksumAlgorithm, checksumElement } from './checksum.ts';
import { readPartNumber, uploadId } from './complete-multipart-upload.ts';
import { hashed } from './hashed.ts';
import { readAlgorithm } from './multipart-operations.ts';
import { storedHeaders } from './object-headers.ts';
import { type ObjectCall, type S3Response, xmlResponse } from './operation.ts';
import { checkReadPreconditions, checkWritePreconditions } from './preconditions.ts';
import { nowMs, storeBody } from './put-object.ts';
import { readRange } from './range.ts';
import type { ByteRange } from './read-object.ts';
import { checkKey, header, type S3Request } from './s3-request.ts';
import type { StoredObject } from './stored-object.ts';
import { requestedTags } from './tagging.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MAX_COPY_BYTES = 5_368_709_120;

interface Source {
  readonly bucket: Bucket;
  readonly object: StoredObject;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(call: ObjectCall): Promise<S3Response> {
  const { request, bucket, key } = call;
  const source = findSource(call);
  const replacesHeaders = directive(request, 'x-amz-metadata-directive', 'Unknown metadata directive.');
  const replacesTags = directive(request, 'x-amz-tagging-directive', 'Unknown tagging directive.');
  if (source.object.sizeBytes > MAX_COPY_BYTES) throw tooLarge();
  const isItself = source.bucket === bucket && source.object.key === key;
  if (isItself && !replacesHeaders) throw new AwsError('InvalidRequest', { message: TO_ITSELF });
  const tags = replacesTags ? requestedTags(request) : source.object.tags;
  const headers = replacesHeaders ? storedHeaders(request) : source.object.headers;
  const check = (current: StoredObject | undefined) => checkWritePreconditions(request.headers, current, key);
  check(bucket.get(key));
  const described = { key, headers, ...(tags && { tags }) };
  const algorithmName = header(request, 'x-amz-checksum-algorithm');
  const algorithm = algorithmName === undefined ? source.object.checksum?.algorithm : readAlgorithm(algorithmName);
  const copy = await copyBytes(source, bucket, described, { check, algorithm });
  return xmlResponse('CopyObjectResult', {
    LastModified: new Date(copy.lastModifiedMs).toISOString(),
    ETag: `"${copy.eTag}"`,
    ...checksumElements(copy),
  });
}

const TO_ITSELF =
  "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";

const tooLarge = () =>
  new AwsError('InvalidRequest', {
    message: `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_COPY_BYTES}`,
  });

interface Wanted {
  /** @throws AwsError when what is there now may not be replaced. */
  readonly check: (current: StoredObject | undefined) => void;
  /** Of the checksum: the source's, unless another is asked for. */
  readonly algorithm: ChecksumAlgorithm | undefined;
}

/** A file of its own for each segment; an object of several becomes one of one, whose digests are computed. */
async function copyBytes(
  { bucket: source, object }: Source,
  target: Bucket,
  described: Pick<StoredObject, 'key' | 'headers' | 'tags'>,
  { check, algorithm }: Wanted,
): Promise<StoredObject> {
  const isWhole = object.segments.length === 1 && object.checksum?.type !== 'COMPOSITE' && !object.eTag.includes('-');
  if (isWhole && object.checksum?.algorithm === algorithm) {
    const segments = await target.adopt(source, object);
    const { sizeBytes, eTag, checksum } = object;
    const copy = { ...described, segments, sizeBytes, eTag, ...(checksum && { checksum }), lastModifiedMs: nowMs() };
    return await target.put(copy, check).then(
      () => copy,
      async (error: unknown) => {
        await target.discard(segments);
        throw error;
      },
    );
  }
  const { body, close } = await source.open(object, whole(object));
  try {
    const read = await hashed(body, algorithm ?? 'CRC64NVME');
    return await storeBody(target, read.body, check, () => {
      const { eTag, checksum } = read.digests();
      return { ...described, eTag, checksum: { ...checksum, type: 'FULL_OBJECT' } };
    });
  } finally {
    await close();
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export async function uploadPartCopy(call: ObjectCall): Promise<S3Response> {
  const { request, bucket, key } = call;
  const upload = bucket.uploads.get(uploadId(request), key);
  const partNumber = readPartNumber(request.query.get('partNumber'));
  const { bucket: source, object } = findSource(call);
  const range = copyRange(header(request, 'x-amz-copy-source-range'), object) ?? whole(object);
  if (range.end - range.start + 1 > MAX_COPY_BYTES) throw tooLarge();
  const { body, close } = await source.open(object, range);
  try {
    const read = await hashed(body, upload.checksumAlgorithm);
    const segment = await bucket.write(read.body);
    const { eTag, checksum } = read.digests();
    const lastModifiedMs = nowMs();
    await bucket.uploads.putPart(upload, { partNumber, segment, eTag, checksum: checksum.value, lastModifiedMs });
    return xmlResponse('CopyPartResult', {
      LastModified: new Date(lastModifiedMs).toISOString(),
      ETag: `"${eTag}"`,
      ...(upload.checksumRequired ? { [checksumElement(upload.checksumAlgorithm)]: checksum.value } : {}),
    });
  } finally {
    await close();
  }
}

const whole = ({ sizeBytes }: StoredObject): ByteRange => ({ start: 0, end: sizeBytes - 1 });

/** Both bounds must be given, and lie within the source. */
function copyRange(text: string | undefined, { sizeBytes }: StoredObject): ByteRange | undefined {
  if (text === undefined) return undefined;
  const last = Number(/^bytes=\d+-(\d+)$/.exec(text)?.[1] ?? Number.NaN);
  const range = last < sizeBytes ? readRange(text, sizeBytes) : undefined;
  if (range !== undefined) return range;
  throw new AwsError('InvalidArgument', {
    message: Number.isNaN(last)
      ? 'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy'
      : `Range specified is not valid for source object of size: ${sizeBytes}`,
    details: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: text },
  });
}

/** @throws AwsError `NoSuchBucket`, `NoSuchKey`, `AccessDenied`, `PreconditionFailed`, `InvalidArgument`. */
function findSource({ request, buckets }: ObjectCall): Source {
  const text = header(request, 'x-amz-copy-source') ?? '';
  const [path = '', query] = text.split('?', 2);
  if (query !== undefined && query !== 'versionId=null') {
    throw new AwsError('NotImplemented', { message: 'The version of a copy source is not implemented.' });
  }
  const [, bucketName, rawKey] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? [];
  if (bucketName === undefined || rawKey === undefined) {
    throw new AwsError('InvalidArgument', {
      message: 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      details: { ArgumentName: 'x-amz-copy-source', ArgumentValue: text },
    });
  }
  const key = decoded(rawKey);
  checkKey(key);
  const bucket = buckets.get(decoded(bucketName));
  const object = bucket.get(key);
  if (object === undefined) throw new AwsError('NoSuchKey', { details: { Key: key } });
  if (!bucket.mayRead(key, 'account')) throw new AwsError('AccessDenied');
  checkSource(request, object);
  return { bucket, object };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new AwsError('InvalidURI', { cause: error, details: { URI: text } });
  }
}

const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];
/** Of a copy source, all fail with 412. */
const NOT_HELD: readonly AwsErrorCode[] = ['PreconditionFailed', 'NotModified'];

function checkSource(request: S3Request, object: StoredObject): void {
  const expectedOwner = header(request, 'x-amz-source-expected-bucket-owner');
  if (expectedOwner !== undefined && expectedOwner !== ACCOUNT_ID) throw new AwsError('AccessDenied');
  const conditions = CONDITIONS.flatMap((name) => {
    const value = header(request, `x-amz-copy-source-${name}`);
    return value === undefined ? [] : [[name, value]];
  });
  try {
    checkReadPreconditions(Object.fromEntries(conditions), object, Date.now());
  } catch (error) {
    if (error instanceof AwsError && NOT_HELD.includes(error.code)) {
      throw new AwsError('PreconditionFailed', { details: { Condition: 'x-amz-copy-source-If-Match' } });
    }
    throw error;
  }
}

/** Whether it says REPLACE. @throws AwsError `InvalidArgument`. */
function directive(request: S3Request, name: string, message: string): boolean {
  const value = header(request, name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value === 'REPLACE';
  throw new AwsError('InvalidArgument', { message, details: { ArgumentName: name, ArgumentValue: value } });
}

function checksumElements({ checksum }: StoredObject) {
  return checksum === undefined
    ? {}
    : { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type };
}
