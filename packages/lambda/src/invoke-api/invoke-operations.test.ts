import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type Listener, listen } from '@spillway/http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestLambda, type TestLambda, until } from '../../test/test-lambda.ts';

let lambda: TestLambda;
let listener: Listener;
let client: LambdaClient;
const reported: string[] = [];
beforeEach(async () => {
  reported.length = 0;
  lambda = await startTestLambda({ report: (line) => reported.push(line) });
  listener = await listen({ port: 0, handle: (request, response) => void lambda.handle(request, response) });
  client = new LambdaClient({
    endpoint: `http://127.0.0.1:${listener.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await listener.close();
  await lambda.close();
});

const FAILS = `exports.handler = async (event, { call, path }) => {
  await call('POST', path + '/error', JSON.stringify({ errorType: 'TypeError', errorMessage: 'no' }));
};`;

/** Empty before the first event. */
const logText = () => lambda.logText().catch(() => '');

describe('Invoke', () => {
  const invoke = async (input: Partial<InvokeCommand['input']> = {}) => {
    const output = await client.send(new InvokeCommand({ FunctionName: 'f', ...input }));
    return { ...output, text: Buffer.from(output.Payload ?? []).toString() };
  };

  test('answers with what the function returned, and the version', async () => {
    await lambda.make('exports.handler = (event) => ({ got: event });');
    const output = await invoke({ Payload: Buffer.from('{"a":1}') });
    expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', text: '{"got":{"a":1}}' });
    expect(output.FunctionError).toBeUndefined();
    expect(output.LogResult).toBeUndefined();
  });

  test('gives the last 4 KB of the log, from START to REPORT', async () => {
    await lambda.make(
      'exports.handler = async () => { console.log("x".repeat(5000)); console.log("end"); return 1; };',
    );
    const { LogResult } = await invoke({ LogType: 'Tail' });
    const log = Buffer.from(LogResult ?? '', 'base64');
    expect(log.byteLength).toBe(4096);
    expect(log.toString()).toMatch(/x\n.*end\nEND RequestId: \S+\nREPORT RequestId: .*\n$/s);
    const { LogResult: short } = await invoke({ LogType: 'Tail', Payload: Buffer.from('1') });
    expect(Buffer.from(short ?? '', 'base64').toString()).not.toContain('INIT_START');
  });

  test('says Unhandled of a function that failed, with its document', async () => {
    await lambda.make(FAILS);
    const output = await invoke();
    expect(output).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(output.text)).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
  });

  test('says Function.ResponseSizeTooLarge over 6 MB', async () => {
    await lambda.make('exports.handler = () => "x".repeat(6_291_600);');
    const output = await invoke();
    expect(output.FunctionError).toBe('Unhandled');
    expect(JSON.parse(output.text)).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
  });

  test('hands on the client context', async () => {
    await lambda.make('exports.handler = (event, { headers }) => headers["lambda-runtime-client-context"];');
    const context = { custom: { name: 'ü\n' } };
    const { text } = await invoke({ ClientContext: Buffer.from(JSON.stringify(context)).toString('base64') });
    expect(JSON.parse(JSON.parse(text))).toEqual(context);
    await expect(invoke({ ClientContext: 'bm8=' })).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
  });

  test('runs nothing in a dry run, but says what is wrong', async () => {
    await lambda.make('exports.handler = () => { console.log("ran"); };');
    expect(await invoke({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204, text: '' });
    await expect(invoke({ InvocationType: 'DryRun', FunctionName: 'g' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(await logText()).toBe('');
  });

  test('takes a qualifier by name or by query, not two of them', async () => {
    await lambda.make('exports.handler = (event, { headers }) => headers["lambda-runtime-invoked-function-arn"];');
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
    expect((await invoke()).text).toBe(JSON.stringify(arn));
    expect((await invoke({ Qualifier: '$LATEST' })).text).toBe(JSON.stringify(`${arn}:$LATEST`));
    expect((await invoke({ FunctionName: `${arn}:$LATEST` })).text).toBe(JSON.stringify(`${arn}:$LATEST`));
    await expect(invoke({ FunctionName: 'f:$LATEST', Qualifier: 'live' })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The derived qualifier from the function name does not match the specified qualifier.',
    });
  });

  test('refuses what is no event, or too large', async () => {
    await lambda.make('exports.handler = () => 1;');
    await expect(invoke({ Payload: Buffer.from('{') })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
      message: expect.stringMatching(/^Could not parse request body into json: Could not parse payload into json: /),
    });
    const large = Buffer.from(JSON.stringify('x'.repeat(6_291_456)));
    await expect(invoke({ Payload: large })).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
    const event = Buffer.from(JSON.stringify('x'.repeat(1_048_576)));
    await expect(invoke({ Payload: event, InvocationType: 'Event' })).rejects.toMatchObject({
      message: '1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    });
  });

  test('says why it throttles', async () => {
    await lambda.make('exports.handler = () => 1;', { reservedConcurrentExecutions: 0 });
    await expect(invoke()).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
  });
});

describe('an asynchronous invocation', () => {
  const send = (payload: string) =>
    client.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload: Buffer.from(payload) }));

  test('is answered at once, and runs', async () => {
    await lambda.make(`exports.handler = async (event) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      console.log('got', JSON.stringify(event));
      return 1;
    };`);
    expect(await send('{"a":1}')).toMatchObject({ StatusCode: 202 });
    expect(await logText()).not.toContain('got');
    await until(async () => (await logText()).includes('got {"a":1}'));
  });

  test('is tried three times, with one request id', { timeout: 15_000 }, async () => {
    await lambda.make(FAILS);
    const { $metadata } = await send('{}');
    await until(async () => (await logText()).match(/^END /gm)?.length === 3);
    const ids = [...(await logText()).matchAll(/^START RequestId: (\S+)/gm)].map(([, id]) => id);
    expect(ids).toEqual([$metadata.requestId, $metadata.requestId, $metadata.requestId]);
  });

  test('waits while its function is throttled', { timeout: 15_000 }, async () => {
    const source = `exports.handler = async (event) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return event;
    };`;
    await lambda.make(source, { reservedConcurrentExecutions: 1 });
    await Promise.all([send('1'), send('2'), send('3')]);
    await until(async () => (await logText()).match(/^END /gm)?.length === 3);
  });

  test('is dropped when its function may not run at all', async () => {
    await lambda.make('exports.handler = () => 1;', { reservedConcurrentExecutions: 0 });
    expect(await send('1')).toMatchObject({ StatusCode: 202 });
    await until(() => reported.some((line) => line.includes('was dropped: its reserved concurrency is 0')));
  });
});

describe('InvokeWithResponseStream', () => {
  const stream = async (input: Partial<InvokeWithResponseStreamCommand['input']> = {}) => {
    const output = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'f', ...input }));
    const chunks: Buffer[] = [];
    let complete: object | undefined;
    for await (const { PayloadChunk, InvokeComplete } of output.EventStream ?? []) {
      if (PayloadChunk) chunks.push(Buffer.from(PayloadChunk.Payload ?? []));
      complete = InvokeComplete ?? complete;
    }
    return { ...output, text: Buffer.concat(chunks).toString(), chunks, complete };
  };

  test('gives the answer of a function that does not stream', async () => {
    await lambda.make('exports.handler = () => ({ statusCode: 200 });');
    const output = await stream();
    expect(output).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      ResponseStreamContentType: 'application/vnd.amazon.eventstream',
      text: '{"statusCode":200}',
      complete: {},
    });
  });

  test('ends with the error of a function that failed before its first byte', async () => {
    await lambda.make(FAILS);
    const { chunks, complete } = await stream({ LogType: 'Tail' });
    expect(chunks).toEqual([]);
    expect(complete).toMatchObject({
      ErrorCode: 'Unhandled',
      ErrorDetails: expect.stringContaining('"errorType":"TypeError"'),
    });
    const { LogResult } = complete as { LogResult: string };
    expect(Buffer.from(LogResult, 'base64').toString()).toMatch(/^START .*\nREPORT .*\n$/s);
  });

  test('splits large pieces, and loses no byte', async () => {
    await lambda.make('exports.handler = () => "x".repeat(1_000_000);');
    const { chunks, text } = await stream();
    expect(text).toBe(JSON.stringify('x'.repeat(1_000_000)));
    expect(Math.max(...chunks.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(65_536);
  });

  test('answers errors before the stream as JSON', async () => {
    await expect(stream({ FunctionName: 'g' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:g:$LATEST',
    });
    await lambda.make('exports.handler = () => 1;');
    expect(await stream({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204, chunks: [] });
  });
});
