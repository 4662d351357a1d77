import { type StageConfiguration, UsageError } from '@spillway/wire';
import type { Deployment } from './deployment.ts';
import { onlyKnown } from './supported.ts';

/** A name under which a deployment is reached, with its own variables and logs. */
export interface Stage {
  readonly configuration: StageConfiguration;
  readonly deployment: Deployment;
  /** Log group of the access log, if there is one. */
  readonly accessLogGroup: string | undefined;
}

/** 3 KB. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const ACCESS_LOG_FORMAT_BYTES = 3072;

/** @throws UsageError for stage settings that API Gateway refuses, or that are not served here. */
export function stageOf(configuration: StageConfiguration, deployment: Deployment): Stage {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(configuration.stageName)) {
    throw new UsageError(
      `Stage ${JSON.stringify(configuration.stageName)}: Stage name only allows a-zA-Z0-9_- and up to 128 of them. Rename it.`,
    );
  }
  onlyKnown(`Stage ${configuration.stageName}`, 'stage', configuration);
  return { configuration: structuredClone(configuration), deployment, accessLogGroup: accessLogGroup(configuration) };
}

function accessLogGroup({ stageName, accessLogSettings }: StageConfiguration): string | undefined {
  if (accessLogSettings === undefined) return undefined;
  const { destinationArn, format } = accessLogSettings;
  const [, group] = /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(destinationArn) ?? [];
  const fault = (what: string) => new UsageError(`Stage ${stageName}, accessLogSettings: ${what}`);
  if (group === undefined) {
    throw fault(
      `destinationArn ${destinationArn} is not a CloudWatch Logs log group. Only log groups are written here.`,
    );
  }
  if (!/\$context\.(requestId|extendedRequestId)\b/.test(format)) {
    throw fault('format must hold $context.requestId. Add it.');
  }
  if (Buffer.byteLength(format) > ACCESS_LOG_FORMAT_BYTES) throw fault('format is over 3 KB. Shorten it.');
  return group;
}
