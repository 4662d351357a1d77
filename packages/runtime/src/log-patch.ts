// `console` as Lambda's Node.js runtime has it. Same as AWS: the lines of both formats, levels, the filter by AWS_LAMBDA_LOG_LEVEL
// (checked with AWS's client). On purpose: lines are written synchronously, as AWS does to its own log channel, so that an exit
// loses none. Missing: that channel itself (_LAMBDA_TELEMETRY_LOG_FD); lines go to stdout.
import { writeSync } from 'node:fs';
import { format } from 'node:util';
import { asError, describeError } from './runtime-error.ts';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
type Level = (typeof LEVELS)[number];
type LogLine = (level: Level, parameters: unknown[]) => string;

interface LoggingContext {
  requestId?: string;
  tenantId?: string;
}
let context: LoggingContext = {};

/** Names the invocation that lines belong to from now on. */
export function setLoggingContext(requestId: string, tenantId: string | undefined): void {
  context = tenantId === undefined ? { requestId } : { requestId, tenantId };
}

const isJson = () => process.env['AWS_LAMBDA_LOG_FORMAT']?.toUpperCase() === 'JSON';

/** Replaces what `console` writes with. */
export function patchConsole(): void {
  const line: LogLine = isJson() ? jsonLine : textLine;
  const least = Math.max(0, LEVELS.indexOf(process.env['AWS_LAMBDA_LOG_LEVEL']?.toUpperCase() as Level));
  const logAt = (level: Level) =>
    LEVELS.indexOf(level) < least
      ? () => {}
      : (...parameters: unknown[]) => writeLine(line(level, parameters.length === 0 ? [undefined] : parameters));
  const info = logAt('INFO');
  Object.assign(console, {
    trace: logAt('TRACE'),
    debug: logAt('DEBUG'),
    info,
    log: info,
    warn: logAt('WARN'),
    error: logAt('ERROR'),
    fatal: logAt('FATAL'),
  });
}

/** Logs what a function failed with. `label`: `Invoke Error`, `Uncaught Exception` and so on. */
export function logError(label: string, thrown: unknown): void {
  const error = asError(thrown);
  if (isJson()) console.error(error);
  else console.error(label, `\t${describeError(error)}`);
}

const textLine: LogLine = (level, parameters) =>
  `${new Date().toISOString()}\t${context.requestId}\t${level}\t${format(...parameters)}`;

const jsonLine: LogLine = (level, parameters) => {
  const head = { timestamp: new Date().toISOString(), level, requestId: context.requestId, ...tenant() };
  if (parameters.length > 1) {
    const error = parameters.find((parameter) => parameter instanceof Error);
    return JSON.stringify({ ...head, message: format(...parameters), ...(error && errorFields(error)) });
  }
  const message = parameters[0];
  try {
    return JSON.stringify({ ...head, message }, (_key, value: unknown) =>
      value instanceof Error ? { ...errorFields(value), ...value } : value,
    );
  } catch {
    return JSON.stringify({ ...head, message: format(message) });
  }
};

const tenant = () => (context.tenantId === undefined ? {} : { tenantId: context.tenantId });

const errorFields = (error: Error) => ({
  errorType: error.constructor?.name ?? 'UnknownError',
  errorMessage: error.message,
  stackTrace: error.stack?.split('\n') ?? [],
});

const STDOUT = 1;
const RETRY_MS = 1;
const timer = new Int32Array(new SharedArrayBuffer(4));

/** Writes one event; line feeds in it become carriage returns, so that it stays one. */
export function writeLine(line: string): void {
  let rest = Buffer.from(`${line.replaceAll('\n', '\r')}\n`);
  while (rest.byteLength > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      // Full, and not blocking because the function has used process.stdout. Any other failure: nobody reads any more.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(timer, 0, 0, RETRY_MS);
    }
  }
}
