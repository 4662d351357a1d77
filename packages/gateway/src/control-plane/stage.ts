import type { StageConfiguration } from '@spillway/wire';
import type { Deployment } from './deployment.ts';
import { badRequest, onlyKnown } from './refusal.ts';

/** A name under which a deployment is reached, with its own variables and logs. */
export interface Stage {
  readonly configuration: StageConfiguration;
  readonly deployment: Deployment;
  /** Log group of the access log, if there is one. */
  readonly accessLogGroup: string | undefined;
}

const KEYS: readonly string[] = [
  'stageName',
  'variables',
  'accessLogSettings',
  'description',
  'tags',
  'loggingLevel',
  'methodSettings',
];

/** 3 KB. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const ACCESS_LOG_FORMAT_BYTES = 3072;

export const stageOf = (configuration: StageConfiguration, deployment: Deployment): Stage => ({
  configuration: structuredClone(configuration),
  deployment,
  accessLogGroup: accessLogGroup(configuration.accessLogSettings?.destinationArn),
});

/** @throws AwsError for stage settings that API Gateway refuses, or that are not served here. */
export function assertStage(configuration: StageConfiguration): void {
  const { stageName, variables, accessLogSettings } = configuration;
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(stageName)) {
    throw badRequest('Stage name only allows a-zA-Z0-9_-', `It is ${JSON.stringify(stageName)}: rename it.`);
  }
  onlyKnown(KEYS, configuration);
  assertVariables(variables);
  if (accessLogSettings !== undefined) assertAccessLogSettings(accessLogSettings);
}

function assertVariables(variables: StageConfiguration['variables']): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!/^\w{1,64}$/.test(name)) {
      throw badRequest(`Stage variable name only allows alphanumeric characters and underscores, at most 64: ${name}`);
    }
    if (!/^[A-Za-z0-9\-._~:/?#&=,]{0,512}$/.test(value)) {
      throw badRequest(
        `Stage variable value must match the regular expression [A-Za-z0-9-._~:/?#&=,]+ and be at most 512 characters long: ${name}`,
      );
    }
  }
}

function assertAccessLogSettings({ destinationArn, format }: { destinationArn: string; format: string }): void {
  if (accessLogGroup(destinationArn) === undefined) {
    throw badRequest(
      `Invalid ARN specified in the request: ${destinationArn} is not a CloudWatch Logs log group`,
      'Only log groups are written here.',
    );
  }
  if (!/\$context\.(requestId|extendedRequestId)\b/.test(format)) {
    throw badRequest('Access Log format must contain either $context.requestId or $context.extendedRequestId');
  }
  if (Buffer.byteLength(format) > ACCESS_LOG_FORMAT_BYTES) throw badRequest('Access Log format is over 3 KB');
}

const accessLogGroup = (destinationArn = ''): string | undefined =>
  /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(destinationArn)?.[1];
