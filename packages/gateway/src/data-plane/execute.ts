import type { IncomingMessage } from 'node:http';
import type { HttpResponse } from '@spillway/http';
import type { EndpointType, IntegrationType } from '@spillway/wire';
import type { Stage } from '../control-plane/stage.ts';
import type { AuthorizationOptions } from './authorization/authorization.ts';
import { authorize } from './authorization/authorize.ts';
import type { Exchange } from './exchange.ts';
import { ExecutionError } from './execution-error.ts';
import { headerValue } from './headers.ts';
import { awsProxy } from './integration/aws-proxy.ts';
import { httpProxy } from './integration/http-proxy.ts';
import { mock } from './integration/mock.ts';
import { IntegrationCall } from './integration-call.ts';
import { assertMappings, type IntegrationRequest } from './integration-request.ts';
import { readMethodRequest } from './method-request.ts';
import { eventPath } from './proxy-event.ts';
import { traceEndpointResponse, traceMethodRequest } from './request-trace.ts';
import { route } from './route.ts';
import type { IntegrationAnswer } from './transfer/transfer.ts';
import { transfers } from './transfer/transfers.ts';

// The request path of a REST API, in this order: size, stage, route, authorization, API key, integration. AWS names no order of its checks.
// Missing, and refused when the API is put: resource policy, usage plans, throttling, validators, models, caches.

export interface ExecuteOptions extends AuthorizationOptions {
  readonly restApis: DeployedRestApis;
}

/** What the data plane reads of the control plane. */
interface DeployedRestApis {
  stage(restApiId: string, stageName: string): Stage | undefined;
  /** As it is now, not as it was deployed. */
  endpointType(restApiId: string): EndpointType | undefined;
}

/** Settles when status and headers are known; in STREAM mode the body is still on its way. */
export async function execute(
  exchange: Exchange,
  incoming: IncomingMessage,
  options: ExecuteOptions,
): Promise<HttpResponse> {
  const { head, limits, trace } = exchange;
  const stage = options.restApis.stage(head.apiId, head.stageName);
  if (stage !== undefined) exchange.stage = stage;
  const request = await readMethodRequest(incoming, head, limits);
  assertReachable(stage);
  trace.setUp(stage.configuration);
  const found = route(stage.deployment.templates, head.httpMethod, eventPath(head.rawPath));
  exchange.route = found;
  trace.setUp(stage.configuration, found.resource.path, [head.httpMethod, found.method.httpMethod]);
  trace.info(`Extended Request Id: ${exchange.extendedRequestId}`);
  await authorize({ exchange, incoming, request, stage, route: found, options });
  traceMethodRequest(exchange, request);
  const { region, invoker } = options;
  const { integration } = found;
  const transfer = transfers[integration.responseTransferMode];
  const endpointType = options.restApis.endpointType(head.apiId) ?? stage.deployment.restApi.endpointType;
  return integrate(endpointType, { exchange, request, stage, route: found, integration, transfer, region, invoker });
}

async function integrate(endpointType: EndpointType, from: IntegrationRequest): Promise<HttpResponse> {
  const { exchange, request, stage, integration, transfer } = from;
  const { limits, client, trace } = exchange;
  const { binaryMediaTypes } = stage.deployment.restApi;
  assertMappings(from);
  const callIntegration = integrations[integration.type](from);
  const call = new IntegrationCall({
    timeoutMs: transfer.timeoutMs(integration.timeoutInMillis, limits),
    idleTimeoutMs: transfer.idleTimeoutMs(endpointType, limits),
    tooLarge: transfer.tooLarge,
    client,
  });
  exchange.call = call;
  let answer: IntegrationAnswer | undefined;
  try {
    answer = await callIntegration(call);
    const accept = headerValue(request.headers, 'accept');
    return await transfer.respond(answer, { call, limits, binaryMediaTypes, accept, trace });
  } finally {
    traceEndpointResponse(exchange, answer);
  }
}

/** Makes the integration request, and returns what sends it. */
type Prepare = (from: IntegrationRequest) => (call: IntegrationCall) => Promise<IntegrationAnswer>;
const integrations: Readonly<Record<IntegrationType, Prepare>> = {
  AWS_PROXY: awsProxy,
  HTTP_PROXY: httpProxy,
  MOCK: mock,
};

function assertReachable(stage: Stage | undefined): asserts stage is Stage {
  if (stage === undefined) throw new ExecutionError('noSuchStage', { detail: 'no such API, or it has no such stage' });
  if (stage.deployment.restApi.disableExecuteApiEndpoint) throw new ExecutionError('endpointDisabled');
}
