import { ACCOUNT_ID, AwsError, bodyOf, FunctionError, type InvokeRequest, type Invoker } from '@spillway/wire';
import { traceHeader } from '../exchange.ts';
import { ExecutionError } from '../execution-error.ts';
import type { IntegrationCall } from '../integration-call.ts';
import type { IntegrationRequest } from '../integration-request.ts';
import { proxyEvent } from '../proxy-event.ts';
import { type EndpointRequest, traceEndpointRequest } from '../request-trace.ts';
import type { IntegrationAnswer } from '../transfer/transfer.ts';
import { type InvocationAction, type LambdaUri, parseLambdaUri, renderStageVariables } from './lambda-uri.ts';

// AWS_PROXY with a Lambda function. Same as API Gateway: the event, POST only, who the caller is, how failures look. Chosen, as AWS only
// says "not supported": uri and transfer mode that do not belong together answer 500, and the function is not called.

/** @throws ExecutionError before Lambda is asked; what Lambda throws passes. */
export function awsProxy(from: IntegrationRequest): (call: IntegrationCall) => Promise<IntegrationAnswer> {
  const { functionArn, action } = lambdaUri(from);
  const request = { ...invokeRequest(from), functionName: functionArn };
  return async (call) => {
    const { signal } = call;
    traceEndpointRequest(from.exchange, endpointRequest(from, functionArn, action, request.payload));
    call.functionName = functionArn.replace(/^arn:.*:function:/, '');
    const invocation = invocations[action](from.invoker, { ...request, signal });
    const { body, requestId } = await call.waitFor(invocation).catch((error: unknown) => {
      // A function that failed was still called well.
      if (error instanceof FunctionError) call.integrationStatus = 200;
      else if (error instanceof AwsError && !signal.aborted) call.integrationStatus = error.status;
      throw error;
    });
    call.requestId = requestId;
    call.integrationStatus = 200;
    return { from: 'lambda', body };
  };
}

type Invocation = (
  invoker: Invoker,
  request: InvokeRequest,
) => Promise<{ readonly requestId: string; readonly body: IntegrationAnswer['body'] }>;

const invocations: Readonly<Record<InvocationAction, Invocation>> = {
  invocations: async (invoker, request) => {
    const { requestId, payload } = await invoker.invoke(request);
    return { requestId, body: bodyOf(payload) };
  },
  'response-streaming-invocations': (invoker, request) => invoker.invokeWithResponseStream(request),
};

function lambdaUri({ integration, stage, transfer }: IntegrationRequest): LambdaUri {
  if (integration.httpMethod !== 'POST') {
    throw new ExecutionError('methodNotPost', { detail: `the integration's httpMethod is ${integration.httpMethod}` });
  }
  const uri = parseLambdaUri(renderStageVariables(integration.uri ?? '', stage.configuration.variables));
  if (uri === undefined) throw new ExecutionError('functionNotFound', { detail: `no function in ${integration.uri}` });
  if (uri.action !== transfer.action) {
    throw new ExecutionError('crossedModes', {
      detail: `responseTransferMode ${integration.responseTransferMode} with a uri that ends in ${uri.action}`,
    });
  }
  return uri;
}

/** As AWS's log shows it; here Lambda is called in this process. */
function endpointRequest(
  { exchange, request, region }: IntegrationRequest,
  functionArn: string,
  action: InvocationAction,
  body: Uint8Array,
): EndpointRequest {
  const version = action === 'invocations' ? '2015-03-31' : '2021-11-15';
  return {
    uri: `https://lambda.${region}.amazonaws.com/${version}/functions/${functionArn}/${action}`,
    headers: [
      ['X-Amzn-Trace-Id', traceHeader(exchange.traceId)],
      ['x-amzn-apigateway-api-id', request.apiId],
      ['Accept', 'application/json'],
      ['User-Agent', `AmazonAPIGateway_${request.apiId}`],
      ['Content-Type', 'application/json'],
    ],
    body,
  };
}

function invokeRequest(from: IntegrationRequest): Omit<InvokeRequest, 'functionName'> {
  const { exchange, request, stage, route, integration, region } = from;
  const payload = new TextEncoder().encode(JSON.stringify(proxyEvent(exchange, request, stage, route)));
  if (payload.byteLength > exchange.limits.lambdaRequestBytes) {
    throw new ExecutionError('eventTooLong', {
      detail: `the event for Lambda has ${payload.byteLength} bytes, of ${exchange.limits.lambdaRequestBytes} allowed`,
    });
  }
  const api = `arn:aws:execute-api:${region}:${ACCOUNT_ID}:${request.apiId}`;
  const sourceArn = `${api}/${request.stageName}/${request.httpMethod}${route.resource.path}`;
  const caller = { service: 'apigateway.amazonaws.com', sourceArn };
  return { payload, traceId: exchange.traceId, ...(integration.credentials === undefined ? { caller } : {}) };
}
