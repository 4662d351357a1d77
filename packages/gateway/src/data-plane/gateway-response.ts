import type { HttpResponse } from '@spillway/http';
import { type AwsErrorCode, bodyOf } from '@spillway/wire';
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

/** The one encoder of the gateway's own errors. */
export function gatewayResponse(error: ExecutionError): HttpResponse {
  const { code, status, message } = error;
  const isPlain = PLAIN_TEXT.includes(code);
  const bytes = new TextEncoder().encode(isPlain ? message : json(status, message));
  const errorType = code in ERROR_TYPES ? ERROR_TYPES[code] : code;
  return {
    status,
    headers: [
      ['Content-Type', isPlain ? 'text/plain' : 'application/json'],
      ['Content-Length', String(bytes.byteLength)],
      ...(errorType === undefined ? [] : [['x-amzn-ErrorType', errorType] as const]),
    ],
    body: bodyOf(bytes),
  };
}

/** AWS's server errors have a blank after the colon, its client errors have none. */
const json = (status: number, message: string) =>
  status >= 500 ? `{"message": ${JSON.stringify(message)}}` : JSON.stringify({ message });

/** What every response carries; the trace only where a Lambda function was called. */
export function ownHeaders({ requestId, extendedRequestId, traceId, route, call }: Exchange): HeaderList {
  const called = call !== undefined && route?.integration.type === 'AWS_PROXY';
  return [
    ['x-amzn-RequestId', requestId],
    ['x-amz-apigw-id', extendedRequestId],
    ...(called ? [['X-Amzn-Trace-Id', traceId] as const] : []),
  ];
}
