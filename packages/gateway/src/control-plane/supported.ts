import {
  AWS_LIMITS,
  type Integration,
  type IntegrationResponse,
  type Limits,
  type Method,
  type RestApi,
  UsageError,
} from '@spillway/wire';
import { parseHttpUri } from '../data-plane/integration/http-uri.ts';
import { parseLambdaUri } from '../data-plane/integration/lambda-uri.ts';
import { mockStatusCode, vtlConstruct } from '../data-plane/integration/mock-template.ts';
import { parseMapping } from '../data-plane/parameter-mapping.ts';

/** All that a REST API may hold here; anything else is refused by its name. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  restApi: ['id', 'name', 'endpointType', 'binaryMediaTypes', 'disableExecuteApiEndpoint', 'resources'],
  resource: ['id', 'parentId', 'pathPart', 'path', 'methods'],
  method: ['httpMethod', 'authorizationType', 'requestParameters', 'integration'],
  integration: [
    'type',
    'httpMethod',
    'uri',
    'responseTransferMode',
    'timeoutInMillis',
    'credentials',
    'passthroughBehavior',
    'requestParameters',
    'requestTemplates',
    'integrationResponses',
  ],
  stage: ['stageName', 'variables', 'accessLogSettings', 'loggingLevel'],
};

const HTTP_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'ANY'];
const INVALID_METHOD = `Invalid HttpMethod specified. Valid options are ${HTTP_METHODS.join()}.`;

/** @throws UsageError that names the first thing that API Gateway refuses, or that is not served here. */
export function assertSupported(restApi: RestApi, limits: Limits): void {
  const where = `REST API ${restApi.id} (${restApi.name})`;
  onlyKnown(where, 'restApi', restApi);
  if (!/^[a-z0-9]+$/.test(restApi.id))
    throw refusal(where, 'an API id has the letters a-z and digits only. Change it.');
  for (const resource of restApi.resources) {
    onlyKnown(`${where}, resource ${resource.path}`, 'resource', resource);
    for (const [httpMethod, method] of Object.entries(resource.methods)) {
      const place = `${where}, ${httpMethod} ${resource.path}`;
      if (!HTTP_METHODS.includes(httpMethod)) throw refusal(place, INVALID_METHOD);
      onlyKnown(place, 'method', method);
      assertMethod(place, method, limits);
    }
  }
}

const refusal = (where: string, what: string) => new UsageError(`${where}: ${what}`);

/** @throws UsageError that names the first key that such a thing may not hold here. */
export function onlyKnown(where: string, kind: string, value: object): void {
  const unknown = Object.entries(value).find(([key, given]) => given !== undefined && !KEYS[kind]?.includes(key));
  if (unknown !== undefined) throw refusal(where, `${unknown[0]} is not supported here. Remove it, or test it on AWS.`);
}

function assertMethod(where: string, method: Method, limits: Limits): void {
  if (method.authorizationType !== 'NONE') {
    throw refusal(where, `authorizationType ${method.authorizationType} is not supported here; NONE is.`);
  }
  const { integration } = method;
  if (integration === undefined) return;
  onlyKnown(where, 'integration', integration);
  assertTransferMode(where, integration, limits);
  assertByType(where, integration);
  for (const [target, source] of Object.entries(integration.requestParameters)) {
    assertMapping(where, method, target, source);
  }
}

function assertByType(where: string, integration: Integration): void {
  switch (integration.type) {
    case 'AWS_PROXY':
      if (parseLambdaUri(integration.uri ?? '') === undefined) throw refusal(where, badLambdaUri(integration.uri));
      return;
    case 'HTTP_PROXY':
      if (integration.httpMethod === undefined)
        throw refusal(where, 'Enumeration value for HttpMethod must be non-empty.');
      if (parseHttpUri(integration.uri ?? '') === undefined) throw refusal(where, badHttpUri(integration.uri));
      return;
    case 'MOCK':
      assertMock(where, integration);
      return;
    default:
      throw refusal(
        where,
        `integrations of type ${String(integration.type)} are not supported here: AWS_PROXY, HTTP_PROXY and MOCK are.`,
      );
  }
}

const badLambdaUri = (uri: string | undefined) =>
  `uri ${JSON.stringify(uri)} names no Lambda function. Write arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{functionArn}/invocations.`;
const badHttpUri = (uri: string | undefined) => `Invalid HTTP endpoint specified for URI ${JSON.stringify(uri)}.`;

function assertTransferMode(
  where: string,
  { type, responseTransferMode, timeoutInMillis }: Integration,
  limits: Limits,
) {
  if (responseTransferMode === 'STREAM' && type === 'MOCK') {
    throw refusal(where, 'responseTransferMode STREAM is only for integrations of type AWS_PROXY and HTTP_PROXY.');
  }
  const maximumMs =
    responseTransferMode === 'STREAM'
      ? allowed(limits.streamMaxDurationMs, AWS_LIMITS.streamMaxDurationMs)
      : allowed(limits.bufferedIntegrationTimeoutMs, AWS_LIMITS.bufferedIntegrationTimeoutMs);
  if (timeoutInMillis !== undefined && (timeoutInMillis < 50 || timeoutInMillis > maximumMs)) {
    throw refusal(where, `Timeout should be between 50 ms and ${maximumMs} ms. It is ${timeoutInMillis}.`);
  }
}

/** A limit that was raised (a quota increase) counts; one that was lowered for a test must not refuse a template. */
const allowed = (limit: number, awsLimit: number) => (Number.isFinite(limit) ? Math.max(limit, awsLimit) : awsLimit);

function assertMapping(where: string, method: Method, target: string, source: string): void {
  const mapping = parseMapping(target, source);
  if (mapping === undefined) {
    throw refusal(where, `the mapping ${target} = ${source} is not supported here.`);
  }
  if (mapping.source.from === 'path' && method.requestParameters[source] === undefined) {
    throw refusal(
      where,
      `Invalid mapping expression specified: ${source}. Declare it in the requestParameters of the method.`,
    );
  }
}

function assertMock(where: string, { requestTemplates, integrationResponses }: Integration): void {
  for (const [mediaType, template] of Object.entries(requestTemplates)) {
    if (mockStatusCode(template) !== undefined) continue;
    const what = vtlConstruct(template) ?? JSON.stringify(template);
    throw refusal(where, `request template ${mediaType}: ${what} is not supported here; {"statusCode": 200} is.`);
  }
  for (const response of integrationResponses) assertMockResponse(where, response);
}

function assertMockResponse(where: string, response: IntegrationResponse): void {
  const { statusCode, selectionPattern = '', responseTemplates, responseParameters } = response;
  if (!/^[2-5]\d\d$/.test(statusCode)) throw refusal(where, `statusCode ${statusCode} is not one of 200 to 599.`);
  if (!isPattern(selectionPattern))
    throw refusal(where, `selectionPattern ${selectionPattern} is no regular expression.`);
  for (const [mediaType, template] of Object.entries(responseTemplates)) {
    const construct = vtlConstruct(template);
    if (construct === undefined) continue;
    throw refusal(where, `response template ${mediaType}: ${construct} is not supported here; plain text is.`);
  }
  for (const [target, value] of Object.entries(responseParameters)) {
    if (target.startsWith('method.response.header.') && /^'.*'$/s.test(value)) continue;
    const mapping = `the response mapping ${target} = ${value}`;
    throw refusal(where, `${mapping} is not supported here; a header with a 'literal' is.`);
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
