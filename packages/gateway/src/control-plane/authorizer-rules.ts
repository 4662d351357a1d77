import type { Authorizer } from '@spillway/wire';
import { parseLambdaUri } from '../data-plane/integration/lambda-uri.ts';
import { isExpression } from '../expression.ts';
import { badRequest, invalidValue, notServed } from './refusal.ts';

const MAX_TTL_SECONDS = 3600;

/** @throws AwsError in AWS's words, or naming what is not served here. */
export function assertAuthorizer(authorizer: Authorizer): void {
  assertType(authorizer.type);
  if (authorizer.name === '') throw badRequest('Authorizer name cannot be empty');
  assertUri(authorizer.authorizerUri);
  assertIdentitySource(authorizer);
  const { authorizerResultTtlInSeconds: ttlSeconds, identityValidationExpression: expression } = authorizer;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > MAX_TTL_SECONDS) {
    throw badRequest(
      `Invalid authorizer result TTL in seconds specified: ${ttlSeconds}. It must be between 0 and ${MAX_TTL_SECONDS}`,
    );
  }
  if (expression !== undefined && !isExpression(expression)) {
    throw badRequest(`Invalid identity validation expression specified: ${expression}`);
  }
}

function assertType(type: string): void {
  if (type === 'COGNITO_USER_POOLS') throw notServed(`an authorizer of type ${type}`, 'TOKEN and REQUEST are');
  if (type !== 'TOKEN' && type !== 'REQUEST') {
    throw invalidValue(
      `'${type}'`,
      'createAuthorizerInput.type',
      'satisfy enum value set: [TOKEN, REQUEST, COGNITO_USER_POOLS]',
    );
  }
}

function assertUri(uri: string): void {
  if (parseLambdaUri(uri)?.action === 'invocations') return;
  throw badRequest(
    `Invalid Authorizer URI: ${uri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
  );
}

const SOURCE = /^(?:method\.request\.(?:header|querystring)|stageVariables|context)\.[^,\s]+$/;

/** Without a cache a REQUEST authorizer needs none; a TOKEN authorizer has exactly one header. */
function assertIdentitySource({ type, identitySource, authorizerResultTtlInSeconds }: Authorizer): void {
  const sources = (identitySource ?? '')
    .split(',')
    .map((source) => source.trim())
    .filter((source) => source !== '');
  const isToken = type === 'TOKEN';
  const isFit = (source: string) => (isToken ? /^method\.request\.header\.[^,\s]+$/ : SOURCE).test(source);
  const enough = isToken ? sources.length === 1 : sources.length > 0 || authorizerResultTtlInSeconds === 0;
  if (enough && sources.every(isFit)) return;
  throw badRequest(
    isToken
      ? 'Invalid identity source specified. A TOKEN authorizer takes one: method.request.header.{name}'
      : 'Invalid identity source specified. With caching a REQUEST authorizer needs some of method.request.header.{name}, method.request.querystring.{name}, stageVariables.{name}, context.{name}',
  );
}
