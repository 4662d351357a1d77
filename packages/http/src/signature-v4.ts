import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { headerValues } from './signed-request.ts';

/** The parts of Signature Version 4 that do not depend on where the signature stands. */
export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** How far a signer's clock may be from ours. */
export const MAX_SKEW_MS = 900_000;

/** What the signer is supposed to have signed, and what comes out of it with a given key. */
export interface StringToSign {
  /** `20261123T101112Z`. */
  readonly date: string;
  /** `20261123/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  readonly canonicalRequest: string;
}

export function stringToSign({ date, scope, canonicalRequest }: StringToSign): string {
  return [ALGORITHM, date, scope, createHash('sha256').update(canonicalRequest).digest('hex')].join('\n');
}

/** Hexadecimal. */
export function signatureOf(secretAccessKey: string, scope: string, text: string): string {
  return signatureBy(signingKey(secretAccessKey, scope), text);
}

/** Hexadecimal. */
export const signatureBy = (key: Buffer, text: string): string => hmac(key, text).toString('hex');

/** Good for one day, Region and service. */
export const signingKey = (secretAccessKey: string, scope: string): Buffer =>
  scope.split('/').reduce((key, part) => hmac(key, part), Buffer.from(`AWS4${secretAccessKey}`));

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();

export interface CanonicalParts {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly rawQuery: string;
  /** In lower case, as the signer listed them. */
  readonly signedHeaders: readonly string[];
  readonly payloadSha256: string;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request */
export function canonicalRequest({ request, path, rawQuery, signedHeaders, payloadSha256 }: CanonicalParts): string {
  return [
    request.method ?? '',
    path,
    canonicalQuery(rawQuery),
    ...signedHeaders.map((name) => `${name}:${canonicalHeader(request, name)}`),
    '',
    signedHeaders.join(';'),
    payloadSha256,
  ].join('\n');
}

/** Encoded once and not normalised: S3 alone does so. */
export const s3CanonicalPath = (rawPath: string): string => rawPath.split('/').map(encodeOnce).join('/');

/** Dots and doubled slashes resolved, then each segment, encoded as it came, encoded again. */
export function canonicalPath(rawPath: string): string {
  const segments: string[] = [];
  for (const segment of rawPath.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const end = segments.length > 0 && rawPath.endsWith('/') ? '/' : '';
  return `/${segments.map((segment) => encode(segment)).join('/')}${end}`;
}

function canonicalQuery(rawQuery: string): string {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0
        ? [encodeOnce(pair), '']
        : [encodeOnce(pair.slice(0, equals)), encodeOnce(pair.slice(equals + 1))];
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([name, value], [otherName, otherValue]) => order(name, otherName) || order(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const order = (one = '', other = '') => (one === other ? 0 : one < other ? -1 : 1);

/** However the sender escaped it: each byte that is not unreserved as `%XX`. Works on bytes, since a path need not be UTF-8. */
function encodeOnce(raw: string): string {
  return encode(
    raw.replace(/%[0-9a-f]{2}/gi, (sequence) => String.fromCharCode(Number.parseInt(sequence.slice(1), 16))),
  );
}

/** `latin1`: one character a byte. */
function encode(latin1: string): string {
  if (/^[\w.~-]*$/.test(latin1)) return latin1;
  let encoded = '';
  for (const byte of Buffer.from(latin1, 'latin1')) {
    const character = String.fromCharCode(byte);
    encoded += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function canonicalHeader(request: IncomingMessage, name: string): string {
  return headerValues(request, name)
    .map((value) => value.trim().replace(/ +/g, ' '))
    .join(',');
}

/** The time of `20261123T101112Z`; undefined for what is none. */
export function readBasicTime(date: string): number | undefined {
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const timeMs = Date.parse(iso);
  return iso === date || Number.isNaN(timeMs) ? undefined : timeMs;
}

/** `20261123T101112Z` */
export const basicTime = (timeMs: number): string => new Date(timeMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
