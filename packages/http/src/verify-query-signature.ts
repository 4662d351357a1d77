// Signature Version 4 in the query, for services other than S3. Same as AWS: canonical request, signed headers, scope, expiry, session tokens,
// checked with the SDK's signer. Missing: SigV4A.
import type { IncomingMessage } from 'node:http';
import { querySignature } from './claimed-signature.ts';
import type { CredentialStore } from './credentials.ts';
import { SERVICE_FAULTS } from './header-signature-faults.ts';
import { type VerifyHeaderOptions, verifyClaimedSignature } from './verify-claimed-signature.ts';

/**
 * Verifies the query signature of `request` whole; returns the access key id that signed. Not for S3, which signs in a way of its own.
 * @throws AwsError `IncompleteSignatureException`, `InvalidSignatureException`, `UnrecognizedClientException`, `ExpiredTokenException`.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifyQuerySignature(
  request: IncomingMessage,
  store: CredentialStore,
  options: VerifyHeaderOptions,
): string {
  const claimed = querySignature(request);
  return verifyClaimedSignature({ request, store, options, faults: SERVICE_FAULTS, claimed }).accessKeyId;
}
