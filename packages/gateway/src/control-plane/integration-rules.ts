import { AWS_LIMITS, type Integration, type IntegrationResponse, type Limits, type Method } from '@spillway/wire';
import { parseHttpUri } from '../data-plane/integration/http-uri.ts';
import { parseLambdaUri } from '../data-plane/integration/lambda-uri.ts';
import { mockStatusCode, vtlConstruct } from '../data-plane/integration/mock-template.ts';
import { parseMapping } from '../data-plane/parameter-mapping.ts';
import { isExpression } from '../expression.ts';
import { assertStatusCode, badRequest, notServed, onlyKnown } from './refusal.ts';

const KEYS: readonly string[] = [
  'type',
  'httpMethod',
  'uri',
  'responseTransferMode',
  'timeoutInMillis',
  'credentials',
  'connectionType',
  'cacheNamespace',
  'cacheKeyParameters',
  'contentHandling',
  'passthroughBehavior',
  'requestParameters',
  'requestTemplates',
  'integrationResponses',
];

/** API Gateway's shortest integration timeout. */
const MIN_TIMEOUT_MS = 50;

/** What holds for every integration, whoever makes it. @throws AwsError in AWS's words, or naming what is not served here. */
export function assertIntegration(method: Method, integration: Integration, limits: Limits): void {
  onlyKnown(KEYS, integration);
  assertTransferMode(integration);
  assertTimeout(integration, limits);
  assertByType(integration);
  for (const [target, source] of Object.entries(integration.requestParameters)) assertMapping(method, target, source);
  for (const response of integration.integrationResponses) assertIntegrationResponse(integration, response);
}

function assertByType(integration: Integration): void {
  switch (integration.type) {
    case 'AWS_PROXY':
      assertLambdaUri(integration.uri ?? '');
      return;
    case 'HTTP_PROXY':
      if (integration.httpMethod === undefined) throw badRequest('Enumeration value for HttpMethod must be non-empty');
      if (parseHttpUri(integration.uri ?? '') === undefined) throw badHttpUri(integration.uri);
      return;
    case 'MOCK':
      assertMock(integration);
      return;
    default:
      throw notServed(`an integration of type ${String(integration.type)}`, 'AWS_PROXY, HTTP_PROXY and MOCK are');
  }
}

const badHttpUri = (uri: string | undefined) =>
  badRequest('Invalid HTTP endpoint specified for URI', `It is ${JSON.stringify(uri)}.`);

/** A wrong mode for the uri's action is let through, as on AWS: the data plane answers 500. */
function assertLambdaUri(uri: string): void {
  if (parseLambdaUri(uri) !== undefined) return;
  const advice =
    `uri ${JSON.stringify(uri)} names no Lambda function. ` +
    'Write arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{functionArn}/invocations.';
  const [, service, target] = /^arn:[^:]+:apigateway:[^:]*:([^:]+):(.*)$/s.exec(uri) ?? [];
  if (service === undefined || target === undefined) throw badRequest('Invalid ARN specified in the request', advice);
  if (!/^(?:path|action)\//.test(target)) {
    throw badRequest('AWS ARN for integration must contain path or action', advice);
  }
  if (service === 'firehose') throw notServed('an integration with Firehose', advice);
  if (service === 'lambda') throw badRequest('Invalid ARN specified in the request', advice);
  throw badRequest(
    "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    advice,
  );
}

function assertTransferMode({ type, responseTransferMode }: Integration): void {
  if (responseTransferMode === 'STREAM' && type !== 'AWS_PROXY' && type !== 'HTTP_PROXY') {
    throw badRequest('responseTransferMode STREAM is only for integrations of type AWS_PROXY and HTTP_PROXY');
  }
}

function assertTimeout({ responseTransferMode, timeoutInMillis }: Integration, limits: Limits): void {
  const maximumMs =
    responseTransferMode === 'STREAM'
      ? allowed(limits.streamMaxDurationMs, AWS_LIMITS.streamMaxDurationMs)
      : allowed(limits.bufferedIntegrationTimeoutMs, AWS_LIMITS.bufferedIntegrationTimeoutMs);
  if (timeoutInMillis === undefined) return;
  if (Number.isInteger(timeoutInMillis) && timeoutInMillis >= MIN_TIMEOUT_MS && timeoutInMillis <= maximumMs) return;
  throw badRequest(
    `Timeout should be between ${MIN_TIMEOUT_MS} ms and ${maximumMs} ms`,
    `It is ${timeoutInMillis}, in mode ${responseTransferMode}.`,
  );
}

/** A limit that was raised (a quota increase) counts; one that was lowered for a test must not refuse a template. */
const allowed = (limit: number, awsLimit: number) => (Number.isFinite(limit) ? Math.max(limit, awsLimit) : awsLimit);

function assertMapping(method: Method, target: string, source: string): void {
  const mapping = parseMapping(target, source);
  if (mapping === undefined) throw notServed(`the mapping ${target} = ${source}`);
  if (mapping.source.from === 'path' && method.requestParameters[source] === undefined) {
    throw badRequest(
      `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${source}]`,
      'Declare it in the requestParameters of the method.',
    );
  }
}

function assertMock({ requestTemplates, contentHandling }: Integration): void {
  if (contentHandling !== undefined) throw notServed('contentHandling of a MOCK integration');
  for (const [mediaType, template] of Object.entries(requestTemplates)) {
    if (mockStatusCode(template) !== undefined) continue;
    const what = vtlConstruct(template) ?? JSON.stringify(template);
    throw notServed(`request template ${mediaType}: ${what}`, '{"statusCode": 200} is');
  }
}

/** Those of proxy integrations have no effect, here as on AWS. @throws AwsError */
export function assertIntegrationResponse({ type }: Integration, response: IntegrationResponse): void {
  const { statusCode, selectionPattern = '', responseTemplates, responseParameters } = response;
  assertStatusCode(statusCode);
  if (!isExpression(selectionPattern)) {
    throw badRequest(`Invalid selection pattern specified: ${selectionPattern}`, 'It is no regular expression.');
  }
  if (type !== 'MOCK') return;
  if (statusCode.startsWith('1')) throw notServed(`statusCode ${statusCode} of a MOCK integration`);
  for (const [mediaType, template] of Object.entries(responseTemplates)) {
    const construct = vtlConstruct(template);
    if (construct === undefined) continue;
    throw notServed(`response template ${mediaType}: ${construct}`, 'plain text is');
  }
  for (const [target, value] of Object.entries(responseParameters)) {
    if (target.startsWith('method.response.header.') && /^'.*'$/s.test(value)) continue;
    throw notServed(`the response mapping ${target} = ${value}`, "a header with a 'literal' is");
  }
}
