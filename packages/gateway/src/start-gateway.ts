// API Gateway REST APIs, data plane; control-plane/control-plane.ts says the same of the control plane.
// Matches by AWS's documentation and by recordings of AWS's answers that public projects keep: routing and
// its errors, the payload 1.0 event, which Lambda results are tolerated, header rules, both request caps, both response transfer modes with
// their time limits and pace, log texts. On purpose: a failure is always in the execution log, with advice; plain HTTP; one account.
// Missing: Cognito authorizers, usage plans, throttling, resource policies, validators and models, caching, VTL, AWS and HTTP
// integrations, custom domains, HTTP APIs (v2): a REST API that has one of them is refused by its name. Also missing: CloudFront's headers of
// edge endpoints; the quotas of URL length, method ARN, and counts of resources, stages and variables.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientLeft, CredentialStore, clientSignal, type HttpResponse, type Service, send } from '@spillway/http';
import {
  type ApiKey,
  AwsError,
  type Invoker,
  type Limits,
  type LogWriter,
  type ReadOpenApi,
  type RestApi,
  type StageConfiguration,
  type StateStore,
} from '@spillway/wire';
import { ADVICE } from './advice.ts';
import { ControlPlaneApi } from './control-plane/control-plane.ts';
import { RestApiStore } from './control-plane/rest-api.ts';
import { AuthorizerCache } from './data-plane/authorization/authorizer-cache.ts';
import { type Exchange, exchangeOf } from './data-plane/exchange.ts';
import { type ExecuteOptions, execute } from './data-plane/execute.ts';
import { type ExecuteApiAddress, executeApiAddress } from './data-plane/execute-api-address.ts';
import { toExecutionError } from './data-plane/execution-error.ts';
import { logRequest, type RequestLogOptions } from './data-plane/execution-log.ts';
import { gatewayResponse, ownHeaders } from './data-plane/gateway-response.ts';
import { methodRequestHead } from './data-plane/method-request.ts';
import type { Outcome } from './data-plane/outcome.ts';
import { traceMethodResponse } from './data-plane/request-trace.ts';

export interface GatewayOptions {
  readonly invoker: Invoker;
  readonly logs: LogWriter;
  readonly limits: Limits;
  readonly region: string;
  /** Whose signatures methods with AWS_IAM take. Default: nobody's. */
  readonly credentials?: CredentialStore;
  /** Where what the API makes is kept; what a template makes is not. Default: nowhere. */
  readonly state?: StateStore;
  /** Reads the document of ImportRestApi and PutRestApi; without it both are refused. */
  readonly readOpenApi?: ReadOpenApi;
  /** One line for the terminal for each failed request, with what to do. */
  readonly report?: (line: string) => void;
}

export interface Gateway extends Service {
  /** Creates a REST API or replaces it; what is deployed stays. @throws AwsError for what API Gateway refuses or is not served here. */
  putRestApi(restApi: RestApi): void;
  /** Makes the API key of a template. */
  putApiKey(apiKey: ApiKey): void;
  /** Snapshot and stage in one. Returns the deployment's id. @throws AwsError. */
  createDeployment(restApiId: string, stage: StageConfiguration): string;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const restApis = new RestApiStore(options);
  const runtime = {
    ...options,
    report: options.report ?? (() => {}),
    credentials: options.credentials ?? new CredentialStore(),
    authorizerCache: new AuthorizerCache(),
    apiKeys: restApis,
    restApis,
  };
  const { readOpenApi } = options;
  const controlPlane = new ControlPlaneApi({ ...runtime, readOpenApi, execution: runtime });
  const running = new Map<ServerResponse, Promise<void>>();
  return {
    putRestApi: (restApi) => restApis.put(restApi),
    putApiKey: (apiKey) => restApis.putApiKey(apiKey),
    createDeployment: (restApiId, stage) => restApis.deploy(restApiId, stage),
    handle: (request, response) => {
      const address = executeApiAddress(request);
      const handling =
        address === undefined ? controlPlane.handle(request, response) : handle(request, response, address, runtime);
      const handled = handling.finally(() => running.delete(response));
      running.set(response, handled);
      return handled;
    },
    close: async () => {
      for (const response of running.keys()) response.destroy();
      await Promise.all(running.values());
    },
  };
}

type Runtime = ExecuteOptions & RequestLogOptions & { readonly limits: Limits };

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  address: ExecuteApiAddress,
  runtime: Runtime,
): Promise<void> {
  const head = methodRequestHead(request, address);
  const exchange = exchangeOf(head, runtime.limits, clientSignal(response));
  try {
    const outcome = await answer(exchange, request, response, runtime).finally(() => exchange.call?.close());
    logRequest(exchange, outcome, runtime);
  } catch (error) {
    response.destroy();
    runtime.report(`${head.httpMethod} /${head.stageName}${head.rawPath}: ${String(error)}. ${ADVICE.internal}`);
  }
}

async function answer(
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  runtime: Runtime,
): Promise<Outcome> {
  try {
    return await deliver(exchange, response, await execute(exchange, request, runtime));
  } catch (error) {
    exchange.call?.abort(error);
    if (exchange.client.aborted) return { status: undefined, sentBytes: 0 };
    const failure = toExecutionError(error, exchange.call?.tooLarge);
    const methodResponse = gatewayResponse(failure, exchange);
    const { sentBytes } = await send(response, withOwnHeaders(exchange, methodResponse));
    return { status: methodResponse.status, sentBytes, error: failure };
  }
}

/** Sends what the integration answered. After the head an error has no shape left: the connection is cut. */
async function deliver(exchange: Exchange, response: ServerResponse, methodResponse: HttpResponse): Promise<Outcome> {
  const { call } = exchange;
  const { status } = methodResponse;
  traceMethodResponse(exchange, methodResponse);
  try {
    const { sentBytes } = await send(response, withOwnHeaders(exchange, methodResponse), call?.signal);
    // No body to send (HEAD, 204, 304), or a client that left: nobody reads what the integration still has.
    if (call?.latencyMs === undefined) call?.abort(new ClientLeft());
    return { status, sentBytes };
  } catch (error) {
    if (!response.headersSent) throw error;
    call?.abort(error);
    const sentBytes = call?.contentBytes ?? 0;
    if (exchange.client.aborted && !(call?.signal.reason instanceof AwsError)) return { status, sentBytes };
    return { status, sentBytes, error: toExecutionError(error, call?.tooLarge), wasCut: true };
  }
}

const withOwnHeaders = (exchange: Exchange, methodResponse: HttpResponse): HttpResponse => ({
  ...methodResponse,
  headers: [...ownHeaders(exchange), ...methodResponse.headers],
});
