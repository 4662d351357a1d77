import type { HttpResponse } from '@spillway/http';
import { type Exchange, traceHeader } from './exchange.ts';
import { loggedMap } from './execution-trace.ts';
import type { HeaderList } from './headers.ts';
import type { MethodRequest } from './method-request.ts';
import type { IntegrationAnswer } from './transfer/transfer.ts';

// The steps of one request as the execution log has them at INFO, in AWS's words (recorded in public logs). Not documented is which of them
// need data tracing: chosen are the bodies, and those of BUFFERED mode alone, since a stream is never held.

export function traceMethodRequest({ trace, requestId, route }: Exchange, request: MethodRequest): void {
  if (!trace.isInfo) return;
  trace.info(`Starting execution for request: ${requestId}`);
  trace.info(`HTTP Method: ${request.httpMethod}, Resource Path: ${route?.resource.path}`);
  trace.info(`Method request path: ${loggedMap(Object.entries(route?.pathParameters ?? {}))}`);
  trace.info(`Method request query string: ${loggedMap(request.query)}`);
  trace.info(`Method request headers: ${loggedMap(request.headers)}`);
  trace.data('Method request body before transformations', request.body);
}

export interface EndpointRequest {
  readonly uri: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

export function traceEndpointRequest({ trace }: Exchange, { uri, headers, body }: EndpointRequest): void {
  if (!trace.isInfo) return;
  trace.info(`Endpoint request URI: ${uri}`);
  trace.info(`Endpoint request headers: ${loggedMap(headers)}`);
  trace.data('Endpoint request body after transformations', body);
  trace.info(`Sending request to ${uri}`);
}

/** What the endpoint answered, if it did: Lambda's status is that of Lambda, not of the function. */
export function traceEndpointResponse(exchange: Exchange, answer?: IntegrationAnswer): void {
  const { call, trace } = exchange;
  if (!trace.isInfo || call?.integrationStatus === undefined) return;
  const latencyMs = call.latencyMs ?? call.timeToAllHeadersMs ?? call.elapsedMs();
  trace.info(`Received response. Status: ${call.integrationStatus}, Integration latency: ${latencyMs} ms`);
  if (answer === undefined) return;
  const headers = answer.from === 'http' ? answer.headers : lambdaHeaders(exchange);
  trace.info(`Endpoint response headers: ${loggedMap(headers)}`);
}

const lambdaHeaders = ({ call, traceId }: Exchange): HeaderList => [
  ['x-amzn-RequestId', call?.requestId ?? ''],
  ['X-Amzn-Trace-Id', traceHeader(traceId)],
];

export function traceMethodResponse({ trace }: Exchange, { headers }: HttpResponse): void {
  if (trace.isInfo) trace.info(`Method response headers: ${loggedMap(headers)}`);
}
