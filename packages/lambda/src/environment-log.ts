import type { FunctionConfiguration } from '@spillway/wire';
import type { EnvironmentHost } from './environment-host.ts';
import { hint } from './hints.ts';
import type { LogTail } from './log-tail.ts';
import { type SystemLog, systemLogs } from './system-log.ts';

/** The log stream of one execution environment. `id`: 32 hexadecimal digits. */
export class EnvironmentLog {
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Lambda's own lines, to be put. */
  readonly system: SystemLog;
  /** Takes a copy of what is put, while there is one. */
  tail: LogTail | undefined;
  readonly #host: EnvironmentHost;

  constructor(host: EnvironmentHost, configuration: FunctionConfiguration, id: string) {
    this.#host = host;
    this.logGroupName = configuration.logGroup ?? `/aws/lambda/${configuration.functionName}`;
    this.logStreamName = logStreamName(configuration, id);
    this.system = systemLogs[configuration.logFormat](configuration, host.region, this.logStreamName);
  }

  put(messages: readonly string[]): void {
    for (const message of messages) {
      this.#host.logs.putLogEvent(this.logGroupName, this.logStreamName, message);
      this.tail?.add(message);
    }
  }

  /** Lines of our own. */
  note(texts: readonly string[]): void {
    this.put(texts.map(hint));
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html */
function logStreamName({ functionName, version = '$LATEST', logGroup }: FunctionConfiguration, id: string): string {
  const date = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return logGroup === undefined ? `${date}/[${version}]${id}` : `${date}/${functionName}[${version}]${id}`;
}
