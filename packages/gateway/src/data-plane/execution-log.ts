import { createHash } from 'node:crypto';
import type { LogWriter } from '@spillway/wire';
import { accessLogLine } from './access-log.ts';
import type { Exchange } from './exchange.ts';
import type { ExecutionError } from './execution-error.ts';
import type { Outcome } from './outcome.ts';

export interface RequestLogOptions {
  readonly logs: LogWriter;
  readonly report: (line: string) => void;
}

/**
 * Writes what CloudWatch Logs would hold: the access log, and the execution log in `API-Gateway-Execution-Logs_{apiId}/{stage}`. On purpose
 * a failure is always in the latter, whatever the stage's logging level, with one line more that says what to do.
 */
export function logRequest(exchange: Exchange, outcome: Outcome, { logs, report }: RequestLogOptions): void {
  if (exchange.stage !== undefined) {
    const { apiId, stageName } = exchange.head;
    const { accessLogGroup, configuration } = exchange.stage;
    const logStream = createHash('md5').update(`${apiId}/${stageName}`).digest('hex');
    for (const message of executionLogLines(exchange, outcome)) {
      logs.putLogEvent(`API-Gateway-Execution-Logs_${apiId}/${stageName}`, logStream, message);
    }
    const format = configuration.accessLogSettings?.format;
    if (accessLogGroup !== undefined && format !== undefined) {
      logs.putLogEvent(accessLogGroup, logStream, accessLogLine(format, exchange, outcome));
    }
  }
  if (outcome.error !== undefined) report(reportLine(exchange, outcome, outcome.error));
}

function executionLogLines({ requestId, trace, call }: Exchange, outcome: Outcome): readonly string[] {
  const { error, status, wasCut } = outcome;
  const isAnswered = error !== undefined && wasCut !== true;
  const lines = [
    ...trace.lines,
    ...(error === undefined ? [] : [error.log]),
    ...(trace.isInfo && isAnswered ? [`Gateway response type: ${error.responseType} with status code: ${status}`] : []),
    ...(trace.isInfo && error === undefined ? ['Successfully completed execution'] : []),
    ...(trace.isInfo || error !== undefined ? [`Method completed with status: ${status ?? '-'}`] : []),
    ...(trace.isInfo && call?.requestId !== undefined
      ? [`AWS Integration Endpoint RequestId : ${call.requestId}`]
      : []),
  ].map((line) => `(${requestId}) ${line}`);
  return error === undefined ? lines : [...lines, `[spillway] ${reasonAndAdvice(outcome, error, call)}`];
}

function reportLine({ head, call }: Exchange, outcome: Outcome, error: ExecutionError): string {
  const { httpMethod, stageName, rawPath } = head;
  return `${httpMethod} /${stageName}${rawPath} -> ${outcome.status ?? '-'}: ${reasonAndAdvice(outcome, error, call)}`;
}

function reasonAndAdvice({ wasCut, sentBytes }: Outcome, error: ExecutionError, call: Exchange['call']): string {
  const cut = wasCut === true ? `connection cut after ${sentBytes} bytes: ` : '';
  const advice = error.advice.replace('logs FUNCTION', `logs ${call?.functionName ?? 'FUNCTION'}`);
  return `${cut}${error.detail.replace(/\.$/, '')}. ${advice}`;
}
