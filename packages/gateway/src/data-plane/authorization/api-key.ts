import type { ApiKey } from '@spillway/wire';
import { ExecutionError } from '../execution-error.ts';
import { masked } from '../execution-trace.ts';
import { headerValue } from '../headers.ts';
import type { AuthorizationRequest } from './authorization.ts';

// API keys. Same as API Gateway: where the key comes from, what the caller is told. On purpose: without usage plans a key opens the stages in
// its stageKeys, and all of them if it names none. Missing: usage plans, so no quota and no throttle.

/** @throws ExecutionError `invalidApiKey` (403 Forbidden). */
export function checkApiKey(authorization: AuthorizationRequest): void {
  const { exchange, route, request, options } = authorization;
  const { apiId, stageName } = request;
  const isRequired = route.method.apiKeyRequired === true;
  const value = isRequired ? keyOf(authorization) : undefined;
  const shown = masked(value ?? '');
  const stage = `${apiId}/${stageName}`;
  const { trace } = exchange;
  trace.info(`Verifying Usage Plan for request: ${exchange.requestId}. API Key: ${shown} API Stage: ${stage}`);
  const method = `'${request.httpMethod} ${route.resource.path}'`;
  if (!isRequired) {
    trace.info(
      `API Key ${shown} authorized because method ${method} does not require API Key. Request will not contribute to throttle or quota limits`,
    );
  } else {
    const apiKey = value === undefined ? undefined : options.apiKeys.apiKeyByValue(value);
    const fault = faultOf(apiKey, value, stage);
    if (apiKey === undefined || fault !== undefined) {
      const log = `API Key ${shown} not authorized because method ${method} requires API Key and API Key is not associated with a Usage Plan for API Stage ${stage}`;
      throw new ExecutionError('invalidApiKey', { log, detail: fault ?? '' });
    }
    exchange.caller = { ...exchange.caller, apiKey: apiKey.value, apiKeyId: apiKey.id };
  }
  trace.info(`Usage Plan check succeeded for API Key ${shown} and API Stage ${stage}`);
}

function keyOf({ exchange, request, stage }: AuthorizationRequest): string | undefined {
  const isOfAuthorizer = stage.deployment.restApi.apiKeySource === 'AUTHORIZER';
  const value = isOfAuthorizer ? exchange.authorizer?.usageIdentifierKey : headerValue(request.headers, 'x-api-key');
  return value === '' ? undefined : value;
}

function faultOf(apiKey: ApiKey | undefined, value: string | undefined, stage: string): string | undefined {
  if (value === undefined) return 'the request has no API key';
  if (apiKey === undefined) return 'there is no such API key';
  if (!apiKey.enabled) return `the API key ${apiKey.id} is not enabled`;
  const { stageKeys } = apiKey;
  const isOpen = stageKeys.length === 0 || stageKeys.some((key) => `${key.restApiId}/${key.stageName}` === stage);
  return isOpen ? undefined : `the API key ${apiKey.id} is not for the stage ${stage}`;
}
