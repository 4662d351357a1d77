import { ACCOUNT_ID, type Authorizer, AwsError, FunctionError, type InvokeRequest } from '@spillway/wire';
import { ExecutionError, errorMessage } from '../execution-error.ts';
import { masked } from '../execution-trace.ts';
import { parseLambdaUri, renderStageVariables } from '../integration/lambda-uri.ts';
import { PolicyFault } from './access-policy.ts';
import type { AuthorizationRequest } from './authorization.ts';
import { requestEvent, tokenEvent } from './authorizer-event.ts';
import { type AuthorizerResult, readAuthorizerResult } from './authorizer-result.ts';

/** @throws ExecutionError `unauthorized` when the function says so; `authorizer...` when there is no usable result. */
export async function callAuthorizer(
  authorizer: Authorizer,
  identity: readonly string[],
  authorization: AuthorizationRequest,
): Promise<AuthorizerResult> {
  const { exchange } = authorization;
  const { trace } = exchange;
  const event =
    authorizer.type === 'TOKEN' ? tokenEvent(authorization, identity[0] ?? '') : requestEvent(authorization);
  const request = invokeRequest(authorizer, event, authorization);
  const functionName = request.functionName.replace(/^arn:.*:function:/, '');
  trace.info(`Starting authorizer: ${authorizer.id} for request: ${exchange.requestId}`);
  trace.info(`Incoming identity: ${identity.map(masked).join(', ')}`);
  trace.data('Endpoint request body after transformations', request.payload);
  const text = await invoke(request, functionName, authorization);
  trace.data('Authorizer result body before parsing', text);
  try {
    const result = readAuthorizerResult(text);
    trace.info(`Using valid authorizer policy for principal: ${masked(result.principalId)}`);
    trace.info('Successfully completed authorizer execution');
    return result;
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    throw new ExecutionError('authorizerResult', { detail: `the authorizer ${functionName}: ${error.message}` });
  }
}

function invokeRequest(
  { id, authorizerUri, authorizerCredentials }: Authorizer,
  event: object,
  { exchange, request, stage, options }: AuthorizationRequest,
): InvokeRequest {
  const uri = parseLambdaUri(renderStageVariables(authorizerUri, stage.configuration.variables));
  if (uri === undefined) {
    throw new ExecutionError('authorizerNotFound', { detail: `no function in ${authorizerUri}` });
  }
  const sourceArn = `arn:aws:execute-api:${options.region}:${ACCOUNT_ID}:${request.apiId}/authorizers/${id}`;
  return {
    functionName: uri.functionArn,
    payload: new TextEncoder().encode(JSON.stringify(event)),
    traceId: exchange.traceId,
    ...(authorizerCredentials === undefined ? { caller: { service: 'apigateway.amazonaws.com', sourceArn } } : {}),
  };
}

async function invoke(
  request: InvokeRequest,
  functionName: string,
  { exchange, options: { invoker } }: AuthorizationRequest,
): Promise<string> {
  const { limits, client } = exchange;
  const timeoutMs = limits.bufferedIntegrationTimeoutMs;
  const timeout = new AbortController();
  const timer = Number.isFinite(timeoutMs) ? setTimeout(() => timeout.abort(), timeoutMs) : undefined;
  const signal = AbortSignal.any([client, timeout.signal]);
  try {
    const { payload } = await unlessAborted(signal, invoker.invoke({ ...request, signal }));
    return new TextDecoder().decode(payload);
  } catch (error) {
    if (client.aborted) throw error;
    if (timeout.signal.aborted) {
      const detail = `the authorizer ${functionName} was not done after ${timeoutMs} ms`;
      throw new ExecutionError('authorizerTimeout', { detail, functionName });
    }
    throw failureOf(error, functionName, exchange.requestId);
  } finally {
    clearTimeout(timer);
  }
}

function unlessAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function failureOf(error: unknown, functionName: string, requestId: string): unknown {
  if (error instanceof FunctionError) return functionFailure(error, functionName, requestId);
  if (!(error instanceof AwsError)) return error;
  const detail = `the authorizer ${functionName}: ${error.message}`;
  if (error.code === 'AccessDeniedException')
    return new ExecutionError('authorizerPermissions', { detail, cause: error });
  const isUnknown = error.code === 'ResourceNotFoundException';
  return new ExecutionError(isUnknown ? 'authorizerNotFound' : 'authorizerRefused', { detail, cause: error });
}

/** A function says that the caller is unknown by throwing exactly this. */
function functionFailure(error: FunctionError, functionName: string, requestId: string): ExecutionError {
  const message = errorMessage(error);
  if (message === 'Unauthorized') {
    const log = `Unauthorized request: ${requestId}`;
    return new ExecutionError('unauthorized', { log, detail: `the authorizer ${functionName} threw "Unauthorized"` });
  }
  const detail = `the authorizer ${functionName} failed: ${error.errorType}: ${message}`;
  return new ExecutionError('authorizerFailed', { detail, functionName, cause: error });
}
