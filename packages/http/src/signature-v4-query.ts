import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';
import { doesNotMatch, equalText, headerValues, isoTime, type SignedRequest, signer } from './signed-request.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** Seven days. */
const MAX_EXPIRES_SECONDS = 604_800;
/** How far ahead a signer's clock may be. */
const MAX_SKEW_MS = 900_000;

interface QueryParameters {
  readonly accessKeyId: string;
  /** `20261123/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  /** `20261123T101112Z`. */
  readonly date: string;
  readonly signedAtMs: number;
  readonly expiresSeconds: number;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
}

/** The access key id that signed. @throws AwsError as `verifySignature`. */
export function verifyQueryV4(signed: SignedRequest): string {
  const values = new Map(signed.target.query);
  const parameters = readParameters(values, signed.options.region);
  refuseOutsideItsTime(parameters, signed.nowMs);
  refuseUnsignedHeaders(signed.request, parameters.signedHeaders);
  const { secretAccessKey } = signer(signed, parameters.accessKeyId, parameters.sessionToken);
  const canonical = canonicalRequest(signed, parameters.signedHeaders, values.get('X-Amz-Content-Sha256'));
  const digest = createHash('sha256').update(canonical).digest('hex');
  const stringToSign = [ALGORITHM, parameters.date, parameters.scope, digest].join('\n');
  const key = parameters.scope
    .split('/')
    .reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  if (!equalText(hmac(key, stringToSign).toString('hex'), parameters.signature)) {
    throw doesNotMatch(parameters.accessKeyId, parameters.signature, stringToSign, canonical);
  }
  return parameters.accessKeyId;
}

function readParameters(values: ReadonlyMap<string, string>, region: string | undefined): QueryParameters {
  const names = ['Algorithm', 'Credential', 'Signature', 'Date', 'SignedHeaders', 'Expires'];
  const [algorithm, credential = '', signature = '', date = '', signedHeaders = '', expires = ''] = names.map((name) =>
    values.get(`X-Amz-${name}`),
  );
  if (names.some((name) => !values.get(`X-Amz-${name}`))) {
    throw malformed(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (algorithm !== ALGORITHM) throw malformed(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  const { accessKeyId, scope } = readCredential(credential, date, region);
  return {
    accessKeyId,
    scope,
    date,
    signedAtMs: readDate(date),
    expiresSeconds: readExpires(expires),
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    signature,
    sessionToken: values.get('X-Amz-Security-Token'),
  };
}

function readCredential(credential: string, date: string, region: string | undefined) {
  const [, accessKeyId, scope, day, itsRegion, service, terminal] =
    /^(.+)\/((\d{8})\/([^/]+)\/([^/]+)\/([^/]+))$/.exec(credential) ?? [];
  const wrong = (what: string) => malformed(`Error parsing the X-Amz-Credential parameter; ${what}`);
  if (accessKeyId === undefined || scope === undefined) {
    throw wrong('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
  }
  if (terminal !== 'aws4_request') {
    throw wrong(`incorrect terminal "${terminal}". This endpoint uses "aws4_request".`);
  }
  if (service !== 's3') throw wrong(`incorrect service "${service}". This endpoint belongs to "s3".`);
  if (region !== undefined && itsRegion !== region) {
    throw malformed(
      `Error parsing the X-Amz-Credential parameter; the region '${itsRegion}' is wrong; expecting '${region}'`,
      {
        Region: region,
      },
    );
  }
  if (day !== date.slice(0, 8)) {
    throw malformed(
      `Invalid credential date "${day}". This date is not the same as X-Amz-Date: "${date.slice(0, 8)}".`,
    );
  }
  return { accessKeyId, scope };
}

function readDate(date: string): number {
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const timeMs = Date.parse(iso);
  if (iso === date || Number.isNaN(timeMs)) {
    throw malformed(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`);
  }
  return timeMs;
}

function readExpires(expires: string): number {
  if (!/^-?\d+$/.test(expires)) throw malformed('X-Amz-Expires should be a number');
  const seconds = Number(expires);
  if (seconds < 0) throw malformed('X-Amz-Expires must be non-negative');
  if (seconds > MAX_EXPIRES_SECONDS) {
    throw malformed(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${MAX_EXPIRES_SECONDS} seconds`,
    );
  }
  return seconds;
}

function refuseOutsideItsTime({ signedAtMs, expiresSeconds }: QueryParameters, nowMs: number): void {
  const expiresAtMs = signedAtMs + expiresSeconds * 1000;
  if (signedAtMs - MAX_SKEW_MS > nowMs) {
    throw new AwsError('AccessDenied', {
      message: 'Request is not valid yet',
      details: { ServerTime: isoTime(nowMs) },
    });
  }
  if (expiresAtMs >= nowMs) return;
  throw new AwsError('AccessDenied', {
    message: 'Request has expired',
    details: { 'X-Amz-Expires': expiresSeconds, Expires: isoTime(expiresAtMs), ServerTime: isoTime(nowMs) },
  });
}

/** S3 wants `host` signed, and every `x-amz-` header that was sent. */
function refuseUnsignedHeaders(request: IncomingMessage, signedHeaders: readonly string[]): void {
  const unsigned = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))].filter(
    (name) => !signedHeaders.includes(name),
  );
  if (unsigned.length === 0) return;
  throw new AwsError('AccessDenied', {
    message: 'There were headers present in the request which were not signed',
    details: { HeadersNotSigned: unsigned.join(', ') },
  });
}

function canonicalRequest(
  signed: SignedRequest,
  signedHeaders: readonly string[],
  queryHash: string | undefined,
): string {
  const { request, target } = signed;
  const contentSha256 = request.headers['x-amz-content-sha256'];
  return [
    request.method ?? '',
    canonicalPath(target.rawPath),
    canonicalQuery(target.rawQuery),
    ...signedHeaders.map((name) => `${name}:${canonicalHeader(request, name)}`),
    '',
    signedHeaders.join(';'),
    (typeof contentSha256 === 'string' ? contentSha256 : queryHash) ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
}

/** Encoded once and not normalised: S3 alone does so. */
const canonicalPath = (rawPath: string) => rawPath.split('/').map(encodeOnce).join('/');

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
  if (/^[\w.~-]*$/.test(raw)) return raw;
  const bytes = Buffer.from(
    raw.replace(/%[0-9a-f]{2}/gi, (sequence) => String.fromCharCode(Number.parseInt(sequence.slice(1), 16))),
    'latin1',
  );
  let encoded = '';
  for (const byte of bytes) {
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

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

const malformed = (message: string, details: Record<string, string> = {}) =>
  new AwsError('AuthorizationQueryParametersError', { message, details });
