import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type CredentialStore, type Listener, listen } from '@spillway/http';
import {
  type ApiKey,
  AWS_LIMITS,
  functionArn,
  type Integration,
  type Limits,
  type Method,
  type Resource,
  type RestApi,
  type StageConfiguration,
} from '@spillway/wire';
import { startGateway } from '../start-gateway.ts';
import { type FakeFunction, FakeInvoker } from './fake-invoker.ts';

export const API_ID = 'abcdefghij';
export const REGION = 'eu-west-1';

export interface ServeOptions {
  /** By `GET /path`. */
  readonly routes: Readonly<Record<string, Integration>>;
  readonly functions?: Readonly<Record<string, FakeFunction>>;
  readonly limits?: Partial<Limits>;
  readonly restApi?: Partial<RestApi>;
  readonly stage?: Partial<StageConfiguration>;
  /** Of every method. */
  readonly method?: Partial<Method>;
  readonly apiKeys?: readonly ApiKey[];
  /** Known to AWS_IAM. */
  readonly credentials?: CredentialStore;
}

interface LogEvent {
  readonly group: string;
  readonly message: string;
}

export interface ServedGateway {
  readonly port: number;
  /** Of the stage, without a slash at the end. */
  readonly url: string;
  readonly invoker: FakeInvoker;
  readonly logs: LogEvent[];
  readonly reports: string[];
  get(path: string, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
  /** The whole path, instead of one within the stage. */
  readonly target?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The connection broke before the end. */
  readonly cut: boolean;
}

/** A gateway with one API and one stage, `test`, on a real port. */
export async function serveGateway(options: ServeOptions): Promise<ServedGateway> {
  const { limits, functions = {}, stage, method, apiKeys = [], credentials } = options;
  const invoker = new FakeInvoker(functions);
  const logs: LogEvent[] = [];
  const reports: string[] = [];
  const gateway = await startGateway({
    invoker,
    logs: { putLogEvent: (group, _stream, message) => void logs.push({ group, message }) },
    limits: { ...AWS_LIMITS, ...limits },
    region: REGION,
    report: (line) => void reports.push(line),
    ...(credentials === undefined ? {} : { credentials }),
  });
  gateway.putRestApi(restApiOf(options.routes, options.restApi, method));
  for (const apiKey of apiKeys) gateway.putApiKey(apiKey);
  gateway.createDeployment(API_ID, { stageName: 'test', variables: {}, ...stage });
  const listener: Listener = await listen({
    port: 0,
    handle: (request, response) => void gateway.handle(request, response),
  });
  const { port } = listener;
  return {
    port,
    url: `http://127.0.0.1:${port}/_aws/execute-api/${API_ID}/test`,
    invoker,
    logs,
    reports,
    get: (path, request = {}) => fetchRaw(port, path, request),
    close: async () => {
      await gateway.close();
      await listener.close();
    },
  };
}

function fetchRaw(port: number, path: string, { method = 'GET', headers = {}, body, target }: RequestOptions) {
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method,
      path: target ?? `/_aws/execute-api/${API_ID}/test${path}`,
      headers,
      agent: false,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      const done = (cut: boolean) =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks),
          cut,
        });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => done(!response.complete));
      response.on('error', () => done(true));
    });
    request.end(body);
  });
}

export function restApiOf(
  routes: Readonly<Record<string, Integration>>,
  overrides: Partial<RestApi> = {},
  methodOverrides: Partial<Method> = {},
): RestApi {
  const resources = new Map<string, Record<string, Method>>();
  for (const [key, integration] of Object.entries(routes)) {
    const [httpMethod = '', path = ''] = key.split(' ');
    const requestParameters = Object.fromEntries(
      Object.values(integration.requestParameters)
        .filter((source) => source.startsWith('method.'))
        .map((source) => [source, false]),
    );
    const method: Method = {
      httpMethod,
      authorizationType: 'NONE',
      requestParameters,
      integration,
      ...methodOverrides,
    };
    resources.set(path, { ...resources.get(path), [httpMethod]: method });
  }
  return {
    id: API_ID,
    name: 'test-api',
    endpointType: 'REGIONAL',
    binaryMediaTypes: [],
    disableExecuteApiEndpoint: false,
    resources: [...resources].map(([path, methods], index): Resource => ({ id: `res${index}`, path, methods })),
    ...overrides,
  };
}

const NONE: Pick<
  Integration,
  'passthroughBehavior' | 'requestParameters' | 'requestTemplates' | 'integrationResponses'
> = {
  passthroughBehavior: 'WHEN_NO_MATCH',
  requestParameters: {},
  requestTemplates: {},
  integrationResponses: [],
};

const uri = (action: string, functionName: string) =>
  `arn:aws:apigateway:${REGION}:lambda:path/${action.replace('*', functionArn(REGION, functionName))}`;

/** An AWS_PROXY integration, BUFFERED. */
export function lambda(functionName: string, overrides: Partial<Integration> = {}): Integration {
  return {
    ...NONE,
    type: 'AWS_PROXY',
    httpMethod: 'POST',
    uri: uri('2015-03-31/functions/*/invocations', functionName),
    responseTransferMode: 'BUFFERED',
    ...overrides,
  };
}

/** An AWS_PROXY integration, STREAM. */
export function streamingLambda(functionName: string, overrides: Partial<Integration> = {}): Integration {
  return lambda(functionName, {
    uri: uri('2021-11-15/functions/*/response-streaming-invocations', functionName),
    responseTransferMode: 'STREAM',
    ...overrides,
  });
}

export function http(endpoint: string, overrides: Partial<Integration> = {}): Integration {
  return {
    ...NONE,
    type: 'HTTP_PROXY',
    httpMethod: 'GET',
    uri: endpoint,
    responseTransferMode: 'BUFFERED',
    ...overrides,
  };
}

export function mock(overrides: Partial<Integration> = {}): Integration {
  return {
    ...NONE,
    type: 'MOCK',
    responseTransferMode: 'BUFFERED',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    ...overrides,
  };
}
