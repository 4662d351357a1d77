import { contextVariable } from '../context-variables.ts';
import { headerValue } from '../headers.ts';
import type { AuthorizationRequest } from './authorization.ts';

/**
 * The values of an authorizer's identity sources, in their order: an empty text for one that the request lacks.
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html
 */
export function identityValues(sources: string | undefined, from: AuthorizationRequest): readonly string[] {
  return (sources ?? '')
    .split(',')
    .map((source) => source.trim())
    .filter((source) => source !== '')
    .map((source) => sourceValue(source, from) ?? '');
}

/** Header names in any case: a client's HTTP/2 sends them in lower case. */
function sourceValue(source: string, { exchange, request, stage }: AuthorizationRequest): string | undefined {
  const [, from, name = ''] =
    /^(?:method\.request\.)?(header|querystring|stageVariables|context)\.(.+)$/.exec(source) ?? [];
  if (from === 'header') return headerValue(request.headers, name);
  if (from === 'querystring') return request.query.findLast(([given]) => given === name)?.[1];
  if (from === 'stageVariables') return stage.configuration.variables[name];
  return contextVariable(exchange, name);
}
