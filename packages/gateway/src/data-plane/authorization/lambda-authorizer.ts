import type { Authorizer } from '@spillway/wire';
import { MATCH_TIMEOUT_MS, matchesWhole } from '../../expression.ts';
import { ExecutionError } from '../execution-error.ts';
import { masked } from '../execution-trace.ts';
import { type AuthorizationRequest, methodArn } from './authorization.ts';
import type { AuthorizerResult } from './authorizer-result.ts';
import { callAuthorizer } from './call-authorizer.ts';
import { identityValues } from './identity-source.ts';

// Lambda authorizers, TOKEN and REQUEST. Same as API Gateway by its documentation and by recorded answers: events, identity sources and
// validation, policy and context, the cache, what the caller is told. Chosen, as AWS does not say: a new deployment starts with an empty cache.
// Missing: Condition in a policy (the caller gets 500, the log names it).

/** @throws ExecutionError */
export async function authorizeByLambda(authorization: AuthorizationRequest): Promise<void> {
  const { exchange, stage, route } = authorization;
  const { authorizers = [] } = stage.deployment.restApi;
  const authorizer = authorizers.find(({ id }) => id === route.method.authorizerId);
  if (authorizer === undefined) {
    const detail = `the API has no authorizer ${route.method.authorizerId}`;
    throw new ExecutionError('authorizerNotFound', { detail });
  }
  const identity = identityOf(authorizer, authorization);
  const { result, latencyMs } = await resultOf(authorizer, identity, authorization);
  const { principalId, context, usageIdentifierKey } = result;
  exchange.authorizer = {
    principalId,
    values: context,
    integrationLatencyMs: latencyMs,
    ...(usageIdentifierKey === undefined ? {} : { usageIdentifierKey }),
  };
  assertAllowed(result, methodArn(authorization));
}

/** @throws ExecutionError `unauthorized` or `slowExpression`, without a call, when a source is missing or the token is not what it must look like. */
function identityOf(authorizer: Authorizer, authorization: AuthorizationRequest): readonly string[] {
  const { type, identitySource, identityValidationExpression: expression } = authorizer;
  const values = identityValues(identitySource, authorization);
  const log = `Unauthorized request: ${authorization.exchange.requestId}`;
  if (values.includes('') || (type === 'TOKEN' && values.length === 0)) {
    throw new ExecutionError('unauthorized', { log, detail: `the request lacks ${identitySource}` });
  }
  if (type === 'TOKEN' && expression) assertMatch(authorizer, expression, values[0] ?? '', log);
  return values;
}

/** AWS says nothing of a match that takes too long: chosen is what a token gets that does not match. */
function assertMatch({ name }: Authorizer, expression: string, token: string, log: string): void {
  const isMatch = matchesWhole(expression, token);
  if (isMatch === undefined) {
    const detail = `the identityValidationExpression ${expression} of the authorizer ${name} was given up after ${MATCH_TIMEOUT_MS} ms, at a token of ${token.length} characters`;
    throw new ExecutionError('slowExpression', { log, detail });
  }
  if (!isMatch) throw new ExecutionError('unauthorized', { log, detail: `the token does not match ${expression}` });
}

interface Answer {
  readonly result: AuthorizerResult;
  readonly latencyMs: number;
}

/** The cached policy is about all methods of the stage: it is kept by authorizer and identity alone. */
async function resultOf(
  authorizer: Authorizer,
  identity: readonly string[],
  authorization: AuthorizationRequest,
): Promise<Answer> {
  const { exchange, request, stage, options } = authorization;
  const { id, authorizerResultTtlInSeconds: ttlSeconds } = authorizer;
  const key = JSON.stringify([request.apiId, request.stageName, stage.deployment.id, id, identity]);
  // Without an identity there is nothing to keep an answer by.
  const isCached = ttlSeconds > 0 && identity.length > 0;
  const cached = isCached ? options.authorizerCache.find(key) : undefined;
  if (cached !== undefined) {
    exchange.trace.info(`Using cached authorizer policy for principal: ${masked(cached.principalId)}`);
    return { result: cached, latencyMs: 0 };
  }
  const startedAt = performance.now();
  const result = await callAuthorizer(authorizer, identity, authorization);
  if (isCached) options.authorizerCache.keep(key, result, ttlSeconds);
  return { result, latencyMs: Math.round(performance.now() - startedAt) };
}

function assertAllowed({ policy, principalId }: AuthorizerResult, arn: string): void {
  const decision = policy.decide(arn);
  if (decision === 'allow') return;
  const detail = `the policy of ${JSON.stringify(principalId)} ${decision === 'deny' ? 'does not allow' : 'denies'} ${arn}`;
  throw new ExecutionError(decision === 'deny' ? 'accessDenied' : 'explicitDeny', { detail });
}
