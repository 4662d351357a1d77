import type { IncomingMessage } from 'node:http';
import type { HttpResponse } from '@spillway/http';
import type { IntegrationType, Invoker } from '@spillway/wire';
import type { RestApiStore } from '../control-plane/rest-api.ts';
import type { Stage } from '../control-plane/stage.ts';
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
import { route } from './route.ts';
import type { IntegrationAnswer } from './transfer/transfer.ts';
import { transfers } from './transfer/transfers.ts';

// The request path of a REST API, in this order: size, stage, route, integration. AWS names no order of its checks.
// Missing, and refused when the API is put: resource policy, authorizers, API keys and usage plans, throttling, validators, models, caches.

export interface ExecuteOptions {
  readonly restApis: RestApiStore;
  readonly invoker: Invoker;
  readonly region: string;
}

/** Settles when status and headers are known; in STREAM mode the body is still on its way. */
export async function execute(
  exchange: Exchange,
  incoming: IncomingMessage,
  { restApis, invoker, region }: ExecuteOptions,
): Promise<HttpResponse> {
  const { head, limits } = exchange;
  const stage = restApis.stage(head.apiId, head.stageName);
  if (stage !== undefined) exchange.stage = stage;
  const request = await readMethodRequest(incoming, head, limits);
  assertReachable(stage);
  const found = route(stage.deployment.templates, head.httpMethod, eventPath(head.rawPath));
  exchange.route = found;
  const { integration } = found;
  const transfer = transfers[integration.responseTransferMode];
  const { restApi } = stage.deployment;
  const from = { exchange, request, stage, route: found, integration, transfer, region, invoker };
  assertMappings(from);
  const callIntegration = integrations[integration.type](from);
  const call = new IntegrationCall({
    timeoutMs: transfer.timeoutMs(integration.timeoutInMillis, limits),
    idleTimeoutMs: transfer.idleTimeoutMs(restApi.endpointType, limits),
    tooLarge: transfer.tooLarge,
    client: exchange.client,
  });
  exchange.call = call;
  const answer = await callIntegration(call);
  const { binaryMediaTypes } = restApi;
  return transfer.respond(answer, { call, limits, binaryMediaTypes, accept: headerValue(request.headers, 'accept') });
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
