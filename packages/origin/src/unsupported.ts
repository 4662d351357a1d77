import { ACCOUNT_ID, AwsError } from '@spillway/wire';
import { CHECKSUM_ALGORITHMS } from './checksum.ts';
import { header, type S3Request } from './s3-request.ts';

/** Headers that may ask for what is missing here, with the values that ask for nothing. */
const HEADERS: readonly (readonly [name: string, harmless: RegExp])[] = [
  ['x-amz-acl', /^private$/],
  ['x-amz-bucket-object-lock-enabled', /^false$/i],
  ['x-amz-object-ownership', /^BucketOwnerEnforced$/],
  ['x-amz-server-side-encryption', /^AES256$/],
  ['x-amz-storage-class', /^STANDARD$/],
];

/** Headers that have effect here, or that have none on a store of one account. Any other, also one that AWS adds later, is refused. */
const KNOWN_HEADERS: ReadonlySet<string> = new Set([
  ...['algorithm', 'content-sha256', 'credential', 'date', 'expires', 'security-token', 'signature', 'signedheaders'],
  ...['checksum-algorithm', 'checksum-mode', 'checksum-type', 'decoded-content-length', 'mp-object-size', 'trailer'],
  ...['sdk-checksum-algorithm', 'expected-bucket-owner', 'request-payer', 'confirm-remove-self-bucket-access'],
  ...['user-agent', 'cf-id', 'bypass-governance-retention', 'object-attributes', 'max-parts', 'part-number-marker'],
  ...['copy-source', 'copy-source-range', 'metadata-directive', 'tagging', 'tagging-directive'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'].map((name) => `copy-source-${name}`),
  'source-expected-bucket-owner',
  ...CHECKSUM_ALGORITHMS.map((algorithm) => `checksum-${algorithm.toLowerCase()}`),
]);

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
  if (listed !== undefined) return !listed[1].test(value);
  return !name.startsWith('x-amz-meta-') && !KNOWN_HEADERS.has(name.slice('x-amz-'.length));
}

function notImplemented(what: string, name: string): AwsError {
  return new AwsError('NotImplemented', {
    message: `A header or query you provided implies functionality that is not implemented: ${name}`,
    details: { [what.replace(' ', '')]: name },
  });
}
