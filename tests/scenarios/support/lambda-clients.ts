import { execFile, spawnSync } from 'node:child_process';
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';

const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

const runs = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

export const HAS_AWS_CLI: boolean = runs('aws', '--version');
export const HAS_BOTO3: boolean = runs('python3', '-c', 'import boto3');

const environment = (url: string) => ({
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  AWS_ENDPOINT_URL: url,
  AWS_DEFAULT_REGION: REGION,
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_MAX_ATTEMPTS: '1',
});

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the AWS CLI against the server at `url`. */
export const aws = (url: string, ...args: readonly string[]): Promise<CommandResult> => run('aws', args, url);

/** Runs a Python script, whose AWS SDK finds the server at `url`. */
export const python = (url: string, script: string): Promise<CommandResult> => run('python3', ['-c', script], url);

function run(command: string, args: readonly string[], url: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(command, args, { env: environment(url), maxBuffer: 64 * 1_048_576 }, (error, stdout, stderr) => {
      resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

export const lambdaClient = (url: string): LambdaClient =>
  new LambdaClient({ endpoint: url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });

/** What InvokeWithResponseStream gave, read to its end. */
export interface StreamedInvocation {
  readonly bytes: Buffer;
  readonly complete: { readonly ErrorCode?: string; readonly ErrorDetails?: string; readonly LogResult?: string };
}

export async function invokeStreaming(
  client: LambdaClient,
  functionName: string,
  event: unknown = {},
  onChunk: (bytes: Uint8Array) => Promise<void> = async () => {},
): Promise<StreamedInvocation> {
  const input = { FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)), LogType: 'Tail' as const };
  const { EventStream = [] } = await client.send(new InvokeWithResponseStreamCommand(input));
  const chunks: Uint8Array[] = [];
  let complete: StreamedInvocation['complete'] | undefined;
  for await (const { PayloadChunk, InvokeComplete } of EventStream) {
    const bytes = PayloadChunk?.Payload;
    if (bytes !== undefined) {
      chunks.push(bytes);
      await onChunk(bytes);
    }
    complete = (InvokeComplete as StreamedInvocation['complete'] | undefined) ?? complete;
  }
  if (complete === undefined) throw new Error('the stream ended without InvokeComplete');
  return { bytes: Buffer.concat(chunks), complete };
}
