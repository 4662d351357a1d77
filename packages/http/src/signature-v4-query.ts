import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';
import {
  ALGORITHM,
  canonicalRequest,
  MAX_SKEW_MS,
  readBasicTime,
  s3CanonicalPath,
  signatureOf,
  stringToSign,
} from './signature-v4.ts';
import {
  doesNotMatch,
  equalText,
  isoTime,
  refuseUnsignedHeaders,
  type SignedRequest,
  signer,
} from './signed-request.ts';

/** Seven days. */
const MAX_EXPIRES_SECONDS = 604_800;

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
  const canonical = canonicalRequest({
    request: signed.request,
    path: s3CanonicalPath(signed.target.rawPath),
    rawQuery: signed.target.rawQuery,
    signedHeaders: parameters.signedHeaders,
    payloadSha256: payloadSha256(signed.request, values.get('X-Amz-Content-Sha256')),
  });
  const text = stringToSign({ ...parameters, canonicalRequest: canonical });
  if (!equalText(signatureOf(secretAccessKey, parameters.scope, text), parameters.signature)) {
    throw doesNotMatch(parameters.accessKeyId, parameters.signature, text, canonical);
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
  const timeMs = readBasicTime(date);
  if (timeMs !== undefined) return timeMs;
  throw malformed(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`);
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

function payloadSha256({ headers }: IncomingMessage, queryHash: string | undefined): string {
  const header = headers['x-amz-content-sha256'];
  return (typeof header === 'string' ? header : queryHash) ?? 'UNSIGNED-PAYLOAD';
}

const malformed = (message: string, details: Record<string, string> = {}) =>
  new AwsError('AuthorizationQueryParametersError', { message, details });
