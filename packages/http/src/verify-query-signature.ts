// Signature Version 4 in the query, for services other than S3. Same as AWS: canonical request, signed headers, scope, expiry, session tokens,
// checked with the SDK's signer. Missing: SigV4A.
import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';
import type { CredentialStore } from './credentials.ts';
import { requestTarget } from './request-target.ts';
import {
  ALGORITHM,
  canonicalPath,
  canonicalRequest,
  MAX_SKEW_MS,
  readBasicTime,
  signatureOf,
  stringToSign,
} from './signature-v4.ts';
import { equalText, signer } from './signed-request.ts';
import type { VerifyHeaderOptions } from './verify-header-signature.ts';

/** Seven days. */
const MAX_EXPIRES_SECONDS = 604_800;

/**
 * Verifies the query signature of `request` whole; returns the access key id that signed. Not for S3, which signs in a way of its own.
 * @throws AwsError `IncompleteSignatureException`, `InvalidSignatureException`, `UnrecognizedClientException`, `ExpiredTokenException`.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifyQuerySignature(
  request: IncomingMessage,
  store: CredentialStore,
  { service, region, payloadSha256 = NO_BODY_SHA256, nowMs = Date.now() }: VerifyHeaderOptions,
): string {
  const { rawPath, rawQuery, query } = requestTarget(request);
  const values = new Map(query);
  const { accessKeyId, scope, date, signedHeaders, signature } = readParameters(values, service, region, nowMs);
  const { secretAccessKey } = signerOf(store, nowMs, accessKeyId, values.get('X-Amz-Security-Token'));
  const canonical = canonicalRequest({ request, path: canonicalPath(rawPath), rawQuery, signedHeaders, payloadSha256 });
  const text = stringToSign({ date, scope, canonicalRequest: canonical });
  if (equalText(signatureOf(secretAccessKey, scope, text), signature)) return accessKeyId;
  throw invalid(
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  );
}

const NO_BODY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function readParameters(
  values: ReadonlyMap<string, string>,
  service: string,
  region: string | undefined,
  nowMs: number,
) {
  const value = (name: string) => {
    const found = values.get(`X-Amz-${name}`);
    if (found) return found;
    throw incomplete(`AWS query-string parameters must include 'X-Amz-${name}'.`);
  };
  if (value('Algorithm') !== ALGORITHM) throw incomplete(`X-Amz-Algorithm must be ${ALGORITHM}.`);
  const [, accessKeyId, scope, day, itsRegion, itsService, terminator] =
    /^(.+)\/(([^/]+)\/([^/]+)\/([^/]+)\/([^/]+))$/.exec(value('Credential')) ?? [];
  if (accessKeyId === undefined || scope === undefined) {
    throw incomplete('Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term');
  }
  const date = value('Date');
  if (terminator !== 'aws4_request')
    throw invalid("Credential should be scoped with a valid terminator: 'aws4_request'.");
  if (itsService !== service) throw invalid(`Credential should be scoped to correct service: '${service}'.`);
  if (region !== undefined && itsRegion !== region) throw invalid('Credential should be scoped to a valid region.');
  if (day !== date.slice(0, 8)) throw invalid('Date in Credential scope does not match YYYYMMDD from X-Amz-Date.');
  refuseOutsideItsTime(date, value('Expires'), nowMs);
  const signedHeaders = value('SignedHeaders').toLowerCase().split(';');
  if (!signedHeaders.includes('host')) throw invalid("'Host' or ':authority' must be a 'SignedHeader'.");
  return { accessKeyId, scope, date, signedHeaders, signature: value('Signature') };
}

function refuseOutsideItsTime(date: string, expires: string, nowMs: number): void {
  const signedAtMs = readBasicTime(date);
  const expiresSeconds = /^\d{1,6}$/.test(expires) ? Number(expires) : Number.NaN;
  if (signedAtMs === undefined) throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${date}'.`);
  if (!(expiresSeconds <= MAX_EXPIRES_SECONDS)) {
    throw incomplete(`X-Amz-Expires must be a number of seconds from 0 to ${MAX_EXPIRES_SECONDS}.`);
  }
  if (signedAtMs - MAX_SKEW_MS > nowMs) throw invalid(`Signature not yet current: ${date} is still in the future.`);
  if (signedAtMs + expiresSeconds * 1000 < nowMs)
    throw invalid(`Signature expired: ${date} and ${expires} s are over.`);
}

function signerOf(store: CredentialStore, nowMs: number, accessKeyId: string, sessionToken: string | undefined) {
  try {
    return signer({ store, nowMs }, accessKeyId, sessionToken);
  } catch (error) {
    const hasExpired = error instanceof AwsError && error.code === 'ExpiredToken';
    throw new AwsError(hasExpired ? 'ExpiredTokenException' : 'UnrecognizedClientException', { cause: error });
  }
}

const invalid = (message: string) => new AwsError('InvalidSignatureException', { message });
const incomplete = (message: string) => new AwsError('IncompleteSignatureException', { message });
