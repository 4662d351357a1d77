import { getEventListeners } from 'node:events';
import { FunctionError, readWhole } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestLambda, type TestLambda, until } from '../test/test-lambda.ts';

let lambda: TestLambda;
beforeEach(async () => {
  lambda = await startTestLambda({ limits: { lambdaConcurrentExecutions: 3 } });
});
afterEach(() => lambda.close());

const payload = Buffer.from('{}');
const invoke = (functionName: string, more = {}) => lambda.invoker.invoke({ functionName, payload, ...more });

describe('Invoke', () => {
  test('gives back what the function returned', async () => {
    await lambda.make('exports.handler = (event) => ({ got: event });');
    expect(await lambda.call({ a: [1, 'ü'] })).toEqual({ got: { a: [1, 'ü'] } });
  });

  test('hands the runtime the headers that AWS sends', async () => {
    await lambda.make('exports.handler = (event, { headers }) => headers;', { timeoutSeconds: 5 });
    const before = Date.now();
    const response = await invoke('f', { traceId: 'Root=1-2-3' });
    const headers = JSON.parse(Buffer.from(response.payload).toString());
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': response.requestId,
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:f',
      'lambda-runtime-trace-id': 'Root=1-2-3',
    });
    const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
    expect(deadlineMs).toBeGreaterThan(before + 4_000);
    expect(deadlineMs).toBeLessThanOrEqual(Date.now() + 5_000);
    expect(response.executedVersion).toBe('$LATEST');
  });

  test('reuses an environment for invocations one after the other', async () => {
    await lambda.make('let n = 0; exports.handler = () => [process.pid, (n += 1)];');
    const results: unknown[] = [];
    for (let n = 0; n < 20; n += 1) results.push(await lambda.call({}));
    expect(new Set(results.map((result) => (result as number[])[0])).size).toBe(1);
    expect(results.at(-1)).toEqual([expect.any(Number), 20]);
  });

  test('makes an environment for each invocation at the same time', async () => {
    await lambda.make(
      'exports.handler = async () => { await new Promise((r) => setTimeout(r, 300)); return process.pid; };',
    );
    const pids = await Promise.all([lambda.call({}), lambda.call({}), lambda.call({})]);
    expect(new Set(pids).size).toBe(3);
  });

  test('throttles beyond the concurrency of the account, and lets in again when one is over', async () => {
    await lambda.make('exports.handler = async () => { await new Promise((r) => setTimeout(r, 300)); return 1; };');
    const running = [invoke('f'), invoke('f'), invoke('f')];
    await expect(invoke('f')).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      status: 429,
      message: 'Rate Exceeded.',
      details: { Reason: 'ConcurrentInvocationLimitExceeded' },
    });
    await Promise.all(running);
    await expect(invoke('f')).resolves.toBeDefined();
  });

  test('throttles beyond the reserved concurrency, and takes it off what others have', async () => {
    await lambda.make('exports.handler = () => 1;', { functionName: 'none', reservedConcurrentExecutions: 0 });
    await lambda.make('exports.handler = () => 1;', { functionName: 'one', reservedConcurrentExecutions: 1 });
    await lambda.make('exports.handler = () => 1;');
    const reason = { details: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' } };
    await expect(invoke('none')).rejects.toMatchObject(reason);
    const first = invoke('one');
    await expect(invoke('one')).rejects.toMatchObject(reason);
    await first;
    // Nobody waits between these: the reservation is free as soon as the answer is there.
    for (let n = 0; n < 10; n += 1) await invoke('one');
    const running = [invoke('f'), invoke('f')];
    await expect(invoke('f')).rejects.toMatchObject({ details: { Reason: 'ConcurrentInvocationLimitExceeded' } });
    await Promise.all(running);
  });

  test('takes names, partial ARNs and ARNs, with the qualifier $LATEST', async () => {
    await lambda.make('exports.handler = (event, { headers }) => headers["lambda-runtime-invoked-function-arn"];');
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
    for (const name of ['f', 'function:f', '000000000000:function:f', arn])
      expect(await lambda.call({}, name)).toBe(arn);
    for (const name of ['f:$LATEST', `${arn}:$LATEST`]) expect(await lambda.call({}, name)).toBe(`${arn}:$LATEST`);
  });

  test('says what does not exist as Lambda says it', async () => {
    await lambda.make('exports.handler = () => 1;');
    await expect(invoke('g')).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:g:$LATEST',
    });
    await expect(invoke('f:live')).rejects.toMatchObject({
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:live',
    });
    await expect(invoke('arn:aws:lambda:eu-west-1:000000000000:function:f')).rejects.toMatchObject({
      message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    });
    await expect(invoke('no name')).rejects.toMatchObject({ code: 'ValidationException' });
  });

  test('refuses events that are no JSON, or too large', async () => {
    await lambda.make('exports.handler = (event) => JSON.stringify(event).length;');
    await expect(invoke('f', { payload: Buffer.from('{') })).rejects.toMatchObject({
      code: 'InvalidRequestContentException',
      message: expect.stringMatching(/^Could not parse request body into json: Could not parse payload into json: /),
    });
    const largest = Buffer.from(`"${'x'.repeat(6_291_456 - 2)}"`);
    await expect(invoke('f', { payload: largest })).resolves.toBeDefined();
    await expect(invoke('f', { payload: Buffer.concat([largest, Buffer.from(' ')]) })).rejects.toMatchObject({
      code: 'RequestEntityTooLargeException',
      message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    });
  });

  test('needs a permission for a service that calls', async () => {
    await lambda.make('exports.handler = () => 1;');
    const caller = {
      service: 'apigateway.amazonaws.com',
      sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:a/p/GET/x',
    };
    await expect(invoke('f', { caller })).rejects.toMatchObject({ code: 'AccessDeniedException', status: 403 });
    await lambda.addPermission({
      functionName: 'f',
      statementId: 's',
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:a/*/GET/x',
    });
    await expect(invoke('f', { caller })).resolves.toBeDefined();
  });

  test('gives back the bytes of an error unchanged', async () => {
    const document = '{"errorType":"Odd","errorMessage":"no","trace":[ ]}';
    await lambda.make(`exports.handler = async (event, { call, path }) => {
      const answer = await call('POST', path + '/error', ${JSON.stringify(document)});
      console.log('answer', answer.status, JSON.stringify(answer.text));
    };`);
    const error = await invoke('f').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FunctionError);
    expect(error).toMatchObject({ errorType: 'Odd', payload: document, errorCode: 'Unhandled' });
    await until(async () => (await lambda.logText()).includes('REPORT'));
    expect(await lambda.logText()).toContain('answer 202 "{\\"status\\":\\"OK\\"}\\n"');
  });

  test('refuses a response over 6 MiB and 100 bytes, and takes one of that size', async () => {
    await lambda.make(`exports.handler = async (size, { call, path }) => {
      const answer = await call('POST', path + '/response', 'x'.repeat(size));
      console.log('answer', answer.status, answer.text.trim());
    };`);
    const sized = (size: number) => invoke('f', { payload: Buffer.from(String(size)) });
    expect((await sized(6_291_556)).payload.byteLength).toBe(6_291_556);
    const message = 'Response payload size exceeded maximum allowed payload size (6291556 bytes).';
    await expect(sized(6_291_557)).rejects.toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
      payload: `{"errorMessage":"${message}","errorType":"Function.ResponseSizeTooLarge"}`,
    });
    await until(async () => (await lambda.logText()).match(/REPORT/g)?.length === 2);
    const log = await lambda.logText();
    expect(log).toContain(
      'answer 413 {"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}',
    );
    expect(log).toMatch(/\[spillway\] The response is larger than 6291556 bytes.*streamifyResponse.*STREAM/);
  });

  test('collects a streamed response, and fails with its trailers', async () => {
    await lambda.make(`exports.handler = async (event, { openResponse, answered }) => {
      const response = openResponse({ Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body' });
      const answer = answered(response);
      response.write('one');
      response.write('two');
      if (event.fail) {
        const body = Buffer.from('{"errorType":"E","errorMessage":"m"}').toString('base64');
        response.addTrailers({ 'Lambda-Runtime-Function-Error-Type': 'E', 'Lambda-Runtime-Function-Error-Body': body });
      }
      response.end();
      await answer;
    };`);
    expect(Buffer.from((await invoke('f')).payload).toString()).toBe('onetwo');
    const failed = invoke('f', { payload: Buffer.from('{"fail":true}') });
    await expect(failed).rejects.toMatchObject({ errorType: 'E', payload: '{"errorType":"E","errorMessage":"m"}' });
  });

  test('leaves nothing at its signal, whatever became of it', async () => {
    const { signal } = new AbortController();
    await lambda.make('exports.handler = ({ exit }) => (exit ? process.exit(1) : 1);');
    for (const event of ['{}', '{"exit":true}']) {
      await invoke('f', { signal, payload: Buffer.from(event) }).catch(() => {});
      const streamed = await lambda.invoker.invokeWithResponseStream({
        functionName: 'f',
        payload: Buffer.from(event),
        signal,
      });
      await readWhole(streamed.body, 1000, 'Function.ResponseSizeTooLarge').catch(() => {});
    }
    await until(() => getEventListeners(signal, 'abort').length === 0);
  });

  test('ends with the reason of its signal while the function runs on', async () => {
    await lambda.make(
      'exports.handler = async () => { await new Promise((r) => setTimeout(r, 200)); console.log("done"); return 1; };',
    );
    const reason = new Error('left');
    const controller = new AbortController();
    const invoked = invoke('f', { signal: controller.signal });
    controller.abort(reason);
    await expect(invoked).rejects.toBe(reason);
    await until(async () => (await lambda.logText().catch(() => '')).includes('REPORT'));
    expect(await lambda.logText()).toContain('done\n');
  });
});
