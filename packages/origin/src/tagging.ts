// Tags of objects and buckets. Same as S3: sets by x-amz-tagging or a document, their limits and errors, x-amz-tagging-count.
import { AwsError } from '@spillway/wire';
import { readDocument } from './bucket-operations.ts';
import {
  type BucketCall,
  emptyResponse,
  NO_CONTENT,
  type ObjectCall,
  type S3Response,
  xmlResponse,
} from './operation.ts';
import { header, type S3Request } from './s3-request.ts';
import type { StoredObject } from './stored-object.ts';
import { decodeXml } from './xml.ts';

/** Values by key. */
export type Tags = Readonly<Record<string, string>>;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MAX_OBJECT_TAGS = 10;
const MAX_BUCKET_TAGS = 50;
const MAX_KEY_CHARACTERS = 128;
const MAX_VALUE_CHARACTERS = 256;

/** What an upload asks for: `a=1&b=2`, URL-encoded. @throws AwsError `InvalidArgument`, `InvalidTag`, `BadRequest`. */
export function requestedTags(request: S3Request): Tags | undefined {
  const text = header(request, 'x-amz-tagging');
  if (text === undefined || text === '') return undefined;
  const pairs = [...new URLSearchParams(text)].map(([Key, Value]) => ({ Key, Value }));
  if (new Set(pairs.map(({ Key }) => Key)).size < pairs.length) {
    throw new AwsError('InvalidArgument', {
      message:
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      details: { ArgumentName: 'x-amz-tagging', ArgumentValue: text },
    });
  }
  return readTags(pairs, MAX_OBJECT_TAGS);
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export async function putObjectTagging(call: ObjectCall): Promise<S3Response> {
  const tags = await readTagging(call.request, MAX_OBJECT_TAGS);
  await call.bucket.change(call.key, (object) => ({ ...found(object, call.key), tags }));
  return emptyResponse();
}

export async function getObjectTagging({ bucket, key }: ObjectCall): Promise<S3Response> {
  return tagging(found(bucket.get(key), key).tags ?? {});
}

export async function deleteObjectTagging({ bucket, key }: ObjectCall): Promise<S3Response> {
  await bucket.change(key, (object) => {
    const { tags: _, ...rest } = found(object, key);
    return rest;
  });
  return NO_CONTENT;
}

function found(object: StoredObject | undefined, key: string): StoredObject {
  if (object === undefined) throw new AwsError('NoSuchKey', { details: { Key: key } });
  return object;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html */
export async function putBucketTagging({ request, bucket }: BucketCall): Promise<S3Response> {
  await bucket.putTags(await readTagging(request, MAX_BUCKET_TAGS));
  return NO_CONTENT;
}

export async function getBucketTagging({ bucket }: BucketCall): Promise<S3Response> {
  if (bucket.tags === undefined) throw new AwsError('NoSuchTagSet', { details: { BucketName: bucket.name } });
  return tagging(bucket.tags);
}

export async function deleteBucketTagging({ bucket }: BucketCall): Promise<S3Response> {
  await bucket.putTags(undefined);
  return NO_CONTENT;
}

const tagging = (tags: Tags) =>
  xmlResponse('Tagging', { TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } });

async function readTagging(request: S3Request, maxTags: number): Promise<Tags> {
  const { TagSet: set } = decodeXml(await readDocument(request), 'Tagging');
  if (set === undefined) throw new AwsError('MalformedXML');
  const { Tag: tags = [] } = (typeof set === 'object' ? set : {}) as { readonly Tag?: unknown };
  return readTags((Array.isArray(tags) ? tags : [tags]) as readonly RawTag[], maxTags);
}

interface RawTag {
  readonly Key?: unknown;
  readonly Value?: unknown;
}

function readTags(raw: readonly RawTag[], maxTags: number): Tags {
  if (raw.length > maxTags) {
    const what = maxTags === MAX_BUCKET_TAGS ? 'Bucket tag count' : 'Object tags';
    throw new AwsError('BadRequest', { message: `${what} cannot be greater than ${maxTags}` });
  }
  const tags = new Map<string, string>();
  for (const [key, value] of raw.map(readTag)) {
    if (tags.has(key)) throw invalid('Cannot provide multiple Tags with the same key');
    tags.set(key, value);
  }
  return Object.fromEntries(tags);
}

function readTag({ Key, Value }: RawTag): readonly [key: string, value: string] {
  if (typeof Key !== 'string' || typeof Value !== 'string') throw new AwsError('MalformedXML');
  if (Key === '' || Key.length > MAX_KEY_CHARACTERS) throw invalid('The TagKey you have provided is invalid');
  if (Value.length > MAX_VALUE_CHARACTERS) throw invalid('The TagValue you have provided is invalid');
  return [Key, Value];
}

const invalid = (message: string) => new AwsError('InvalidTag', { message });
