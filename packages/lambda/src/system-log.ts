import { createHash } from 'node:crypto';
import type { FunctionConfiguration } from '@spillway/wire';
import { timedOutText } from './function-errors.ts';

/** How an init that failed ended. */
interface InitFailure {
  readonly phase: 'init' | 'invoke';
  readonly durationMs: number;
  readonly status: 'timeout' | 'error';
  readonly errorType?: string;
}

/** What Lambda tells of one invocation at its end. */
interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  readonly maxMemoryUsedMb: number;
  /** Of an init before this invocation, ms. */
  readonly initDurationMs?: number;
  readonly status: 'success' | 'timeout' | 'error';
  /** With status `error`. */
  readonly errorType?: string;
}

/** An extension at the end of an init. */
interface ExtensionStatus {
  readonly name: string;
  /** `Ready`, `Registered`, `LaunchError` and so on. */
  readonly state: string;
  /** `INVOKE`, `SHUTDOWN`. */
  readonly events: readonly string[];
  readonly errorType?: string | undefined;
}

/** The lines that Lambda itself writes into a function's log; each call returns the events of one moment. */
export interface SystemLog {
  initStart(): readonly string[];
  initFailed(failure: InitFailure): readonly string[];
  extension(status: ExtensionStatus): readonly string[];
  start(requestId: string): readonly string[];
  timedOut(requestId: string): readonly string[];
  /** `exitText`: `Runtime exited with error: exit status 1`. */
  exited(requestId: string, exitText: string, errorType: string): readonly string[];
  end(report: InvocationReport): readonly string[];
}

type SystemLogOf = (configuration: FunctionConfiguration, region: string, logStreamName: string) => SystemLog;

/** By a function's log format. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html */
export const systemLogs: Record<FunctionConfiguration['logFormat'], SystemLogOf> = { Text: textLog, JSON: jsonLog };

function textLog(configuration: FunctionConfiguration, region: string): SystemLog {
  const { memorySizeMb, timeoutSeconds, version: functionVersion = '$LATEST' } = configuration;
  return {
    initStart: () => {
      const { version, arn } = runtimeVersion(configuration.runtime, region);
      return [`INIT_START Runtime Version: ${version}\tRuntime Version ARN: ${arn}\n`];
    },
    initFailed: ({ phase, durationMs, status, errorType }) => [
      `INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: ${phase}\tStatus: ${status}${errorTypeText(errorType)}\n`,
    ],
    extension: ({ name, state, events, errorType }) => [
      `EXTENSION\tName: ${name}\tState: ${state}\tEvents: [${events.join(', ')}]${errorTypeText(errorType)}\n`,
    ],
    start: (requestId) => [`START RequestId: ${requestId} Version: ${functionVersion}\n`],
    timedOut: (requestId) => [`${new Date().toISOString()} ${requestId} ${timedOutText(timeoutSeconds)}\n`],
    exited: (requestId, exitText, errorType) => [`RequestId: ${requestId} Error: ${exitText}\n${errorType}\n`],
    end: (report) => [
      `END RequestId: ${report.requestId}\n`,
      `REPORT RequestId: ${report.requestId}\tDuration: ${report.durationMs.toFixed(2)} ms\t` +
        `Billed Duration: ${Math.ceil(report.durationMs)} ms\tMemory Size: ${memorySizeMb} MB\t` +
        `Max Memory Used: ${report.maxMemoryUsedMb} MB\t${initDurationText(report)}${statusText(report)}\n`,
    ],
  };
}

const errorTypeText = (errorType: string | undefined) => (errorType ? `\tError Type: ${errorType}` : '');

const initDurationText = ({ initDurationMs }: InvocationReport) =>
  initDurationMs === undefined ? '' : `Init Duration: ${initDurationMs.toFixed(2)} ms\t`;

const statusText = ({ status, errorType }: InvocationReport) =>
  status === 'success' ? '' : `Status: ${status}${errorTypeText(errorType)}`;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
function jsonLog(configuration: FunctionConfiguration, region: string, logStreamName: string): SystemLog {
  const { functionName, memorySizeMb, version: functionVersion = '$LATEST' } = configuration;
  const event = (type: string, record: object) =>
    `${JSON.stringify({ time: new Date().toISOString(), type: `platform.${type}`, record })}\n`;
  return {
    initStart: () => {
      const { version, arn } = runtimeVersion(configuration.runtime, region);
      const record = {
        initializationType: 'on-demand',
        phase: 'init',
        runtimeVersion: version,
        runtimeVersionArn: arn,
        functionName,
        functionVersion,
        instanceId: logStreamName,
        instanceMaxMemory: memorySizeMb * 1_048_576,
      };
      return [event('initStart', record)];
    },
    initFailed: ({ phase, durationMs, status, errorType }) => [
      event('initReport', {
        initializationType: 'on-demand',
        phase,
        status,
        ...(errorType && { errorType }),
        metrics: { durationMs: rounded(durationMs) },
      }),
    ],
    extension: ({ name, state, events, errorType }) => [
      event('extension', { name, state, events, ...(errorType && { errorType }) }),
    ],
    start: (requestId) => [event('start', { requestId, version: functionVersion })],
    timedOut: () => [],
    exited: () => [],
    end: (report) => [event('report', reportRecord(report, memorySizeMb))],
  };
}

const reportRecord = (report: InvocationReport, memorySizeMB: number) => ({
  requestId: report.requestId,
  status: report.status,
  ...(report.errorType && { errorType: report.errorType }),
  metrics: {
    durationMs: rounded(report.durationMs),
    billedDurationMs: Math.ceil(report.durationMs),
    memorySizeMB,
    maxMemoryUsedMB: report.maxMemoryUsedMb,
    ...(report.initDurationMs !== undefined && { initDurationMs: rounded(report.initDurationMs) }),
  },
});

const rounded = (durationMs: number) => Math.round(durationMs * 1000) / 1000;

/** By AWS's shape (`nodejs:22.v1`, `python:3.12.v1`, `provided:al2023.v1`); what runs is the interpreter of this machine. */
export function runtimeVersion(runtime: string, region: string): { readonly version: string; readonly arn: string } {
  const [, family = runtime, version = ''] = /^([a-z]+)\.?(.*?)(?:\.x)?$/.exec(runtime) ?? [];
  const hash = createHash('sha256').update(`${runtime} ${process.version}`).digest('hex');
  return { version: `${family}:${version}.v1`, arn: `arn:aws:lambda:${region}::runtime:${hash}` };
}
