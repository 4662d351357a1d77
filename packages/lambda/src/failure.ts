import type { FunctionConfiguration, FunctionError, Limits } from '@spillway/wire';
import { launchHint } from './extensions/extension-hints.ts';
import { exited, outOfMemory, sandboxFailure, timedOut } from './function-errors.ts';
import { outOfMemoryHint, timeoutHint } from './hints.ts';
import type { Invocation } from './invocation.ts';
import type { Happening } from './runtime.ts';
import type { SystemLog } from './system-log.ts';

/** How an init or an invocation went wrong, for who invoked and for the log. */
export interface Failure {
  readonly status: 'timeout' | 'error';
  readonly errorType: string;
  readonly error: FunctionError;
  readonly log: readonly string[];
}

export interface FailureContext {
  readonly invocation: Invocation;
  readonly configuration: FunctionConfiguration;
  readonly limits: Limits;
  readonly systemLog: SystemLog;
}

/** Undefined when all is well: all have registered, or ask for their next event. */
export function failureOf(happening: Happening, context: FailureContext): Failure | undefined {
  const { requestId } = context.invocation;
  switch (happening.kind) {
    case 'registered':
    case 'ready':
    case 'response':
      return undefined;
    case 'initError':
      return { status: 'error', ...happening.error, log: [] };
    case 'timeout':
      return timeoutFailure(context);
    case 'outOfMemory':
      return outOfMemoryFailure(context);
    case 'closed':
      return failed(sandboxFailure(requestId, 'The server was stopped, or the function deleted.'));
    case 'exited': {
      const { text, startError } = happening.exit;
      if (startError) {
        return failed(sandboxFailure(requestId, `The runtime could not be started: ${text}`, startError), [
          `RequestId: ${requestId} Error: The runtime could not be started: ${text}\n`,
        ]);
      }
      return exitFailure(context, text, happening.reported);
    }
    case 'invalidEntrypoint': {
      const { text, hint } = happening.entrypoint;
      return exitFailure(context, text, 'Runtime.InvalidEntrypoint', hint);
    }
    case 'extensionFailed': {
      const { errorType, text } = happening.failure;
      return exitFailure(context, text, errorType, launchHint(happening.failure));
    }
  }
}

function exitFailure(
  { invocation: { requestId }, systemLog }: FailureContext,
  text: string,
  errorType?: string,
  hint?: string,
): Failure {
  const error = exited(requestId, text, errorType);
  return failed(error, [...systemLog.exited(requestId, text, error.errorType), ...(hint ? [hint] : [])]);
}

function timeoutFailure({ invocation, configuration, limits, systemLog }: FailureContext): Failure {
  const error = timedOut(invocation.requestId, configuration.timeoutSeconds);
  const hint = timeoutHint(invocation.answer.response, configuration, limits);
  const log = [...systemLog.timedOut(invocation.requestId), ...(hint ? [hint] : [])];
  return { status: 'timeout', errorType: error.errorType, error, log };
}

function outOfMemoryFailure({ invocation: { requestId }, configuration, systemLog }: FailureContext): Failure {
  const error = outOfMemory(requestId);
  const exitText = 'Runtime exited with error: signal: killed';
  return failed(error, [...systemLog.exited(requestId, exitText, error.errorType), outOfMemoryHint(configuration)]);
}

const failed = (error: FunctionError, log: readonly string[] = []): Failure => ({
  status: 'error',
  errorType: error.errorType,
  error,
  log,
});
