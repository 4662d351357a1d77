import { createHmac } from 'node:crypto';
import { AwsError } from '@spillway/wire';
import { percentDecode } from './request-target.ts';
import { doesNotMatch, equalText, headerValues, isoTime, type SignedRequest, signer } from './signed-request.ts';

/** Query parameters that the string to sign repeats. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html */
const SUBRESOURCES = new Set([
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'defaultObjectAcl',
  'delete',
  'inventory',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'replication',
  'requestPayment',
  'restore',
  'select',
  'select-type',
  'storageClass',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
]);

/** The access key id that signed. @throws AwsError as `verifySignature`. */
export function verifyQueryV2(signed: SignedRequest): string {
  const values = new Map(signed.target.query);
  const [accessKeyId, signature, expires] = ['AWSAccessKeyId', 'Signature', 'Expires'].map((name) => values.get(name));
  if (!accessKeyId || !signature || !expires) {
    throw new AwsError('AccessDenied', {
      message: 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    });
  }
  refuseExpired(expires, signed.nowMs);
  const { secretAccessKey } = signer(signed, accessKeyId, parameter(signed, 'x-amz-security-token'));
  const stringToSign = [
    signed.request.method,
    parameter(signed, 'content-md5') ?? '',
    parameter(signed, 'content-type') ?? '',
    expires,
    ...amazonHeaders(signed),
    canonicalResource(signed),
  ].join('\n');
  const expected = createHmac('sha1', secretAccessKey).update(stringToSign).digest('base64');
  if (!equalText(expected, signature)) throw doesNotMatch(accessKeyId, signature, stringToSign);
  return accessKeyId;
}

function refuseExpired(expires: string, nowMs: number): void {
  if (!/^\d{1,11}$/.test(expires)) {
    throw new AwsError('AccessDenied', { message: `Invalid date (should be seconds since epoch): ${expires}` });
  }
  const expiresAtMs = Number(expires) * 1000;
  if (expiresAtMs >= nowMs) return;
  throw new AwsError('AccessDenied', {
    message: 'Request has expired',
    details: { Expires: isoTime(expiresAtMs), ServerTime: isoTime(nowMs) },
  });
}

/** A header, or the query parameter that stands for it where the signer can't set headers. */
function parameter({ request, target }: SignedRequest, name: string): string | undefined {
  const values = headerValues(request, name);
  if (values.length > 0) return values.map((value) => value.trim()).join(',');
  return target.query.find(([queryName]) => queryName.toLowerCase() === name)?.[1];
}

function amazonHeaders(signed: SignedRequest): string[] {
  const { request, target } = signed;
  const names = [...Object.keys(request.headers), ...target.query.map(([name]) => name.toLowerCase())];
  return [...new Set(names.filter((name) => name.startsWith('x-amz-')))]
    .sort()
    .map((name) => `${name}:${parameter(signed, name)}`);
}

/** `/bucket/key` as sent, then the subresources, decoded. */
function canonicalResource({ target, options }: SignedRequest): string {
  const bucket = options.virtualHostBucket === undefined ? '' : `/${options.virtualHostBucket}`;
  const subresources = target.rawQuery
    .split('&')
    .map((pair) => pair.split(/=(.*)/s, 2))
    .filter(([name]) => name !== undefined && SUBRESOURCES.has(name))
    .sort(([name = ''], [otherName = '']) => (name < otherName ? -1 : 1))
    .map(([name, value]) => (value === undefined ? name : `${name}=${percentDecode(value)}`));
  return `${bucket}${target.rawPath}${subresources.length === 0 ? '' : `?${subresources.join('&')}`}`;
}
