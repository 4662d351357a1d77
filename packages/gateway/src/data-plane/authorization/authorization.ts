import type { IncomingMessage } from 'node:http';
import type { CredentialStore } from '@spillway/http';
import { ACCOUNT_ID, type ApiKey, type Invoker } from '@spillway/wire';
import type { Stage } from '../../control-plane/stage.ts';
import type { Exchange } from '../exchange.ts';
import type { MethodRequest } from '../method-request.ts';
import { eventPath } from '../proxy-event.ts';
import type { Route } from '../route.ts';
import type { AuthorizerCache } from './authorizer-cache.ts';

/** All that is needed to say whether a caller may call a method. */
export interface AuthorizationRequest {
  readonly exchange: Exchange;
  /** As it came in: signatures are about its exact bytes. */
  readonly incoming: IncomingMessage;
  readonly request: MethodRequest;
  readonly stage: Stage;
  readonly route: Route;
  readonly options: AuthorizationOptions;
}

export interface AuthorizationOptions {
  readonly region: string;
  readonly invoker: Invoker;
  /** Whose signatures AWS_IAM takes. */
  readonly credentials: CredentialStore;
  readonly authorizerCache: AuthorizerCache;
  readonly apiKeys: ApiKeys;
}

/** The account's API keys, as the data plane asks for them. */
interface ApiKeys {
  apiKeyByValue(value: string): ApiKey | undefined;
}

/** `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path as sent}`: what policies name. */
export function methodArn({ request, options: { region } }: AuthorizationRequest): string {
  const { apiId, stageName, httpMethod, rawPath } = request;
  return `arn:aws:execute-api:${region}:${ACCOUNT_ID}:${apiId}/${stageName}/${httpMethod}${eventPath(rawPath)}`;
}
