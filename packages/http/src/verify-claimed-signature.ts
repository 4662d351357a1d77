import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';
import type { ClaimedSignature } from './claimed-signature.ts';
import type { CredentialStore, Credentials } from './credentials.ts';
import type { HeaderSignatureFaults } from './header-signature-faults.ts';
import { requestTarget } from './request-target.ts';
import {
  canonicalPath,
  canonicalRequest,
  MAX_SKEW_MS,
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

/** A claimed signature, and all that it is verified with. */
export interface Verification {
  readonly request: IncomingMessage;
  readonly store: CredentialStore;
  readonly options: VerifyHeaderOptions;
  readonly faults: HeaderSignatureFaults;
  readonly claimed: ClaimedSignature;
}

/** @returns whose signature it is. @throws AwsError in the words of `faults`. */
export function verifyClaimedSignature(verification: Verification): Credentials {
  const { request, options, faults, claimed } = verification;
  const isS3 = options.service === 's3';
  assertScope(verification);
  assertInTime(verification);
  if (!claimed.signedHeaders.includes('host')) throw faults.unsignedHost();
  if (isS3) refuseUnsignedHeaders(request, claimed.signedHeaders);
  const credentials = credentialsOf(verification);
  const { rawPath, rawQuery } = requestTarget(request);
  const canonical = canonicalRequest({
    request,
    path: isS3 ? s3CanonicalPath(rawPath) : canonicalPath(rawPath),
    rawQuery,
    signedHeaders: claimed.signedHeaders,
    payloadSha256: options.payloadSha256 ?? (isS3 ? announcedSha256(request) : NO_BODY_SHA256),
  });
  const text = stringToSign({ ...claimed, canonicalRequest: canonical });
  if (!equalText(signatureOf(credentials.secretAccessKey, claimed.scope, text), claimed.signature)) {
    throw faults.mismatch({ ...claimed, stringToSign: text, canonicalRequest: canonical });
  }
  return credentials;
}

const NO_BODY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function assertScope({ claimed: { scope, date }, options: { service, region }, faults }: Verification): void {
  const [day = '', itsRegion = '', itsService = '', terminator = ''] = scope.split('/');
  if (terminator !== 'aws4_request') throw faults.badTerminator(terminator);
  if (itsService !== service) throw faults.badService(itsService, service);
  if (region !== undefined && itsRegion !== region) throw faults.badRegion(itsRegion, region);
  if (day !== date.slice(0, 8)) throw faults.badDay(day, date);
}

function assertInTime({ claimed, options, faults }: Verification): void {
  const { date, signedAtMs, lifetimeMs } = claimed;
  const nowMs = options.nowMs ?? Date.now();
  if (signedAtMs - nowMs > MAX_SKEW_MS) throw faults.skewed(date, signedAtMs, nowMs, MAX_SKEW_MS);
  if (nowMs - signedAtMs > lifetimeMs) throw faults.skewed(date, signedAtMs, nowMs, lifetimeMs);
}

function credentialsOf({ store, options, faults, claimed }: Verification): Credentials {
  const nowMs = options.nowMs ?? Date.now();
  try {
    return signer({ store, nowMs }, claimed.accessKeyId, claimed.sessionToken);
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
