import { ACCOUNT_ID, AwsError } from '@spillway/wire';
import { header, type S3Request } from './s3-request.ts';

/** Headers that ask for what is missing here, with the values that ask for nothing. */
const HEADERS: readonly (readonly [name: string, harmless?: RegExp])[] = [
  ['x-amz-acl', /^private$/],
  ['x-amz-bucket-object-lock-enabled', /^false$/i],
  ['x-amz-object-ownership', /^BucketOwnerEnforced$/],
  ['x-amz-server-side-encryption', /^AES256$/],
  ['x-amz-storage-class', /^STANDARD$/],
  ['x-amz-tagging'],
  ['x-amz-website-redirect-location'],
  ['x-amz-mfa'],
  ['x-amz-write-offset-bytes'],
];

const HEADER_PREFIXES = [
  'x-amz-copy-source',
  'x-amz-grant-',
  'x-amz-object-lock-',
  'x-amz-server-side-encryption-',
  'x-amz-if-match-',
  'x-amz-bypass-governance-retention',
];

/** Algorithms that S3 has and this store has not. */
const CHECKSUM_HEADERS = /^x-amz-checksum-(md5|sha512|xxhash64|xxhash3|xxhash128)$/;

/**
 * Refuses by name what would have an effect on S3 and has none here.
 * @throws AwsError `NotImplemented`; `AccessDenied` when the bucket is expected to be another account's.
 */
export function refuseUnsupported(request: S3Request): void {
  for (const name of Object.keys(request.headers)) {
    if (isUnsupported(name, header(request, name) ?? '')) throw notImplemented('Header', name);
  }
  const versionId = request.query.get('versionId');
  if (versionId !== undefined && versionId !== 'null') throw notImplemented('Query parameter', 'versionId');
  const owner = header(request, 'x-amz-expected-bucket-owner');
  if (owner !== undefined && owner !== ACCOUNT_ID) throw new AwsError('AccessDenied');
}

function isUnsupported(name: string, value: string): boolean {
  if (!name.startsWith('x-amz-')) return false;
  const listed = HEADERS.find(([header]) => header === name);
  if (listed !== undefined) return listed[1]?.test(value) !== true;
  return CHECKSUM_HEADERS.test(name) || HEADER_PREFIXES.some((prefix) => name.startsWith(prefix));
}

function notImplemented(what: string, name: string): AwsError {
  return new AwsError('NotImplemented', {
    message: `A header or query you provided implies functionality that is not implemented: ${name}`,
    details: { [what.replace(' ', '')]: name },
  });
}
