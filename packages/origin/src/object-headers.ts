import { AwsError } from '@spillway/wire';
import { checksumHeader } from './checksum.ts';
import { header, headerText, type S3Request } from './s3-request.ts';
import type { StoredObject } from './stored-object.ts';

/** Kept with an object and sent back. */
const STORED_HEADERS = [
  'Content-Type',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Cache-Control',
  'Expires',
] as const;

const METADATA_PREFIX = 'x-amz-meta-';
/** Of names and values together. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MAX_METADATA_BYTES = 2048;
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';

/** Query parameters of GetObject and HeadObject that replace a header, by that header. */
const OVERRIDES: Readonly<Record<string, string>> = {
  'response-content-type': 'Content-Type',
  'response-content-disposition': 'Content-Disposition',
  'response-content-encoding': 'Content-Encoding',
  'response-content-language': 'Content-Language',
  'response-cache-control': 'Cache-Control',
  'response-expires': 'Expires',
};

/** The headers that an upload asks to be kept. `aws-chunked` is a framing, not a coding, and goes. @throws AwsError `MetadataTooLarge`. */
export function storedHeaders(request: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of STORED_HEADERS) {
    const value = header(request, name.toLowerCase());
    if (value !== undefined && value !== '') headers[name] = value;
  }
  const coding = withoutAwsChunked(headers['Content-Encoding']);
  delete headers['Content-Encoding'];
  if (coding !== '') headers['Content-Encoding'] = coding;
  return objectHeaders(headers, metadataOf(request));
}

function metadataOf(request: S3Request): Record<string, string> {
  const names = Object.keys(request.headers).filter((name) => name.startsWith(METADATA_PREFIX));
  return Object.fromEntries(names.map((name) => [name.slice(METADATA_PREFIX.length), header(request, name) ?? '']));
}

/** Adds user metadata and what is not given. @throws AwsError `MetadataTooLarge`. */
export function objectHeaders(
  headers: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = Object.entries(metadata);
  const sizeBytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (sizeBytes > MAX_METADATA_BYTES) {
    throw new AwsError('MetadataTooLarge', { details: { Size: sizeBytes, MaxSizeAllowed: MAX_METADATA_BYTES } });
  }
  return {
    'Content-Type': DEFAULT_CONTENT_TYPE,
    ...headers,
    ...Object.fromEntries(entries.map(([name, value]) => [`${METADATA_PREFIX}${name.toLowerCase()}`, value])),
  };
}

const withoutAwsChunked = (coding = '') =>
  coding
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'aws-chunked')
    .join(',');

/**
 * What the query replaces, by header.
 * @throws AwsError `InvalidRequest` for an anonymous caller, `InvalidArgument` for what no header can hold.
 */
export function overrides({ query, signature }: S3Request): Record<string, string> {
  const replaced: Record<string, string> = {};
  for (const [parameter, name] of Object.entries(OVERRIDES)) {
    const value = query.get(parameter);
    if (value === undefined) continue;
    if (signature.kind === 'anonymous') {
      throw new AwsError('InvalidRequest', {
        message: 'Request specific response headers cannot be used for anonymous GET requests.',
      });
    }
    replaced[name] = headerText(value, parameter);
  }
  return replaced;
}

/** Those that tell which version it is; all that a 304 has. */
export function validators({ eTag, lastModifiedMs, headers }: StoredObject): [string, string][] {
  const caching = ['Cache-Control', 'Expires'].flatMap((name): [string, string][] => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value]];
  });
  return [['ETag', `"${eTag}"`], ['Last-Modified', new Date(lastModifiedMs).toUTCString()], ...caching];
}

/** The checksum of the whole object, when it is asked for. */
export function checksumHeaders({ headers }: S3Request, { checksum }: StoredObject): [string, string][] {
  if (checksum === undefined || headers['x-amz-checksum-mode']?.toString().toUpperCase() !== 'ENABLED') return [];
  return [
    [checksumHeader(checksum.algorithm), checksum.value],
    ['x-amz-checksum-type', checksum.type],
  ];
}
