// GetObject and HeadObject. Same as S3: status, headers and bytes of whole objects and single ranges, conditional requests,
// response-* overrides for signed callers, checksums when asked for (checked with the AWS SDK and the AWS CLI; ranges by S3's own
// rules, which answer several or malformed ones with the whole object). On purpose: If-Range is honoured, which S3 does not
// document. Missing: versionId, partNumber, SSE-C (501 NotImplemented).
import { AwsError } from '@spillway/wire';
import { checksumHeaders, overrides, validators } from './object-headers.ts';
import type { ObjectCall, S3Response } from './operation.ts';
import { checkReadPreconditions, ifRangeHolds } from './preconditions.ts';
import { readRange } from './range.ts';
import type { ByteRange } from './read-object.ts';
import { header, type S3Request } from './s3-request.ts';
import type { StoredObject } from './stored-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export async function getObject(call: ObjectCall): Promise<S3Response> {
  const { object, range, response } = find(call);
  if (response.status === 304) return response;
  const { body, close } = await call.bucket.open(object, range ?? { start: 0, end: object.sizeBytes - 1 });
  return { ...response, body, release: close };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export async function headObject(call: ObjectCall): Promise<S3Response> {
  return find(call).response;
}

interface Found {
  readonly object: StoredObject;
  readonly range: ByteRange | undefined;
  /** Without its body. */
  readonly response: S3Response;
}

function find({ request, bucket, key }: ObjectCall): Found {
  if (request.query.has('partNumber')) {
    throw new AwsError('NotImplemented', { message: 'GetObject and HeadObject with partNumber are not implemented.' });
  }
  const replaced = overrides(request);
  const object = bucket.get(key);
  if (object === undefined) throw new AwsError('NoSuchKey', { details: { Key: key } });
  if (isNotModified(request, object)) {
    return { object, range: undefined, response: { status: 304, headers: validators(object) } };
  }
  const range = ifRangeHolds(header(request, 'if-range'), object)
    ? readRange(request.headers.range, object.sizeBytes)
    : undefined;
  return { object, range, response: head(request, object, range, replaced) };
}

function isNotModified({ headers }: S3Request, object: StoredObject): boolean {
  try {
    checkReadPreconditions(headers, object, Date.now());
    return false;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NotModified') return true;
    throw error;
  }
}

function head(
  request: S3Request,
  object: StoredObject,
  range: ByteRange | undefined,
  replaced: Readonly<Record<string, string>>,
): S3Response {
  const { sizeBytes } = object;
  const caching = new Set(['Cache-Control', 'Expires']);
  const tagCount = Object.keys(object.tags ?? {}).length;
  return {
    status: range === undefined ? 200 : 206,
    headers: [
      ...validators(object).filter(([name]) => !caching.has(name)),
      ['Accept-Ranges', 'bytes'],
      ...Object.entries({ ...object.headers, ...replaced }),
      ['x-amz-server-side-encryption', 'AES256'],
      ...(tagCount === 0 ? [] : [['x-amz-tagging-count', String(tagCount)] as const]),
      ['Content-Length', String(range === undefined ? sizeBytes : range.end - range.start + 1)],
      // Of the whole object: with a range, clients would hold the part against it.
      ...(range === undefined
        ? checksumHeaders(request, object)
        : [['Content-Range', `bytes ${range.start}-${range.end}/${sizeBytes}`] as const]),
    ],
  };
}
