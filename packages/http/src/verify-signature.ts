// Who signed a request to Amazon S3. Same as S3: query signatures, versions 4 and 2, are verified whole (signature, expiry, clock,
// session token; checked against AWS's own signers), with S3's errors. On purpose: a signature in the Authorization header is
// read but not verified here, so any key may call; verify-header-signature.ts verifies it, when that is asked for. Missing: SigV4A (AWS4-ECDSA-P256-SHA256; 501 NotImplemented), POST policies.
import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';
import { readAuthorization } from './authorization-header.ts';
import type { CredentialStore } from './credentials.ts';
import { type RequestTarget, requestTarget } from './request-target.ts';
import { verifyQueryV2 } from './signature-v2-query.ts';
import { verifyQueryV4 } from './signature-v4-query.ts';
import type { VerifyOptions } from './signed-request.ts';

/** How a request was signed, and by whom. */
export type Signature =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'query-v4' | 'query-v2' | 'header'; readonly accessKeyId: string };

/**
 * Says who signed `request`.
 * @throws AwsError as S3 has it: `AccessDenied` (expired, not yet valid, parameters or headers missing), `InvalidAccessKeyId`,
 * `SignatureDoesNotMatch`, `AuthorizationQueryParametersError`, `AuthorizationHeaderMalformed`, `ExpiredToken`, `InvalidToken`,
 * `InvalidArgument` (two signatures, or an unknown kind of one).
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function verifySignature(
  request: IncomingMessage,
  store: CredentialStore,
  options: VerifyOptions = {},
): Signature {
  const target = requestTarget(request);
  const isV4 = target.query.some(isOfV4);
  const isV2 = target.query.some(isOfV2);
  const { authorization } = request.headers;
  if (Number(isV4) + Number(isV2) + Number(authorization !== undefined) > 1) throw onlyOneMechanism(authorization);
  const signed = { request, target, store, options, nowMs: options.nowMs ?? Date.now() };
  if (isV4) return { kind: 'query-v4', accessKeyId: verifyQueryV4(signed) };
  if (isV2) return { kind: 'query-v2', accessKeyId: verifyQueryV2(signed) };
  if (authorization === undefined) return { kind: 'anonymous' };
  return { kind: 'header', accessKeyId: readAuthorization(authorization) };
}

/** Whether `verifySignature` takes a request with this query for one that a query signature, however bad, was put on. */
export const hasQuerySignature = ({ query }: RequestTarget): boolean => query.some(isOfV4) || query.some(isOfV2);

const isOfV4 = ([name]: RequestTarget['query'][number]) => /^X-Amz-(Algorithm|Credential|Signature)$/.test(name);
const isOfV2 = ([name]: RequestTarget['query'][number]) => name === 'AWSAccessKeyId' || name === 'Signature';

function onlyOneMechanism(authorization: string | undefined): AwsError {
  return new AwsError('InvalidArgument', {
    message:
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    details: { ArgumentName: 'Authorization', ArgumentValue: authorization ?? '' },
  });
}
