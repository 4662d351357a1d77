import { type Exchange, requestContext } from './exchange.ts';
import { headerValue } from './headers.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `$context` as mappings, access logs and gateway responses know it, by the names that they write: `requestId`, `identity.sourceIp`,
 * `authorizer.principalId`.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function contextVariables(exchange: Exchange): Variables {
  return { ...requestContext(exchange), ...identityVariables(exchange), ...authorizerVariables(exchange) };
}

export function contextVariable(exchange: Exchange, name: string): string | undefined {
  const variables = contextVariables(exchange);
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

function identityVariables({ head, caller = {} }: Exchange): Variables {
  const identity = { ...caller, sourceIp: head.sourceIp, userAgent: headerValue(head.headers, 'user-agent') };
  return prefixed('identity', identity);
}

function authorizerVariables({ authorizer }: Exchange): Variables {
  if (authorizer === undefined) return {};
  const { values, principalId, integrationLatencyMs } = authorizer;
  return prefixed('authorizer', { ...values, principalId, integrationLatency: String(integrationLatencyMs) });
}

const prefixed = (prefix: string, variables: Variables): Variables =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`${prefix}.${name}`, value]));
