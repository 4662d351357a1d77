// Signature Version 4 in the Authorization header. Same as AWS: canonical request, signed headers, scope, 15 minutes of clock skew, session
// tokens (checked with the SDK's signer, botocore's and curl's), S3's rules for S3 and the common ones for other services, each with its own
// errors. Missing: SigV4A and version 2 (refused), the chunk signatures of STREAMING-AWS4-HMAC-SHA256-PAYLOAD (only the head's is verified).
import type { IncomingMessage } from 'node:http';
import { headerSignature } from './claimed-signature.ts';
import type { CredentialStore } from './credentials.ts';
import { S3_FAULTS, SERVICE_FAULTS } from './header-signature-faults.ts';
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
  return verifyClaimedSignature({ request, store, options, faults, claimed: headerSignature(request, faults) });
}
