import { execFile } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { listen } from '@spillway/http';
import { startTestLambda, type TestLambda, type TestLambdaOptions, until } from './test-lambda.ts';
import { zipOf } from './write-zip.ts';

/** Lambda behind a port of its own. */
export interface TestApi {
  readonly lambda: TestLambda;
  readonly url: string;
  /** Of a client of AWS's SDK. */
  readonly clientOptions: object;
  /** Waits until a function is Active and no update of it is InProgress. */
  settled(functionName?: string): Promise<void>;
  /** What `aws lambda ARGUMENTS` prints, parsed; undefined when it prints nothing. */
  aws(...parameters: readonly string[]): Promise<unknown>;
  close(): Promise<void>;
}

export const ROLE = 'arn:aws:iam::000000000000:role/r';

/** A zip with this `index.js`. */
export const codeOf = (source: string): Buffer => zipOf({ name: 'index.js', content: source });

/** A request of CreateFunction with all that is needed. */
export const creation = (source = 'exports.handler = () => 1;', FunctionName = 'f') =>
  ({
    FunctionName,
    Role: ROLE,
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Code: { ZipFile: codeOf(source) },
  }) as const;

export async function startTestApi(options: TestLambdaOptions = {}): Promise<TestApi> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const listener = await listen({ port: 0, handle: (request, response) => handle(request, response) });
  const url = `http://127.0.0.1:${listener.port}`;
  const lambda = await startTestLambda({ endpointUrl: url, ...options });
  handle = (request, response) => void lambda.handle(request, response);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return {
    lambda,
    url,
    clientOptions: { region: 'us-east-1', endpoint: url, credentials, maxAttempts: 1 },
    settled: (functionName = 'f') =>
      until(async () => {
        const response = await fetch(`${url}/2015-03-31/functions/${functionName}/configuration`);
        const { State, LastUpdateStatus } = (await response.json()) as Readonly<Record<string, string>>;
        return State === 'Active' && LastUpdateStatus === 'Successful';
      }),
    aws: (...parameters) => aws(url, parameters),
    close: async () => {
      await listener.close();
      await lambda.close();
    },
  };
}

async function aws(url: string, parameters: readonly string[]): Promise<unknown> {
  const environment = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  };
  const { stdout } = await promisify(execFile)('aws', ['lambda', ...parameters], { env: environment });
  return stdout === '' ? undefined : JSON.parse(stdout);
}
