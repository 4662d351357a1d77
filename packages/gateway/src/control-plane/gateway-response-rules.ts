import type { GatewayResponse } from '@spillway/wire';
import { assertStatusCode, badRequest, invalidValue, notServed } from './refusal.ts';

/** By type, the status that it has of its own. https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
export const GATEWAY_RESPONSE_STATUSES: Readonly<Record<string, string | undefined>> = {
  ACCESS_DENIED: '403',
  API_CONFIGURATION_ERROR: '500',
  AUTHORIZER_CONFIGURATION_ERROR: '500',
  AUTHORIZER_FAILURE: '500',
  BAD_REQUEST_BODY: '400',
  BAD_REQUEST_PARAMETERS: '400',
  DEFAULT_4XX: undefined,
  DEFAULT_5XX: undefined,
  EXPIRED_TOKEN: '403',
  INTEGRATION_FAILURE: '504',
  INTEGRATION_TIMEOUT: '504',
  INVALID_API_KEY: '403',
  INVALID_SIGNATURE: '403',
  MISSING_AUTHENTICATION_TOKEN: '403',
  QUOTA_EXCEEDED: '429',
  REQUEST_TOO_LARGE: '413',
  RESOURCE_NOT_FOUND: '404',
  THROTTLED: '429',
  UNAUTHORIZED: '401',
  UNSUPPORTED_MEDIA_TYPE: '415',
  WAF_FILTERED: '403',
};

/** @throws AwsError */
export function assertGatewayResponseType(responseType: string): void {
  if (Object.hasOwn(GATEWAY_RESPONSE_STATUSES, responseType)) return;
  const types = Object.keys(GATEWAY_RESPONSE_STATUSES).join(', ');
  throw invalidValue(`'${responseType}'`, 'responseType', `satisfy enum value set: [${types}]`);
}

/** @throws AwsError in AWS's words, or naming what is not served here. */
export function assertGatewayResponse(response: GatewayResponse): void {
  assertGatewayResponseType(response.responseType);
  const { statusCode, responseParameters } = response;
  if (statusCode !== undefined) assertStatusCode(statusCode);
  // No answer ends with one of these: the client would wait on.
  if (statusCode?.startsWith('1')) throw notServed(`statusCode ${statusCode} of a gateway response`);
  for (const [target, source] of Object.entries(responseParameters)) {
    if (!isHeader(target) || !isSource(source)) {
      throw badRequest(`Invalid mapping expression specified: ${target} = ${source}`);
    }
    if (FRAMING.test(target)) throw notServed(`${target}, which says where the body ends`);
  }
}

/** Another value than the gateway's own would break the connection. */
const FRAMING = /\.(?:connection|content-length|keep-alive|trailer|transfer-encoding|upgrade)$/i;

const isHeader = (target: string) => /^gatewayresponse\.header\.[^\s]+$/.test(target);
const isSource = (source: string) =>
  /^'.*'$/s.test(source) ||
  /^method\.request\.(?:header|querystring|path|multivalueheader|multivaluequerystring)\..+$/.test(source) ||
  /^(?:context|stageVariables)\..+$/.test(source);
