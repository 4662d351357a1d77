import type { IncomingHttpHeaders } from 'node:http';
import { RUNTIME_API_HEADERS } from '@spillway/wire/runtime-api';
import { AdapterCrash } from './adapter-crash.ts';
import { map, object, optional, text } from './event/event-shape.ts';

/** The function, as the adapter's own environment has it: without the names of log group and stream, on Lambda. */
export interface EnvironmentConfig {
  readonly function_name: string;
  readonly memory: number;
  readonly version: string;
  readonly log_stream: string;
  readonly log_group: string;
}

/** What the app gets as JSON in `x-amzn-lambda-context`. */
export interface LambdaContext {
  readonly request_id: string;
  readonly deadline: number;
  readonly invoked_function_arn: string;
  readonly xray_trace_id: string | null;
  readonly client_context: unknown;
  readonly identity: unknown;
  readonly tenant_id: string | null;
  readonly env_config: EnvironmentConfig;
}

/** @throws AdapterCrash when the function's name, version or memory size is not there. */
export function environmentConfig(environment: NodeJS.ProcessEnv): EnvironmentConfig {
  const required = (name: string) => {
    const value = environment[name];
    if (value === undefined) throw new AdapterCrash(`Missing ${name} env var`);
    return value;
  };
  const memory = required('AWS_LAMBDA_FUNCTION_MEMORY_SIZE');
  if (!/^[+-]?\d+$/.test(memory)) throw new AdapterCrash('AWS_LAMBDA_FUNCTION_MEMORY_SIZE env var is not <i32>');
  return {
    function_name: required('AWS_LAMBDA_FUNCTION_NAME'),
    memory: Number(memory),
    version: required('AWS_LAMBDA_FUNCTION_VERSION'),
    log_stream: environment['AWS_LAMBDA_LOG_STREAM_NAME'] ?? '',
    log_group: environment['AWS_LAMBDA_LOG_GROUP_NAME'] ?? '',
  };
}

/**
 * @throws AdapterCrash without request id and deadline. @throws Error when client context or identity are none: AWS's adapter ends then.
 */
export function lambdaContext(headers: IncomingHttpHeaders, env_config: EnvironmentConfig): LambdaContext {
  const header = (name: keyof typeof RUNTIME_API_HEADERS) => {
    const value = headers[RUNTIME_API_HEADERS[name]];
    return typeof value === 'string' ? Buffer.from(value, 'latin1').toString() : undefined;
  };
  const required = (name: keyof typeof RUNTIME_API_HEADERS) => {
    const value = header(name);
    if (value === undefined) throw new AdapterCrash(`missing ${RUNTIME_API_HEADERS[name]} header`);
    return value;
  };
  return {
    request_id: required('requestId'),
    deadline: Number(required('deadlineMs')),
    invoked_function_arn: header('invokedFunctionArn') ?? 'No header lambda-runtime-invoked-function-arn found.',
    xray_trace_id: header('traceId') ?? null,
    client_context: clientContext(header('clientContext')),
    identity: cognitoIdentity(header('cognitoIdentity')),
    tenant_id: header('tenantId') ?? null,
    env_config,
  };
}

const strings = (value: unknown) => Object.fromEntries(optional(map(text))(value) ?? []);

const clientFields = ['installationId', 'appTitle', 'appVersionName', 'appVersionCode', 'appPackageName'] as const;

const snakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Known fields alone, of which the app's must be there all or none. */
function clientContext(json: string | undefined): unknown {
  if (!json) return null;
  return object({
    client: (value) => {
      if (value === undefined) return Object.fromEntries(clientFields.map((name) => [name, '']));
      const given = object({})(value) && (value as Readonly<Record<string, unknown>>);
      return Object.fromEntries(clientFields.map((name) => [name, text(given[name] ?? given[snakeCase(name)])]));
    },
    custom: strings,
    environment: strings,
  })(JSON.parse(json));
}

function cognitoIdentity(json: string | undefined): unknown {
  if (!json) return null;
  const given = JSON.parse(json) as Readonly<Record<string, unknown>>;
  return {
    identityId: text(given['identityId'] ?? given['cognitoIdentityId'] ?? given['identity_id']),
    identityPoolId: text(given['identityPoolId'] ?? given['cognitoIdentityPoolId'] ?? given['identity_pool_id']),
  };
}
