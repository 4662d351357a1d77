import { mergedHeaders, preferredQuery } from './api-gateway-v1.ts';
import { boolean, headers, map, method, nullable, object, oneOrMore, text, withDefault } from './event-shape.ts';
import { eventBody, type HttpEvent } from './http-event.ts';
import { decodedQuery, type QueryMap, uriQuery } from './request-uri.ts';

const query = withDefault<QueryMap>(new Map(), map(oneOrMore));

const event = object({
  httpMethod: method,
  path: nullable(text),
  queryStringParameters: query,
  multiValueQueryStringParameters: query,
  headers,
  multiValueHeaders: headers,
  requestContext: object({ elb: object({ targetGroupArn: nullable(text) }) }),
  isBase64Encoded: nullable(boolean),
  body: nullable(text),
});

/** The event of a load balancer's target group. @throws UnexpectedShape when it is another. */
export function readApplicationLoadBalancer(value: unknown): HttpEvent {
  const read = event(value);
  const path = read.path ?? '';
  const queries = {
    queryStringParameters: decodedQuery(read.queryStringParameters),
    multiValueQueryStringParameters: decodedQuery(read.multiValueQueryStringParameters),
  };
  return {
    kind: 'application-load-balancer',
    method: read.httpMethod,
    path,
    query: uriQuery({ path, headers: read.headers, query: preferredQuery(queries) }),
    headers: mergedHeaders(read),
    body: eventBody(read.body, read.isBase64Encoded === true),
    requestContext: read.requestContext,
  };
}
