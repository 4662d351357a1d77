import type { HttpResponse } from '@spillway/http';
import { type AwsErrorCode, bodyOf } from '@spillway/wire';
import { customGatewayResponse, NOT_CUSTOMISED } from './custom-gateway-response.ts';
import type { Exchange } from './exchange.ts';
import type { ExecutionError } from './execution-error.ts';
import type { HeaderList } from './headers.ts';

/**
 * `x-amzn-ErrorType` of our codes; those not named here are AWS's own and stand for themselves. Undefined: none was recorded.
 */
const ERROR_TYPES: Partial<Record<AwsErrorCode, string | undefined>> = {
  EndpointRequestTimedOut: 'InternalServerErrorException',
  IntegrationResponseTooLarge: 'InternalServerErrorException',
  MalformedProxyResponse: 'InternalServerErrorException',
  NetworkErrorCommunicatingWithEndpoint: 'InternalServerErrorException',
  PreludeDelimiterMissing: 'InternalServerErrorException',
  RequestHeaderTooLarge: undefined,
  RequestTooLarge: undefined,
  RequestTooLong: undefined,
  UnsupportedMediaType: 'BadRequestException',
};

/** Two answers come from before the API's own machinery, as plain text. */
const PLAIN_TEXT: readonly AwsErrorCode[] = ['RequestTooLarge', 'RequestHeaderTooLarge'];

/** The one encoder of the gateway's own errors, in the author's form where the REST API has one. */
export function gatewayResponse(error: ExecutionError, exchange: Exchange): HttpResponse {
  const { code, status } = error;
  const isPlain = PLAIN_TEXT.includes(code);
  const custom = isPlain ? NOT_CUSTOMISED : customGatewayResponse(error, exchange);
  const bytes = new TextEncoder().encode(custom.body ?? (isPlain ? error.message : json(error)));
  const errorType = code in ERROR_TYPES ? ERROR_TYPES[code] : code;
  const own: HeaderList = [
    ['Content-Type', custom.contentType ?? (isPlain ? 'text/plain' : 'application/json')],
    ['Content-Length', String(bytes.byteLength)],
    ...(errorType === undefined ? [] : [['x-amzn-ErrorType', errorType] as const]),
  ];
  const replaced = custom.headers.map(([name]) => name.toLowerCase());
  const headers = [...own.filter(([name]) => !replaced.includes(name.toLowerCase())), ...custom.headers];
  return withoutBodyWhereNoneMayBe({ status: custom.status ?? status, headers, body: bodyOf(bytes) });
}

function withoutBodyWhereNoneMayBe(response: HttpResponse): HttpResponse {
  const { status, headers } = response;
  if (status !== 204 && status !== 304) return response;
  return { status, headers: headers.filter(([name]) => !/^content-(?:length|type)$/i.test(name)) };
}

/** As recorded: policies speak with a capital letter, a failed authorizer says null, and server errors have a blank after the colon. */
function json({ code, status, clientMessage }: ExecutionError): string {
  if (code === 'AccessDeniedException') return JSON.stringify({ Message: clientMessage });
  if (clientMessage === undefined) return '{"message":null}';
  return status >= 500 ? `{"message": ${JSON.stringify(clientMessage)}}` : JSON.stringify({ message: clientMessage });
}

/** What every response carries; the trace only where a Lambda function was called, or an authorizer turned the caller away. */
export function ownHeaders({ requestId, extendedRequestId, traceId, route, call }: Exchange): HeaderList {
  const isAuthorizer = call === undefined && route?.method.authorizationType === 'CUSTOM';
  const called = isAuthorizer || (call !== undefined && route?.integration.type === 'AWS_PROXY');
  return [
    ['x-amzn-RequestId', requestId],
    ['x-amz-apigw-id', extendedRequestId],
    ...(called ? [['X-Amzn-Trace-Id', traceId] as const] : []),
  ];
}
