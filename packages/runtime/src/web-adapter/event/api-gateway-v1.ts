import {
  anything,
  boolean,
  type Field,
  headers,
  integer,
  map,
  method,
  nullable,
  object,
  oneOrMore,
  optional,
  record,
  text,
  withDefault,
} from './event-shape.ts';
import type { HeaderMap } from './header-map.ts';
import { eventBody, type HttpEvent } from './http-event.ts';
import { type QueryMap, queryString, uriQuery } from './request-uri.ts';

const identityFields = object({
  cognitoIdentityPoolId: nullable(text),
  accountId: nullable(text),
  cognitoIdentityId: nullable(text),
  caller: nullable(text),
  apiKey: nullable(text),
  apiKeyId: nullable(text),
  accessKey: nullable(text),
  sourceIp: nullable(text),
  cognitoAuthenticationType: nullable(text),
  cognitoAuthenticationProvider: nullable(text),
  userArn: nullable(text),
  userAgent: nullable(text),
  user: nullable(text),
});

const authorizer: Field<unknown> = (value) => {
  const fields = record(anything)(value);
  return Object.keys(fields).length === 0 ? undefined : fields;
};

const requestContext = object({
  accountId: nullable(text),
  resourceId: nullable(text),
  operationName: optional(text),
  stage: nullable(text),
  domainName: nullable(text),
  domainPrefix: nullable(text),
  requestId: nullable(text),
  protocol: nullable(text),
  identity: (value) => identityFields(value === undefined ? {} : value),
  resourcePath: nullable(text),
  path: nullable(text),
  authorizer,
  httpMethod: method,
  requestTime: nullable(text),
  requestTimeEpoch: withDefault(0, integer),
  apiId: nullable(text),
});

const query: Field<QueryMap> = (value) => optional(map(oneOrMore))(value) ?? new Map();

const event = object({
  resource: nullable(text),
  path: nullable(text),
  httpMethod: method,
  headers,
  multiValueHeaders: headers,
  queryStringParameters: query,
  multiValueQueryStringParameters: query,
  pathParameters: record(text),
  stageVariables: record(text),
  requestContext,
  body: nullable(text),
  isBase64Encoded: nullable(boolean),
});

/** The proxy event of REST APIs. @throws UnexpectedShape when it is another. */
export function readApiGatewayV1(value: unknown): HttpEvent {
  const read = event(value);
  const path = read.path ?? '';
  return {
    kind: 'api-gateway-v1',
    method: read.httpMethod,
    path,
    query: uriQuery({
      path,
      headers: read.headers,
      domainName: read.requestContext.domainName,
      query: preferredQuery(read),
    }),
    headers: mergedHeaders(read),
    body: eventBody(read.body, read.isBase64Encoded === true),
    requestContext: read.requestContext,
  };
}

interface Queries {
  readonly queryStringParameters: QueryMap;
  readonly multiValueQueryStringParameters: QueryMap;
}

export const preferredQuery = (queries: Queries): string =>
  queryString(
    queries.multiValueQueryStringParameters.size > 0
      ? queries.multiValueQueryStringParameters
      : queries.queryStringParameters,
  );

/** A single value replaces all values of its name: of several, only the last reaches the app. */
export function mergedHeaders(read: { readonly headers: HeaderMap; readonly multiValueHeaders: HeaderMap }): HeaderMap {
  return new Map([...read.multiValueHeaders, ...read.headers]);
}
