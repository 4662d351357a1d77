import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  type CredentialStore,
  hasQuerySignature,
  refuseForeignHost,
  requestTarget,
  verifyHeaderSignature,
  verifyQuerySignature,
} from '@spillway/http';
import { AwsError, type FunctionUrlConfiguration } from '@spillway/wire';
import type { FunctionPolicy, PolicyRequest } from '../function-policy.ts';
import type { IamCaller } from './function-url-event.ts';

const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

/** What a function URL that was made since October 2025 asks the policy about. */
const ACTIONS = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'] as const;

/**
 * Lets anyone in, if the policy has both statements for it. Who calls through API Gateway's HTTP_PROXY integration is anyone, too.
 * @throws AwsError `AccessDeniedException`, with advice.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export function authorizeAnyone(policy: FunctionPolicy, { functionName }: FunctionUrlConfiguration): void {
  const request: Omit<PolicyRequest, 'action'> = {
    caller: 'anonymous',
    functionUrlAuthType: 'NONE',
    invokedViaFunctionUrl: true,
  };
  const missing = ACTIONS.filter((action) => !policy.allows({ ...request, action }));
  if (missing.length === 0) return;
  const advice = `The resource policy of ${functionName} lets nobody call its function URL: it takes ${missing.join(' and ')} for the principal *, without a source.`;
  throw new AwsError('AccessDeniedException', { message: FORBIDDEN, advice });
}

/**
 * Lets in who signed with credentials of the account, in the header or in the query.
 * @throws AwsError `AccessDeniedException` without a signature, or what is wrong with it.
 */
export function authorizeSigner(
  request: IncomingMessage,
  body: Uint8Array,
  region: string,
  credentials: CredentialStore,
): IamCaller {
  const payloadSha256 = createHash('sha256').update(body).digest('hex');
  const options = { service: 'lambda', region, payloadSha256 };
  // Every web page knows the key `test`; by a name that was made to point here it would read what it signs with it.
  refuseForeignHost(request);
  if (request.headers.authorization !== undefined) {
    return { accessKeyId: verifyHeaderSignature(request, credentials, options) };
  }
  if (hasQuerySignature(requestTarget(request))) {
    return { accessKeyId: verifyQuerySignature(request, credentials, options) };
  }
  const advice = 'Its AuthType is AWS_IAM: requests must be signed, for the service lambda.';
  throw new AwsError('AccessDeniedException', { message: FORBIDDEN, advice });
}
