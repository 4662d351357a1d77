import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CredentialStore } from '@spillway/http';
import { AWS_LIMITS, type FunctionConfiguration, type Limits } from '@spillway/wire';
import { type Lambda, type LambdaOptions, startLambda } from '../src/index.ts';

export interface TestLambda extends Lambda {
  /** Holds code and state; removed by `close()`. */
  readonly directory: string;
  readonly credentials: CredentialStore;
  /** Makes a function of this source, which has `exports.handler`. */
  make(source: string, more?: Partial<FunctionConfiguration>): Promise<FunctionConfiguration>;
  /** The payload of a buffered invocation, parsed. */
  call(event: unknown, functionName?: string): Promise<unknown>;
  /** The text of all log events of a function, stream by stream. */
  logText(functionName?: string): Promise<string>;
}

export type TestLambdaOptions = Partial<Omit<LambdaOptions, 'limits'>> & { readonly limits?: Partial<Limits> };

export const TEST_BOOTSTRAP: string = fileURLToPath(new URL('./test-runtime.js', import.meta.url));

const FUNCTION_DEFAULTS: Omit<FunctionConfiguration, 'code'> = {
  functionName: 'f',
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  architecture: 'x86_64',
  timeoutSeconds: 10,
  memorySizeMb: 256,
  environment: {},
  layers: [],
  logFormat: 'Text',
};

export async function startTestLambda({ limits, ...options }: TestLambdaOptions = {}): Promise<TestLambda> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'spillway-lambda-test-')));
  const credentials = new CredentialStore();
  await mkdir(join(directory, 'state'));
  const lambda = await startLambda({
    region: 'us-east-1',
    directory: join(directory, 'state'),
    bootstrapPath: TEST_BOOTSTRAP,
    endpointUrl: 'http://127.0.0.1:4566',
    endpointServices: ['S3', 'CLOUDWATCH_LOGS'],
    credentials,
    // Functions of these tests and the tests themselves meet in files.
    sandbox: 'off',
    ...options,
    limits: { ...AWS_LIMITS, ...limits },
  });
  return {
    ...lambda,
    directory,
    credentials,
    make: async (source, more = {}) => {
      const functionName = more.functionName ?? 'f';
      const path = join(directory, functionName);
      await mkdir(path, { recursive: true });
      await writeFile(join(path, 'index.js'), source);
      const configuration = { ...FUNCTION_DEFAULTS, code: { kind: 'directory', path } as const, ...more };
      await lambda.createFunction(configuration);
      return configuration;
    },
    call: async (event, functionName = 'f') => {
      const payload = Buffer.from(JSON.stringify(event));
      const response = await lambda.invoker.invoke({ functionName, payload });
      return JSON.parse(Buffer.from(response.payload).toString()) as unknown;
    },
    logText: (functionName = 'f') => logText(join(directory, 'state'), functionName),
    close: async () => {
      await lambda.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function logText(stateDirectory: string, functionName: string): Promise<string> {
  const { LogGroups } = await import('../src/logs/log-groups.ts');
  // Events wait for the next turn of the event loop before they are in the file.
  await new Promise((resolve) => setImmediate(resolve));
  const groups = new LogGroups(join(stateDirectory, 'logs'), () => {});
  let text = '';
  for (const stream of groups.streams(`/aws/lambda/${functionName}`)) {
    for await (const { message } of stream.events()) text += message;
  }
  return text;
}

/** Waits until `check` holds, looking again and again; fails by the test's own timeout. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a process lives: one that has ended and waits for its parent does not. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${processId}/stat`, 'latin1'));
  } catch (error) {
    // Only Linux has /proc.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}
