import {
  anything,
  boolean,
  type Field,
  headers,
  integer,
  list,
  map,
  method,
  nullable,
  object,
  optional,
  record,
  text,
  UnexpectedShape,
  withDefault,
} from './event-shape.ts';
import { headerValue } from './header-map.ts';
import { eventBody, type HttpEvent } from './http-event.ts';
import { uriQuery } from './request-uri.ts';

const lambdaFields: Field<unknown> = (value) => {
  const fields = record(anything)(value);
  return Object.keys(fields).length === 0 ? undefined : fields;
};

const authorizer = object({
  jwt: optional(object({ claims: record(text), scopes: optional(list(text)) })),
  lambda: lambdaFields,
  iam: optional(
    object({
      accessKey: nullable(text),
      accountId: nullable(text),
      callerId: nullable(text),
      cognitoIdentity: optional(
        object({ amr: list(text), identityId: nullable(text), identityPoolId: nullable(text) }),
      ),
      principalOrgId: nullable(text),
      userArn: nullable(text),
      userId: nullable(text),
    }),
  ),
});

const clientCert = object({
  clientCertPem: nullable(text),
  issuerDN: nullable(text),
  serialNumber: nullable(text),
  subjectDN: nullable(text),
  validity: object({ notAfter: nullable(text), notBefore: nullable(text) }),
});

const requestContext = object({
  routeKey: nullable(text),
  accountId: nullable(text),
  stage: nullable(text),
  requestId: nullable(text),
  authorizer: optional(authorizer),
  apiId: nullable(text),
  domainName: nullable(text),
  domainPrefix: nullable(text),
  time: nullable(text),
  timeEpoch: withDefault(0, integer),
  http: object({
    method,
    path: nullable(text),
    protocol: nullable(text),
    sourceIp: nullable(text),
    userAgent: nullable(text),
  }),
  authentication: optional(object({ clientCert: nullable(clientCert) })),
});

const event = object({
  type: nullable(text),
  methodArn: nullable(text),
  httpMethod: withDefault('GET', method),
  identitySource: nullable(text),
  authorizationToken: nullable(text),
  resource: nullable(text),
  version: nullable(text),
  routeKey: nullable(text),
  rawPath: nullable(text),
  path: nullable(text),
  rawQueryString: nullable(text),
  cookies: optional(list(text)),
  headers,
  queryStringParameters: optional(map(text)),
  pathParameters: record(text),
  requestContext,
  stageVariables: record(text),
  body: nullable(text),
  isBase64Encoded: withDefault(false, boolean),
});

/** Payload format 2.0, of HTTP APIs and function URLs. @throws UnexpectedShape when it is another. */
export function readApiGatewayV2(value: unknown): HttpEvent {
  const read = event(value);
  // Two spellings of one field.
  if (read.path !== null && read.rawPath !== null) throw new UnexpectedShape('path and rawPath');
  const path = read.rawPath ?? read.path ?? '';
  const query = uriQuery({
    path,
    headers: read.headers,
    domainName: read.requestContext.domainName,
    query: read.rawQueryString ?? '',
  });
  const cookie = read.cookies && headerValue(read.cookies.join(';'));
  if (cookie !== undefined) read.headers.set('cookie', [cookie]);
  return {
    kind: 'api-gateway-v2',
    method: read.requestContext.http.method,
    path,
    query,
    headers: read.headers,
    body: eventBody(read.body, read.isBase64Encoded),
    requestContext: read.requestContext,
  };
}
