import { createHash } from 'node:crypto';
import {
  hasQuerySignature,
  refuseForeignHost,
  requestTarget,
  verifyHeaderSignature,
  verifyQuerySignature,
} from '@spillway/http';
import { ACCOUNT_ID, AwsError, type AwsErrorCode } from '@spillway/wire';
import { ExecutionError } from '../execution-error.ts';
import type { FailureName } from '../failures.ts';
import type { AuthorizationRequest } from './authorization.ts';

// AWS_IAM. Same as API Gateway: Signature Version 4 for execute-api, in the Authorization header or in the query, verified whole, with its
// errors. On purpose: who signed with known credentials may call, as the account's root may: IAM policies are not read.

/** @throws ExecutionError */
export async function authorizeByIam(authorization: AuthorizationRequest): Promise<void> {
  const { exchange } = authorization;
  const accessKey = signerOf(authorization);
  const root = {
    accountId: ACCOUNT_ID,
    caller: ACCOUNT_ID,
    user: ACCOUNT_ID,
    userArn: `arn:aws:iam::${ACCOUNT_ID}:root`,
  };
  exchange.caller = { ...exchange.caller, accessKey, ...root };
}

const FAILURES: Partial<Record<AwsErrorCode, FailureName>> = {
  MissingAuthenticationTokenException: 'noSignature',
  IncompleteSignatureException: 'incompleteSignature',
  InvalidSignatureException: 'invalidSignature',
  UnrecognizedClientException: 'unknownAccessKey',
  ExpiredTokenException: 'expiredToken',
  CrossSiteRequestRefused: 'foreignHost',
};

function signerOf({ incoming, request, options }: AuthorizationRequest): string {
  const payloadSha256 = createHash('sha256').update(request.body).digest('hex');
  const { credentials, region } = options;
  try {
    // Every web page knows the key `test`; by a name that was made to point here it would read what it signs with it.
    refuseForeignHost(incoming);
    const isPresigned = incoming.headers.authorization === undefined && hasQuerySignature(requestTarget(incoming));
    const verify = isPresigned ? verifyQuerySignature : verifyHeaderSignature;
    return verify(incoming, credentials, { service: 'execute-api', region, payloadSha256 });
  } catch (error) {
    const failure = error instanceof AwsError ? FAILURES[error.code] : undefined;
    if (!(error instanceof AwsError) || failure === undefined) throw error;
    const { message } = error;
    throw new ExecutionError(failure, { message, detail: message.split('\n', 1)[0] ?? '', cause: error });
  }
}
