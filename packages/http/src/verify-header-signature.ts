// Signature Version 4 in the Authorization header. Same as AWS: canonical request, signed headers, scope, 15 minutes of clock skew, session
// tokens (checked with the SDK's signer, botocore's and curl's), S3's rules for S3 and the common ones for other services, each with its own
// errors. Missing: SigV4A and version 2 (refused), the chunk signatures of STREAMING-AWS4-HMAC-SHA256-PAYLOAD (only the head's is verified).
import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';
import { authorizationScheme, authorizationV4 } from './authorization-header.ts';
import type { CredentialStore, Credentials } from './credentials.ts';
import { type HeaderSignatureFaults, S3_FAULTS, SERVICE_FAULTS } from './header-signature-faults.ts';
import { requestTarget } from './request-target.ts';
import {
  ALGORITHM,
  basicTime,
  canonicalPath,
  canonicalRequest,
  MAX_SKEW_MS,
  readBasicTime,
  s3CanonicalPath,
  signatureOf,
  stringToSign,
} from './signature-v4.ts';
import { equalText, refuseUnsignedHeaders, signer } from './signed-request.ts';

export interface VerifyHeaderOptions {
  /** The name in the signature's scope: `s3`, `lambda`, `execute-api`. */
  readonly service: string;
  /** Region that the signature must be for. Undefined: any. */
  readonly region?: string;
  /** Of the body, hexadecimal. Undefined: there is none; for S3: it is what `x-amz-content-sha256` says, which the caller checks as it reads. */
  readonly payloadSha256?: string;
  /** The time that expiry is judged by, milliseconds since 1970. Default: now. */
  readonly nowMs?: number;
}

/**
 * Verifies the `Authorization` header of `request` whole; returns the access key id that signed.
 * @throws AwsError for S3 `AccessDenied`, `AuthorizationHeaderMalformed`, `InvalidRequest`, `RequestTimeTooSkewed`, `InvalidAccessKeyId`,
 * `ExpiredToken`, `InvalidToken`, `SignatureDoesNotMatch`; for other services `MissingAuthenticationTokenException`,
 * `IncompleteSignatureException`, `InvalidSignatureException`, `UnrecognizedClientException`, `ExpiredTokenException`.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifyHeaderSignature(
  request: IncomingMessage,
  store: CredentialStore,
  options: VerifyHeaderOptions,
): string {
  const isS3 = options.service === 's3';
  const faults = isS3 ? S3_FAULTS : SERVICE_FAULTS;
  const nowMs = options.nowMs ?? Date.now();
  const signature = readSignature(request, faults);
  assertScope(signature, options, faults);
  if (Math.abs(signature.signedAtMs - nowMs) > MAX_SKEW_MS) {
    throw faults.skewed(signature.date, signature.signedAtMs, nowMs);
  }
  if (!signature.signedHeaders.includes('host')) throw faults.unsignedHost();
  if (isS3) refuseUnsignedHeaders(request, signature.signedHeaders);
  const { secretAccessKey } = credentialsOf(request, store, signature.accessKeyId, nowMs, faults);
  const { rawPath, rawQuery } = requestTarget(request);
  const canonical = canonicalRequest({
    request,
    path: isS3 ? s3CanonicalPath(rawPath) : canonicalPath(rawPath),
    rawQuery,
    signedHeaders: signature.signedHeaders,
    payloadSha256: options.payloadSha256 ?? (isS3 ? announcedSha256(request) : NO_BODY_SHA256),
  });
  const text = stringToSign({ ...signature, canonicalRequest: canonical });
  if (!equalText(signatureOf(secretAccessKey, signature.scope, text), signature.signature)) {
    throw faults.mismatch({ ...signature, stringToSign: text, canonicalRequest: canonical });
  }
  return signature.accessKeyId;
}

const NO_BODY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

interface HeaderSignature {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly scopeParts: readonly string[];
  readonly date: string;
  readonly signedAtMs: number;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

function readSignature(request: IncomingMessage, faults: HeaderSignatureFaults): HeaderSignature {
  const header = request.headers.authorization;
  if (header === undefined) throw faults.missing();
  const [scheme, rest] = authorizationScheme(header);
  const parsed = scheme === ALGORITHM ? authorizationV4(rest) : undefined;
  if (parsed === undefined) throw faults.otherScheme(header);
  const { credential, signedHeaders, signature } = parsed;
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    const parts = { Credential: credential, SignedHeaders: signedHeaders, Signature: signature };
    throw faults.incomplete(
      header,
      Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [name] : [])),
    );
  }
  const [, accessKeyId, scope] = /^(.+)\/([^/]+\/[^/]+\/[^/]+\/[^/]+)$/.exec(credential) ?? [];
  if (accessKeyId === undefined || scope === undefined) throw faults.badCredential();
  const signedAtMs = requestTime(request);
  if (signedAtMs === undefined) throw faults.noDate(header);
  return {
    accessKeyId,
    scope,
    scopeParts: scope.split('/'),
    date: basicTime(signedAtMs),
    signedAtMs,
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    signature,
  };
}

function requestTime({ headers }: IncomingMessage): number | undefined {
  const date = headers['x-amz-date'] ?? headers.date;
  if (typeof date !== 'string') return undefined;
  const basic = readBasicTime(date);
  if (basic !== undefined) return basic;
  const timeMs = Date.parse(date);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function assertScope(
  { scopeParts, date }: HeaderSignature,
  { service, region }: VerifyHeaderOptions,
  faults: HeaderSignatureFaults,
): void {
  const [day = '', itsRegion = '', itsService = '', terminator = ''] = scopeParts;
  if (terminator !== 'aws4_request') throw faults.badTerminator(terminator);
  if (itsService !== service) throw faults.badService(itsService, service);
  if (region !== undefined && itsRegion !== region) throw faults.badRegion(itsRegion, region);
  if (day !== date.slice(0, 8)) throw faults.badDay(day, date);
}

function credentialsOf(
  request: IncomingMessage,
  store: CredentialStore,
  accessKeyId: string,
  nowMs: number,
  faults: HeaderSignatureFaults,
): Credentials {
  const token = request.headers['x-amz-security-token'];
  try {
    return signer({ store, nowMs }, accessKeyId, typeof token === 'string' ? token : undefined);
  } catch (error) {
    throw error instanceof AwsError ? faults.badCredentials(error) : error;
  }
}

/** Of S3: `UNSIGNED-PAYLOAD` and `STREAMING-...` are signed as they stand. */
function announcedSha256({ headers }: IncomingMessage): string {
  const announced = headers['x-amz-content-sha256'];
  if (typeof announced === 'string') return announced;
  throw new AwsError('InvalidRequest', { message: 'Missing required header for this request: x-amz-content-sha256' });
}
