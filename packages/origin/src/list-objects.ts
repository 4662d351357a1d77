// ListObjectsV2 and ListObjects. Same as S3: keys in the order of their UTF-8 bytes, prefix, delimiter, start-after or marker,
// max-keys up to 1000, continuation tokens, encoding-type=url (checked with the AWS CLI and the SDK). Tokens are opaque, and not S3's.
import { AwsError } from '@spillway/wire';
import { OWNER } from './bucket-operations.ts';
import { type BucketCall, type S3Response, xmlResponse } from './operation.ts';
import type { StoredObject } from './stored-object.ts';
import type { XmlNode } from './xml.ts';

const MAX_KEYS = 1000;

interface Listing {
  readonly objects: readonly StoredObject[];
  readonly commonPrefixes: readonly string[];
  /** The last key or prefix listed, when there is more. */
  readonly next: string | undefined;
}

interface ListOptions {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Keys up to this one are left out, and so are those under it if it is a common prefix. */
  readonly after: string;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export async function listObjectsV2({ request: { query }, bucket }: BucketCall): Promise<S3Response> {
  const options = readOptions(query);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const listing = list(bucket, { ...options, after: token === undefined ? startAfter : fromToken(token) });
  const encode = keyEncoding(query);
  const withOwner = query.get('fetch-owner') === 'true';
  return xmlResponse('ListBucketResult', {
    Name: bucket.name,
    Prefix: encode(options.prefix),
    StartAfter: query.has('start-after') ? encode(startAfter) : undefined,
    Delimiter: optional(options.delimiter, encode),
    EncodingType: query.get('encoding-type'),
    MaxKeys: options.maxKeys,
    KeyCount: listing.objects.length + listing.commonPrefixes.length,
    IsTruncated: listing.next !== undefined,
    ContinuationToken: token,
    NextContinuationToken: listing.next === undefined ? undefined : toToken(listing.next),
    Contents: listing.objects.map((object) => contents(object, encode, withOwner)),
    CommonPrefixes: listing.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export async function listObjects({ request: { query }, bucket }: BucketCall): Promise<S3Response> {
  const options = readOptions(query);
  const marker = query.get('marker') ?? '';
  const listing = list(bucket, { ...options, after: marker });
  const encode = keyEncoding(query);
  const hasNextMarker = listing.next !== undefined && options.delimiter !== '';
  return xmlResponse('ListBucketResult', {
    Name: bucket.name,
    Prefix: encode(options.prefix),
    Marker: encode(marker),
    NextMarker: hasNextMarker ? encode(listing.next ?? '') : undefined,
    Delimiter: optional(options.delimiter, encode),
    EncodingType: query.get('encoding-type'),
    MaxKeys: options.maxKeys,
    IsTruncated: listing.next !== undefined,
    Contents: listing.objects.map((object) => contents(object, encode, true)),
    CommonPrefixes: listing.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  });
}

function readOptions(query: ReadonlyMap<string, string>): Omit<ListOptions, 'after'> {
  const maxKeys = query.get('max-keys') ?? String(MAX_KEYS);
  if (!/^\d{1,10}$/.test(maxKeys))
    throw invalid('max-keys', maxKeys, 'Provided max-keys not an integer or within integer range');
  const encodingType = query.get('encoding-type');
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalid('encoding-type', encodingType, 'Invalid Encoding Method specified in Request');
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: Math.min(Number(maxKeys), MAX_KEYS),
  };
}

function list(bucket: BucketCall['bucket'], options: ListOptions): Listing {
  const objects: StoredObject[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  for (const { name, isPrefix } of entries(bucket.keys(), options)) {
    // With max-keys 0 nothing is listed, and there is nothing to go on from.
    if (objects.length + commonPrefixes.length >= options.maxKeys) return { objects, commonPrefixes, next: last };
    const object = isPrefix ? undefined : bucket.get(name);
    if (object !== undefined) objects.push(object);
    else commonPrefixes.push(name);
    last = name;
  }
  return { objects, commonPrefixes, next: undefined };
}

/** Keys and common prefixes, in order, each once. */
function* entries(keys: readonly string[], { prefix, delimiter, after }: ListOptions) {
  let last = after;
  for (let index = firstIndex(keys, prefix, after); index < keys.length; index += 1) {
    const key = keys[index];
    if (key === undefined || !key.startsWith(prefix)) return;
    const commonPrefix = commonPrefixOf(key, prefix, delimiter);
    if (commonPrefix !== undefined && commonPrefix === last) continue;
    last = commonPrefix ?? key;
    yield { name: last, isPrefix: commonPrefix !== undefined };
  }
}

function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** Of the first key that is after `after` and not before `prefix`. */
function firstIndex(keys: readonly string[], prefix: string, after: string): number {
  const [prefixBytes, afterBytes] = [Buffer.from(prefix), Buffer.from(after)];
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const key = Buffer.from(keys[middle] ?? '');
    const isBefore = key.compare(prefixBytes) < 0 || (after !== '' && key.compare(afterBytes) <= 0);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}

function contents(object: StoredObject, encode: (key: string) => string, withOwner: boolean): XmlNode {
  const { checksum } = object;
  return {
    Key: encode(object.key),
    LastModified: new Date(object.lastModifiedMs).toISOString(),
    ETag: `"${object.eTag}"`,
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
    Size: object.sizeBytes,
    Owner: withOwner ? OWNER : undefined,
    StorageClass: 'STANDARD',
  };
}

/** `encoding-type=url`: as S3 encodes, where `/` stays. */
export function keyEncoding(query: ReadonlyMap<string, string>): (text: string) => string {
  if (query.get('encoding-type') !== 'url') return (text) => text;
  return (text) =>
    encodeURIComponent(text)
      .replaceAll('%2F', '/')
      .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

const optional = (text: string, encode: (text: string) => string) => (text === '' ? undefined : encode(text));

const toToken = (key: string) => Buffer.from(`1${key}`).toString('base64url');

function fromToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('1')) throw invalid('continuation-token', token, 'The continuation token provided is incorrect');
  return text.slice(1);
}

const invalid = (name: string, value: string, message: string) =>
  new AwsError('InvalidArgument', { message, details: { ArgumentName: name, ArgumentValue: value } });
