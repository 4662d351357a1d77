import type { Stage } from '../control-plane/stage.ts';
import { firstMediaType, isBinary } from './binary-media-types.ts';
import { type Exchange, requestContext, traceHeader } from './exchange.ts';
import { type HeaderList, headerValue, lambdaRequestHeaders, withoutHeader } from './headers.ts';
import type { MethodRequest } from './method-request.ts';
import type { Route } from './route.ts';

type Pairs = readonly (readonly [name: string, value: string])[];

/** Its members by name: what they are matters to functions only. */
export type ProxyEvent = Readonly<Record<string, unknown>>;

/**
 * The event of a Lambda proxy integration, payload format 1.0: the same in both transfer modes.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 */
export function proxyEvent(exchange: Exchange, request: MethodRequest, stage: Stage, route: Route): ProxyEvent {
  const headers = eventHeaders(exchange, request, route);
  return {
    resource: route.resource.path,
    path: eventPath(request.rawPath),
    httpMethod: request.httpMethod,
    headers: lastValues(headers),
    multiValueHeaders: allValues(headers),
    queryStringParameters: orNull(lastValues(request.query)),
    multiValueQueryStringParameters: orNull(allValues(request.query)),
    pathParameters: orNull(route.pathParameters),
    stageVariables: orNull(stage.configuration.variables),
    requestContext: {
      ...requestContext(exchange),
      requestTimeEpoch: exchange.receivedAtMs,
      identity: identity(exchange, request),
      ...authorizerContext(exchange),
    },
    ...eventBody(request, stage.deployment.restApi.binaryMediaTypes),
  };
}

/** Slashes doubled after the stage count as one; everything else is as sent. */
export const eventPath = (rawPath: string): string => `/${rawPath.replace(/^\/+/, '')}`;

/** As a load balancer before API Gateway adds them; Host is the one that the client named, port included, so that links built from it work here. */
function eventHeaders(
  { traceId }: Exchange,
  { headers, sourceIp, port }: MethodRequest,
  { method }: Route,
): HeaderList {
  const forwardedFor = [headerValue(headers, 'x-forwarded-for'), sourceIp].filter(Boolean).join(', ');
  const added = [
    ['X-Amzn-Trace-Id', traceHeader(traceId)],
    ['X-Forwarded-For', forwardedFor],
    ['X-Forwarded-Port', String(port)],
    ['X-Forwarded-Proto', 'http'],
  ] as const;
  const passed = added.reduce<HeaderList>(
    (rest, [name]) => withoutHeader(rest, name.toLowerCase()),
    lambdaRequestHeaders(headers, method.authorizationType),
  );
  return [...passed, ...added];
}

function identity({ caller }: Exchange, { headers, sourceIp }: MethodRequest): Record<string, string | null> {
  return {
    accessKey: null,
    accountId: null,
    caller: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp,
    user: null,
    userAgent: headerValue(headers, 'user-agent') ?? null,
    userArn: null,
    ...caller,
  };
}

function authorizerContext({ authorizer }: Exchange): object {
  if (authorizer === undefined) return {};
  const { values, principalId, integrationLatencyMs: integrationLatency } = authorizer;
  return { authorizer: { ...values, principalId, integrationLatency } };
}

function eventBody({ body, headers }: MethodRequest, binaryMediaTypes: readonly string[]): object {
  if (body.byteLength === 0) return { body: null, isBase64Encoded: false };
  const isBase64Encoded = isBinary(binaryMediaTypes, firstMediaType(headerValue(headers, 'content-type')));
  return { body: Buffer.from(body).toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

const lastValues = (pairs: Pairs): Record<string, string> => Object.fromEntries(pairs);

function allValues(pairs: Pairs): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

const orNull = <Values extends object>(values: Values): Values | null =>
  Object.keys(values).length === 0 ? null : values;
