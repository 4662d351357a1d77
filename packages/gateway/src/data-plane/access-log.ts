import { contextVariables } from './context-variables.ts';
import { errorVariables } from './custom-gateway-response.ts';
import type { Exchange } from './exchange.ts';
import type { Outcome } from './outcome.ts';
import { transfers } from './transfer/transfers.ts';

/**
 * One access log line: every `$context.*` of the format replaced, those that are not set by `-`. Times are milliseconds.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export function accessLogLine(format: string, exchange: Exchange, outcome: Outcome): string {
  const variables = accessLogVariables(exchange, outcome);
  return format.replace(/\$context((?:\.[A-Za-z0-9_-]+)+)/g, (_, name: string) => {
    const value = Object.hasOwn(variables, name.slice(1)) ? variables[name.slice(1)] : undefined;
    return value === undefined ? '-' : String(value);
  });
}

type Variables = Readonly<Record<string, string | number | undefined>>;

function accessLogVariables(exchange: Exchange, outcome: Outcome): Variables {
  const { traceId, receivedAt } = exchange;
  return {
    ...contextVariables(exchange),
    status: outcome.status,
    responseLength: outcome.sentBytes,
    responseLatency: Math.round(performance.now() - receivedAt),
    xrayTraceId: traceId.replace(/^Root=([^;]*).*$/, '$1'),
    ...(outcome.error === undefined ? {} : errorVariables(outcome.error)),
    ...integrationVariables(exchange, outcome),
  };
}

function integrationVariables({ route, call }: Exchange, { error }: Outcome): Variables {
  if (route === undefined || call === undefined) return {};
  const message = error?.integrationError;
  return {
    'integration.responseTransferMode': transfers[route.integration.responseTransferMode].logName,
    'integration.timeToAllHeaders': call.timeToAllHeadersMs,
    'integration.timeToFirstContent': call.timeToFirstContentMs,
    'integration.latency': call.latencyMs,
    integrationLatency: call.latencyMs,
    'integration.status': call.status,
    'integration.integrationStatus': call.integrationStatus,
    integrationStatus: call.integrationStatus,
    'integration.requestId': call.requestId,
    awsEndpointRequestId: call.requestId,
    'integration.error': message,
    integrationErrorMessage: message,
  };
}
