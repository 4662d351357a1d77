// Signature Version 4 in the Authorization header. Same as AWS: canonical request, signed headers, scope, 15 minutes of clock skew, session
// tokens (checked with the SDK's signer, botocore's and curl's), S3's rules for S3 and the common ones for other services, each with its own
// errors; the chunks and the trailer of an upload to S3 that are signed one by one (AWS's examples, and uploads of its SDK for Java and of
// minio-go). Missing: SigV4A and version 2 (refused).
import type { IncomingMessage } from 'node:http';
import { ChunkSignatures } from './chunk-signatures.ts';
import { headerSignature } from './claimed-signature.ts';
import type { CredentialStore } from './credentials.ts';
import { S3_FAULTS, SERVICE_FAULTS } from './header-signature-faults.ts';
import { signingKey } from './signature-v4.ts';
import { type VerifyHeaderOptions, verifyClaimedSignature } from './verify-claimed-signature.ts';

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
  const faults = options.service === 's3' ? S3_FAULTS : SERVICE_FAULTS;
  return verifyClaimedSignature({ request, store, options, faults, claimed: headerSignature(request, faults) })
    .accessKeyId;
}

/**
 * Verifies the `Authorization` header of a request to S3; returns what the signatures in its body are verified with, if there are any.
 * @throws AwsError as `verifyHeaderSignature` does for S3.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function verifyUploadSignature(
  request: IncomingMessage,
  store: CredentialStore,
  options: Omit<VerifyHeaderOptions, 'service' | 'payloadSha256'>,
): ChunkSignatures | undefined {
  const claimed = headerSignature(request, S3_FAULTS);
  const { accessKeyId, secretAccessKey } = verifyClaimedSignature({
    request,
    store,
    options: { ...options, service: 's3' },
    faults: S3_FAULTS,
    claimed,
  });
  const payload = request.headers['x-amz-content-sha256'];
  if (payload !== SIGNED_CHUNKS && payload !== SIGNED_CHUNKS_AND_TRAILER) return undefined;
  return new ChunkSignatures({
    ...claimed,
    accessKeyId,
    key: signingKey(secretAccessKey, claimed.scope),
    hasTrailer: payload === SIGNED_CHUNKS_AND_TRAILER,
  });
}

const SIGNED_CHUNKS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const SIGNED_CHUNKS_AND_TRAILER = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
