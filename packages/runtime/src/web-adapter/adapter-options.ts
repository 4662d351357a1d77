import type { Log } from './adapter-log.ts';
import { parseStatusCode, parseStatusCodes, type StatusCodes } from './status-codes.ts';

export interface AdapterOptions {
  /** Where the web app listens: scheme, host and port. */
  readonly app: URL;
  readonly readiness: { readonly url: URL; readonly protocol: 'http' | 'tcp'; readonly isHealthy: StatusCodes };
  readonly asyncInit: boolean;
  readonly removeBasePath: string | undefined;
  readonly passThroughPath: string;
  /** Of buffered responses. */
  readonly compression: boolean;
  readonly invokeMode: 'buffered' | 'response_stream';
  readonly authorizationSource: string | undefined;
  readonly isErrorStatus: StatusCodes;
  /** What becomes of a stream whose app broke off: `as-aws` ends it as if it were whole, `break` breaks it too. */
  readonly failedStream: 'as-aws' | 'break';
  /** host:port of Runtime API and Extensions API, with a path perhaps. */
  readonly runtimeApi: string;
}

/**
 * Reads the AWS_LWA_* variables and their deprecated spellings; a set but empty variable counts as set.
 * @throws Error when they make no URL.
 * @see https://github.com/aws/aws-lambda-web-adapter
 */
export function adapterOptions(environment: NodeJS.ProcessEnv, log: Log): AdapterOptions {
  const read = reader(environment, log);
  const host = read('AWS_LWA_HOST', 'HOST') ?? '127.0.0.1';
  const port = environment['AWS_LWA_PORT'] ?? environment['PORT'] ?? '8080';
  const invokeMode = isOneOf('response_stream', environment['AWS_LWA_INVOKE_MODE']) ? 'response_stream' : 'buffered';
  const app = { host, port, path: '' };
  const checked = readiness(environment, read, app, log);
  const removeBasePath = read('AWS_LWA_REMOVE_BASE_PATH', 'REMOVE_BASE_PATH');
  const errorStatusCodes = environment['AWS_LWA_ERROR_STATUS_CODES'];
  return {
    app: url('domain', app),
    readiness: checked,
    asyncInit: read('AWS_LWA_ASYNC_INIT', 'ASYNC_INIT') === 'true',
    removeBasePath,
    passThroughPath: environment['AWS_LWA_PASS_THROUGH_PATH'] ?? '/events',
    compression: compression(environment, invokeMode, log),
    invokeMode,
    authorizationSource: environment['AWS_LWA_AUTHORIZATION_SOURCE'],
    isErrorStatus: errorStatusCodes === undefined ? () => false : parseStatusCodes(errorStatusCodes, log),
    failedStream: environment['SPILLWAY_LWA_FAILED_STREAM'] === 'break' ? 'break' : 'as-aws',
    runtimeApi:
      environment['AWS_LWA_LAMBDA_RUNTIME_API_PROXY'] ?? environment['AWS_LAMBDA_RUNTIME_API'] ?? '127.0.0.1:9001',
  };
}

type Read = (name: string, deprecated: string) => string | undefined;

const reader =
  (environment: NodeJS.ProcessEnv, log: Log): Read =>
  (name, deprecated) => {
    const value = environment[name];
    const old = environment[deprecated];
    if (value !== undefined || old === undefined) return value;
    const advice = `Please use '${name}' instead.`;
    log('WARN', `Environment variable '${deprecated}' is deprecated and will be removed in version 2.0. ${advice}`);
    return old;
  };

function readiness(
  environment: NodeJS.ProcessEnv,
  read: Read,
  app: { readonly host: string; readonly port: string },
  log: Log,
): AdapterOptions['readiness'] {
  const isHealthy = healthyStatus(environment, log);
  const port = read('AWS_LWA_READINESS_CHECK_PORT', 'READINESS_CHECK_PORT') ?? app.port;
  const path = read('AWS_LWA_READINESS_CHECK_PATH', 'READINESS_CHECK_PATH') ?? '/';
  const named = read('AWS_LWA_READINESS_CHECK_PROTOCOL', 'READINESS_CHECK_PROTOCOL');
  const protocol = isOneOf('tcp', named) ? 'tcp' : 'http';
  const checked = url('healthcheck', { host: app.host, port, path });
  if (protocol === 'tcp' && checked.port === '') throw new Error('TCP readiness check requires a port in the URL');
  return { url: checked, protocol, isHealthy };
}

const MIN_UNHEALTHY = 'AWS_LWA_READINESS_CHECK_MIN_UNHEALTHY_STATUS';
const HEALTHY = 'AWS_LWA_READINESS_CHECK_HEALTHY_STATUS';

function healthyStatus(environment: NodeJS.ProcessEnv, log: Log): StatusCodes {
  const healthy = environment[HEALTHY];
  if (healthy !== undefined) return parseStatusCodes(healthy, log);
  const minUnhealthy = environment[MIN_UNHEALTHY];
  if (minUnhealthy !== undefined) {
    const advice = `Please use '${HEALTHY}' instead (e.g., '100-499').`;
    log('WARN', `Environment variable '${MIN_UNHEALTHY}' is deprecated. ${advice}`);
  }
  const end = parseStatusCode(minUnhealthy ?? '500') ?? 500;
  return (status) => status >= 100 && status < end;
}

function compression(environment: NodeJS.ProcessEnv, invokeMode: string, log: Log): boolean {
  if (environment['AWS_LWA_ENABLE_COMPRESSION'] !== 'true') return false;
  if (invokeMode === 'buffered') return true;
  log('WARN', 'Compression is not supported with response streaming. Disabling compression.');
  return false;
}

const isOneOf = (name: string, value: string | undefined) => value?.toLowerCase() === name;

interface Address {
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

function url(what: string, { host, port, path }: Address): URL {
  const text = `http://${host}:${port}${path}`;
  if (!URL.canParse(text)) {
    throw new Error(`Invalid ${what} URL configuration (host=${host}, port=${port}${path && `, path=${path}`})`);
  }
  return new URL(text);
}
