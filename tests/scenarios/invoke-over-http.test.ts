import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { aws, HAS_AWS_CLI, HAS_BOTO3, invokeStreaming, lambdaClient, python } from './support/lambda-clients.ts';
import { BUCKET_NAME, logicalId, RELAY, stackFiles, streaming, type TestRoute } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const LARGE = randomBytes(9 * 1_048_576);

/** Goes on when the bucket has the object `go`. */
const WAITS = `
  await write('first');
  const go = process.env.AWS_ENDPOINT_URL_S3 + '/' + process.env.BUCKET_NAME + '/go';
  while ((await fetch(go)).status !== 200) await sleep(20);
  stream.end('last');
`;

const BUFFERED = `
export const handler = async ({ size = 0, fail = false }) => {
  console.log('called with', size);
  if (fail) throw new RangeError('as asked');
  return 'x'.repeat(size);
};
`;

const route = (name: string, body: string, more: Partial<TestRoute> = {}): TestRoute => ({
  name,
  path: `/${name}`,
  mode: 'STREAM',
  source: streaming(body),
  ...more,
});

let system: System;
let client: LambdaClient;

beforeAll(async () => {
  system = await startSystem(
    stackFiles([
      { name: 'relay', path: '/relay/{key+}', mode: 'STREAM', source: RELAY },
      route('waits', WAITS),
      route('throws', "await write('first'); await sleep(100); throw new TypeError('broken in mid stream');"),
      route('times-out', "await write('first'); await sleep(30_000);", { timeoutSeconds: 1 }),
      { name: 'buffered', path: '/buffered', mode: 'BUFFERED', source: BUFFERED },
    ]),
  );
  await system.put(BUCKET_NAME, 'large.bin', LARGE);
  client = lambdaClient(system.local.url);
});
afterAll(async () => {
  client?.destroy();
  await system?.close();
});

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const relayEvent = { pathParameters: { key: 'large.bin' } };

/** What stands before and behind the eight NUL bytes. */
function split(bytes: Buffer): { readonly prelude: unknown; readonly body: Buffer } {
  const end = bytes.indexOf(Buffer.alloc(8));
  return { prelude: JSON.parse(bytes.subarray(0, end).toString()), body: bytes.subarray(end + 8) };
}

describe('InvokeWithResponseStream by the AWS SDK for JavaScript', () => {
  it('gives metadata, delimiter, and the body that curl gets from the stage', { timeout: 60_000 }, async () => {
    const { bytes, complete } = await invokeStreaming(client, logicalId('relay'), relayEvent);
    const { prelude, body } = split(bytes);
    expect(prelude).toMatchObject({ statusCode: 200, headers: { 'Content-Length': String(LARGE.byteLength) } });
    const fromStage = await curl(system.url('/relay/{key+}', 'large.bin'));
    expect(fromStage).toMatchObject({ exitCode: 0, sizeBytes: LARGE.byteLength });
    expect(digest(body)).toBe(fromStage.sha256);
    expect(complete.ErrorCode).toBeUndefined();
    expect(Buffer.from(complete.LogResult ?? '', 'base64').toString()).toMatch(/^START RequestId: .*REPORT /s);
  });

  it('gives the first chunk before the function has ended', async () => {
    let seen = '';
    const { bytes } = await invokeStreaming(client, logicalId('waits'), {}, async (chunk) => {
      seen += Buffer.from(chunk).toString();
      // The function ends only after this.
      if (seen.endsWith('first')) await system.put(BUCKET_NAME, 'go', Buffer.from('go'));
    });
    expect(split(bytes).body.toString()).toBe('firstlast');
  });

  it('ends with the error of a function that broke in mid stream', async () => {
    const { bytes, complete } = await invokeStreaming(client, logicalId('throws'));
    expect(split(bytes).body.toString()).toBe('first');
    expect(complete.ErrorCode).toBe('Unhandled');
    expect(JSON.parse(complete.ErrorDetails ?? '')).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'broken in mid stream',
    });
  });

  it('ends with the time-out of a function in mid stream', async () => {
    const { bytes, complete } = await invokeStreaming(client, logicalId('times-out'));
    expect(split(bytes).body.toString()).toBe('first');
    expect(complete.ErrorCode).toBe('Unhandled');
    expect(JSON.parse(complete.ErrorDetails ?? '')).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
    });
  });
});

describe.skipIf(!HAS_BOTO3)('InvokeWithResponseStream by boto3 (needs boto3)', () => {
  const invoke = async (name: string, event: unknown) => {
    const { stdout, stderr } = await python(
      system.local.url,
      `
import boto3, hashlib, json
stream = boto3.client('lambda').invoke_with_response_stream(FunctionName='${name}', Payload=json.dumps(${JSON.stringify(event)}))['EventStream']
body, complete = b'', None
for event in stream:
    body += event.get('PayloadChunk', {}).get('Payload', b'')
    complete = event.get('InvokeComplete', complete)
body = body[body.index(b'\\0' * 8) + 8:]
print(json.dumps({'sha256': hashlib.sha256(body).hexdigest(), 'complete': complete}))
`,
    );
    expect(stderr).toBe('');
    return JSON.parse(stdout) as { sha256: string; complete: { ErrorCode?: string; ErrorDetails?: string } };
  };

  it('gives the whole body', { timeout: 60_000 }, async () => {
    expect(await invoke(logicalId('relay'), relayEvent)).toEqual({ sha256: digest(LARGE), complete: {} });
  });

  it('tells an error and a time-out in mid stream', { timeout: 30_000 }, async () => {
    const first = digest(Buffer.from('first'));
    const thrown = await invoke(logicalId('throws'), {});
    expect(thrown).toMatchObject({ sha256: first, complete: { ErrorCode: 'Unhandled' } });
    expect(thrown.complete.ErrorDetails).toContain('broken in mid stream');
    const timedOut = await invoke(logicalId('times-out'), {});
    expect(timedOut).toMatchObject({ sha256: first, complete: { ErrorCode: 'Unhandled' } });
    expect(timedOut.complete.ErrorDetails).toContain('Sandbox.Timedout');
  });
});

describe.skipIf(!HAS_AWS_CLI)('aws lambda invoke (needs the AWS CLI)', () => {
  const invoke = async (event: unknown, ...args: readonly string[]) => {
    const file = join(system.workspace.path, 'out.json');
    const command = ['lambda', 'invoke', '--function-name', logicalId('buffered'), '--payload', JSON.stringify(event)];
    const { exitCode, stdout, stderr } = await aws(system.local.url, ...command, ...args, file);
    const answer = JSON.parse(stdout || '{}') as Readonly<Record<string, string | number>>;
    return { exitCode, answer, stderr, text: await readFile(file, 'utf8').catch(() => '') };
  };

  it('says Function.ResponseSizeTooLarge over 6 MB', { timeout: 30_000 }, async () => {
    expect((await invoke({ size: 6_000_000 })).text).toHaveLength(6_000_002);
    const { answer, text } = await invoke({ size: 6_291_600 });
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(text)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('gives the tail of the log', { timeout: 30_000 }, async () => {
    const { answer } = await invoke({ size: 1 }, '--log-type', 'Tail');
    const log = Buffer.from(String(answer['LogResult']), 'base64').toString();
    expect(log).toMatch(/^START RequestId: .*called with 1\n.*REPORT RequestId: /s);
  });

  it('does not wait for an event, and runs nothing in a dry run', { timeout: 30_000 }, async () => {
    expect((await invoke({ size: 12_345 }, '--invocation-type', 'Event')).answer).toEqual({ StatusCode: 202 });
    await system.logsWith(logicalId('buffered'), 'called with 12345');
    expect((await invoke({ size: 54_321 }, '--invocation-type', 'DryRun')).answer).toEqual({ StatusCode: 204 });
    expect(await system.logs(logicalId('buffered'))).not.toContain('called with 54321');
  });

  it('says what failed, and what is not there', { timeout: 30_000 }, async () => {
    const { answer, text } = await invoke({ fail: true });
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', ExecutedVersion: '$LATEST' });
    expect(JSON.parse(text)).toMatchObject({ errorType: 'RangeError', errorMessage: 'as asked' });
    const { exitCode, stderr } = await invoke({}, '--qualifier', '7');
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('(ResourceNotFoundException)');
  });
});
