import type { IncomingHttpHeaders } from 'node:http';
import { RUNTIME_API_HEADERS } from '@spillway/wire/runtime-api';

/**
 * What every handler learns of its invocation.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export interface Context {
  /** Whether what the function still does is waited for before the response, or the next event. */
  callbackWaitsForEmptyEventLoop: boolean;
  readonly functionName: string | undefined;
  readonly functionVersion: string | undefined;
  readonly memoryLimitInMB: string | undefined;
  readonly logGroupName: string | undefined;
  readonly logStreamName: string | undefined;
  readonly invokedFunctionArn: string | undefined;
  readonly awsRequestId: string;
  readonly tenantId: string | undefined;
  /** As the mobile SDKs send it. */
  readonly clientContext: unknown;
  readonly identity: unknown;
  getRemainingTimeInMillis(): number;
}

type InvocationContext = Omit<Context, 'callbackWaitsForEmptyEventLoop'>;

const header = (headers: IncomingHttpHeaders, name: keyof typeof RUNTIME_API_HEADERS) =>
  headers[RUNTIME_API_HEADERS[name]] as string | undefined;

/** @throws Error when the event came without an id. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const requestId = header(headers, 'requestId');
  if (!requestId) throw new Error('invocation id is missing or invalid');
  return requestId;
}

export const tenantIdOf = (headers: IncomingHttpHeaders): string | undefined => header(headers, 'tenantId');

/** Adds all but the callbacks to `base`, and hands the trace on in the environment. @throws Error for malformed JSON in a header. */
export function completeContext<Base extends object>(
  base: Base,
  headers: IncomingHttpHeaders,
): Base & InvocationContext {
  forwardTrace(header(headers, 'traceId'));
  const deadlineMs = Number(header(headers, 'deadlineMs'));
  // Assigned, not spread: `base` has accessors.
  return Object.assign(base, {
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    clientContext: parseJson('ClientContext', header(headers, 'clientContext')),
    identity: parseJson('CognitoIdentity', header(headers, 'cognitoIdentity')),
    invokedFunctionArn: header(headers, 'invokedFunctionArn'),
    awsRequestId: requestIdOf(headers),
    tenantId: tenantIdOf(headers),
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  });
}

/** For the X-Ray SDK, which looks nowhere else. */
function forwardTrace(traceId: string | undefined): void {
  if (traceId) process.env['_X_AMZN_TRACE_ID'] = traceId;
  else delete process.env['_X_AMZN_TRACE_ID'];
}

function parseJson(name: string, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${String(error)}`);
  }
}
