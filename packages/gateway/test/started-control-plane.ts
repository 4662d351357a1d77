// biome-ignore lint/correctness/noUndeclaredDependencies: for tests alone, and declared at the root.
import { APIGatewayClient, type APIGatewayServiceException, CreateRestApiCommand } from '@aws-sdk/client-api-gateway';
import { listen } from '@spillway/http';
import { AWS_LIMITS, functionArn, MemoryState, type StateStore } from '@spillway/wire';
import { type Gateway, type GatewayOptions, startGateway } from '../src/start-gateway.ts';
import { type FakeFunction, FakeInvoker } from '../src/testing/fake-invoker.ts';

export const REGION = 'us-east-1';

interface StartOptions extends Partial<Pick<GatewayOptions, 'readOpenApi'>> {
  readonly functions?: Readonly<Record<string, FakeFunction>>;
  readonly state?: StateStore;
}

/** A gateway without APIs on a port of its own, and AWS's SDK that speaks to it. */
export interface StartedControlPlane {
  readonly gateway: Gateway;
  readonly client: APIGatewayClient;
  readonly invoker: FakeInvoker;
  readonly reports: readonly string[];
  readonly url: string;
  /** An API without methods; the resource is its root. */
  createRestApi(): Promise<{ readonly restApiId: string; readonly resourceId: string }>;
  /** Of `/{apiId}/{stage}/{path}`: status and body. */
  invoke(path: string): Promise<readonly [status: number, body: string]>;
  close(): Promise<void>;
}

export async function startedControlPlane(options: StartOptions = {}): Promise<StartedControlPlane> {
  const { functions = {}, state = new MemoryState(), ...others } = options;
  const invoker = new FakeInvoker(functions);
  const reports: string[] = [];
  const gateway = await startGateway({
    ...others,
    invoker,
    state,
    limits: AWS_LIMITS,
    region: REGION,
    logs: { putLogEvent: () => {} },
    report: (line) => void reports.push(line),
  });
  const listener = await listen({ port: 0, handle: (request, response) => void gateway.handle(request, response) });
  const url = `http://127.0.0.1:${listener.port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new APIGatewayClient({ endpoint: url, region: REGION, credentials, maxAttempts: 1 });
  return {
    gateway,
    client,
    invoker,
    reports,
    url,
    createRestApi: async () => {
      const { id = '', rootResourceId = '' } = await client.send(new CreateRestApiCommand({ name: 'files' }));
      return { restApiId: id, resourceId: rootResourceId };
    },
    invoke: async (path) => {
      const response = await fetch(`${url}/_aws/execute-api${path}`);
      return [response.status, await response.text()];
    },
    close: async () => {
      client.destroy();
      await gateway.close();
      await listener.close();
    },
  };
}

/** `code: message` of a call that AWS refuses, with its status. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as APIGatewayServiceException;
    return `${$metadata?.httpStatusCode} ${name}: ${message}`;
  }
  throw new Error('The call was not refused.');
}

export const invocations = (functionName: string): string =>
  `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${functionArn(REGION, functionName)}/invocations`;

export const streamingInvocations = (functionName: string): string =>
  `arn:aws:apigateway:${REGION}:lambda:path/2021-11-15/functions/${functionArn(REGION, functionName)}/response-streaming-invocations`;
