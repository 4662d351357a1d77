import type { AuthorizationType } from '@spillway/wire';
import { checkApiKey } from './api-key.ts';
import type { AuthorizationRequest } from './authorization.ts';
import { authorizeByIam } from './iam.ts';
import { authorizeByLambda } from './lambda-authorizer.ts';

/**
 * Says whether the caller may call the method: first who it is, then its API key. What it learns of the caller stands in the exchange.
 * @throws ExecutionError
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
 */
export async function authorize(authorization: AuthorizationRequest): Promise<void> {
  await AUTHORIZATIONS[authorization.route.method.authorizationType](authorization);
  checkApiKey(authorization);
}

type Authorize = (authorization: AuthorizationRequest) => Promise<void>;

const AUTHORIZATIONS: Readonly<Record<AuthorizationType, Authorize>> = {
  NONE: async () => {},
  AWS_IAM: authorizeByIam,
  CUSTOM: authorizeByLambda,
};
