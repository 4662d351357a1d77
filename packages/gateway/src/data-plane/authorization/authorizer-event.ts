import { proxyEvent } from '../proxy-event.ts';
import { type AuthorizationRequest, methodArn } from './authorization.ts';

/** The event of a TOKEN authorizer. */
export function tokenEvent(authorization: AuthorizationRequest, authorizationToken: string): object {
  return { type: 'TOKEN', methodArn: methodArn(authorization), authorizationToken };
}

/**
 * The event of a REQUEST authorizer: that of a Lambda proxy integration without the body; what is empty is an empty object.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 */
export function requestEvent(authorization: AuthorizationRequest): object {
  const { exchange, request, stage, route } = authorization;
  const { body: _, isBase64Encoded: __, ...event } = proxyEvent(exchange, request, stage, route);
  const filled = Object.entries(event).map(([name, value]) => [name, value ?? {}] as const);
  return { type: 'REQUEST', methodArn: methodArn(authorization), ...Object.fromEntries(filled) };
}
