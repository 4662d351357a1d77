import {
  AWS_LIMITS,
  type Integration,
  type IntegrationResponse,
  type Limits,
  type ResponseTransferMode,
} from '@spillway/wire';
import type { Properties } from './properties.ts';
import { INTEGRATION } from './property-support.ts';
import type { ReadContext } from './read-context.ts';
import type { IntegrationDraft } from './rest-api-draft.ts';
import type { Position } from './template-node.ts';
import { checkProperties } from './unsupported.ts';

/** API Gateway's shortest integration timeout. */
const MIN_TIMEOUT_MS = 50;

/** The two forms of a Lambda function's integration URI, by the transfer mode that they are for. */
export const INVOCATION_PATHS: Readonly<Record<ResponseTransferMode, readonly [version: string, action: string]>> = {
  BUFFERED: ['2015-03-31', 'invocations'],
  STREAM: ['2021-11-15', 'response-streaming-invocations'],
};

export function lambdaUri(region: string, functionArn: string, mode: ResponseTransferMode): string {
  const [version, action] = INVOCATION_PATHS[mode];
  return `arn:aws:apigateway:${region}:lambda:path/${version}/functions/${functionArn}/${action}`;
}

/**
 * Reads an integration by CloudFormation's property names. Undefined when it is one that Spillway cannot serve; that was reported.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-method-integration.html
 */
export function readIntegration(properties: Properties, context: ReadContext): IntegrationDraft | undefined {
  checkProperties(properties, INTEGRATION, context.problems);
  const type = readType(properties, context);
  const responseTransferMode = readMode(properties, context);
  const timeoutInMillis = readTimeout(properties, responseTransferMode, context);
  if (type === undefined) return undefined;
  const uri = properties.text('Uri');
  const httpMethod = properties.text('IntegrationHttpMethod');
  const credentials = properties.text('Credentials');
  const integration: Integration = {
    type,
    responseTransferMode,
    passthroughBehavior: properties.oneOf('PassthroughBehavior', PASSTHROUGH_BEHAVIORS) ?? 'WHEN_NO_MATCH',
    requestParameters: properties.record('RequestParameters'),
    requestTemplates: properties.record('RequestTemplates'),
    integrationResponses: properties.maps('IntegrationResponses').map(readResponse),
    ...(uri === undefined ? {} : { uri }),
    ...(httpMethod === undefined ? {} : { httpMethod }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(timeoutInMillis === undefined ? {} : { timeoutInMillis }),
  };
  checkTarget(integration, properties, context);
  return { integration, modeAt: properties.at('ResponseTransferMode'), timeoutAt: properties.at('TimeoutInMillis') };
}

const PASSTHROUGH_BEHAVIORS = ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'] as const;
const TYPES = ['AWS_PROXY', 'HTTP_PROXY', 'MOCK', 'AWS', 'HTTP'] as const;

function readType(properties: Properties, { problems }: ReadContext): Integration['type'] | undefined {
  if (!properties.has('Type')) problems.error(properties.start, `${properties.label} has no Type.`);
  const type = properties.oneOf('Type', TYPES);
  if (type !== 'AWS' && type !== 'HTTP') return type;
  problems.unsupported(
    properties.at('Type'),
    `Type ${type} of ${properties.label} is not supported: mapping templates are not emulated. Use ${type}_PROXY.`,
  );
  return undefined;
}

function readMode(properties: Properties, { problems }: ReadContext): ResponseTransferMode {
  const given = properties.text('ResponseTransferMode');
  if (given === undefined || given === 'BUFFERED' || given === 'STREAM') return given ?? 'BUFFERED';
  const hint =
    given === 'RESPONSE_STREAM'
      ? ' RESPONSE_STREAM is the word for an Api event of an AWS::Serverless::Function; an integration says STREAM.'
      : '';
  problems.error(properties.at('ResponseTransferMode'), `ResponseTransferMode must be BUFFERED or STREAM.${hint}`);
  return 'BUFFERED';
}

function readTimeout(properties: Properties, mode: ResponseTransferMode, context: ReadContext): number | undefined {
  const timeout = properties.integer('TimeoutInMillis', { min: 0, max: Number.MAX_SAFE_INTEGER });
  return timeout === undefined ? undefined : checkedTimeout(timeout, mode, properties.at('TimeoutInMillis'), context);
}

/** Reports a timeout that API Gateway refuses, in its words. */
export function checkedTimeout(
  timeoutMs: number,
  mode: ResponseTransferMode,
  at: Position,
  { limits, problems }: ReadContext,
): number | undefined {
  const max = maxTimeoutMs(mode, limits);
  if (timeoutMs >= MIN_TIMEOUT_MS && timeoutMs <= max) return timeoutMs;
  const hint = mode === 'BUFFERED' && timeoutMs > max ? ' More takes ResponseTransferMode STREAM.' : '';
  problems.error(at, `Timeout should be between ${MIN_TIMEOUT_MS} ms and ${max} ms.${hint}`);
  return undefined;
}

/** A limit that was lowered for a test, or lifted, leaves what a template may say alone. */
function maxTimeoutMs(mode: ResponseTransferMode, limits: Limits): number {
  const name = mode === 'STREAM' ? 'streamMaxDurationMs' : 'bufferedIntegrationTimeoutMs';
  return Number.isFinite(limits[name]) ? Math.max(limits[name], AWS_LIMITS[name]) : AWS_LIMITS[name];
}

function readResponse(properties: Properties): IntegrationResponse {
  const selectionPattern = properties.text('SelectionPattern');
  return {
    statusCode: properties.requiredText('StatusCode') ?? '200',
    responseParameters: properties.record('ResponseParameters'),
    responseTemplates: properties.record('ResponseTemplates'),
    ...(selectionPattern === undefined ? {} : { selectionPattern }),
  };
}

function checkTarget(integration: Integration, properties: Properties, { problems }: ReadContext): void {
  const { type, uri, httpMethod, responseTransferMode } = integration;
  if (type === 'MOCK') {
    if (responseTransferMode === 'STREAM') {
      problems.error(
        properties.at('ResponseTransferMode'),
        'ResponseTransferMode STREAM is for integrations of type AWS_PROXY and HTTP_PROXY only.',
      );
    }
    return;
  }
  if (httpMethod === undefined) {
    problems.error(
      properties.start,
      `${properties.label} has no IntegrationHttpMethod (httpMethod in OpenAPI): AWS answers "Enumeration value for HttpMethod must be non-empty".`,
    );
  }
  if (!properties.has('Uri')) problems.error(properties.start, `${properties.label} has no Uri.`);
  if (type === 'AWS_PROXY' && uri !== undefined) checkLambda(uri, httpMethod, properties, problems);
  if (properties.text('ConnectionType') === 'VPC_LINK') {
    problems.unsupported(properties.at('ConnectionType'), `${properties.label}: VPC links are not emulated.`);
  }
}

function checkLambda(
  uri: string,
  httpMethod: string | undefined,
  properties: Properties,
  problems: ReadContext['problems'],
): void {
  if (!/^arn:[^:]+:apigateway:[^:]*:lambda:path\//.test(uri)) {
    problems.error(
      properties.at('Uri'),
      `${uri} is not the URI of a Lambda function: Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.`,
    );
  }
  if (httpMethod !== undefined && httpMethod !== 'POST') {
    problems.warn(
      properties.at('IntegrationHttpMethod'),
      `A Lambda function is called with POST; with ${httpMethod} every request is answered 500.`,
    );
  }
}
