import { type Body, FunctionError, LIFTED_LIMITS } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestLambda, type TestLambda, until } from '../test/test-lambda.ts';

let lambda: TestLambda;
beforeEach(async () => {
  lambda = await startTestLambda({ limits: LIFTED_LIMITS });
});
afterEach(() => lambda.close());

const stream = async (event: unknown = {}, more = {}) => {
  const payload = Buffer.from(JSON.stringify(event));
  return lambda.invoker.invokeWithResponseStream({ functionName: 'f', payload, ...more });
};

async function read(body: Body): Promise<{ text: string; error: unknown }> {
  let text = '';
  try {
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    return { text, error: undefined };
  } catch (error) {
    return { text, error };
  }
}

const reported = async (count = 1) =>
  until(async () => ((await lambda.logText().catch(() => '')).match(/^REPORT/gm)?.length ?? 0) >= count);

describe('InvokeWithResponseStream', () => {
  test('gives each chunk as it comes, before the end', async () => {
    await lambda.make(`const { existsSync } = require('fs');
      exports.handler = async (event, { openResponse, answered }) => {
        const response = openResponse();
        const answer = answered(response);
        response.write('first');
        while (!existsSync(event.go)) await new Promise((r) => setTimeout(r, 5));
        response.end('last');
        console.log('answer', (await answer).status);
      };`);
    const go = `${lambda.directory}/go`;
    const { body } = await stream({ go });
    const chunks = body[Symbol.asyncIterator]();
    expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe('first');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(go, '');
    expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe('last');
    expect(await chunks.next()).toMatchObject({ done: true });
    await reported();
    expect(await lambda.logText()).toContain('answer 202');
  });

  test('is settled before the function has answered, and rejects what is not accepted', async () => {
    await lambda.make(
      'exports.handler = async () => { await new Promise((r) => setTimeout(r, 100)); return { a: 1 }; };',
      {
        reservedConcurrentExecutions: 1,
      },
    );
    const { body, requestId, executedVersion } = await stream();
    expect({ requestId, executedVersion }).toEqual({ requestId: expect.any(String), executedVersion: '$LATEST' });
    await expect(stream()).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    expect(await read(body)).toEqual({ text: '{"a":1}', error: undefined });
    await expect(
      lambda.invoker.invokeWithResponseStream({ functionName: 'g', payload: Buffer.from('{}') }),
    ).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  test('throws what the error trailers say, after the bytes before them', async () => {
    await lambda.make(`exports.handler = async (event, { openResponse, answered }) => {
      const response = openResponse({ Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body' });
      const answer = answered(response);
      response.write('some');
      const body = Buffer.from('{"errorType":"TypeError","errorMessage":"m"}').toString('base64');
      response.addTrailers({ 'Lambda-Runtime-Function-Error-Type': 'TypeError', 'Lambda-Runtime-Function-Error-Body': body });
      response.end();
      await answer;
    };`);
    const { text, error } = await read((await stream()).body);
    expect(text).toBe('some');
    expect(error).toBeInstanceOf(FunctionError);
    expect(error).toMatchObject({ errorType: 'TypeError', payload: '{"errorType":"TypeError","errorMessage":"m"}' });
  });

  test('throws the document of an /error that came in place of a response', async () => {
    await lambda.make(`exports.handler = async (event, { call, path }) => {
      await call('POST', path + '/error', '{"errorMessage":"m"}', { 'Lambda-Runtime-Function-Error-Type': 'Function.Odd' });
    };`);
    const { text, error } = await read((await stream()).body);
    expect(text).toBe('');
    expect(error).toMatchObject({ name: 'FunctionError', errorType: 'Function.Odd', payload: '{"errorMessage":"m"}' });
  });

  test('throws Runtime.TruncatedResponse when the runtime breaks off', async () => {
    await lambda.make(`exports.handler = async (event, { openResponse }) => {
      const response = openResponse();
      response.on('error', () => {});
      await new Promise((r) => response.write('some', r));
      response.destroy();
    };`);
    const { text, error } = await read((await stream()).body);
    expect(text).toBe('some');
    expect(error).toMatchObject({ name: 'FunctionError', errorType: 'Runtime.TruncatedResponse' });
  });

  test('a function that ends in mid stream: its bytes come, and never a clean end', async () => {
    await lambda.make(`exports.handler = async (event, { openResponse }) => {
      const response = openResponse();
      for (let n = 0; n < 32; n += 1) await new Promise((r) => response.write(Buffer.alloc(65536, 'x'), r));
      process.exit(7);
    };`);
    const { text, error } = await read((await stream()).body);
    expect(error).toMatchObject({ name: 'FunctionError', errorType: 'Runtime.TruncatedResponse' });
    expect(text.length).toBeGreaterThan(0);
    await reported();
    expect(await lambda.logText()).toMatch(/Error: Runtime exited with error: exit status 7\nRuntime.ExitError\nEND/);
  });

  test('throws Sandbox.Timedout on a timeout in mid stream, and says what was forgotten', async () => {
    await lambda.make(
      `exports.handler = (event, { openResponse }) => { openResponse().write('some'); return new Promise(() => setInterval(() => {}, 9)); };`,
      { timeoutSeconds: 1 },
    );
    const { body, requestId } = await stream();
    const { text, error } = await read(body);
    expect(text).toBe('some');
    const errorMessage = `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`;
    expect(error).toMatchObject({ payload: JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage }) });
    await reported();
    expect(await lambda.logText()).toMatch(
      /\[spillway\] The function timed out with its response stream open.*end\(\)/,
    );
  });

  test('tells of a stream without a write, and of one without a prelude', async () => {
    await lambda.make(`exports.handler = async (text, { openResponse, answered }) => {
      const response = openResponse({ 'Content-Type': 'application/vnd.awslambda.http-integration-response' });
      const answer = answered(response);
      response.end(text);
      await answer;
    };`);
    expect(await read((await stream('')).body)).toEqual({ text: '', error: undefined });
    expect((await read((await stream('no prelude')).body)).text).toBe('no prelude');
    expect((await read((await stream('{}\0\0\0\0\0\0\0\0')).body)).text).toHaveLength(10);
    await reported(3);
    const hints = (await lambda.logText()).split('\n').filter((line) => line.startsWith('[spillway]'));
    expect(hints).toEqual([expect.stringContaining('is empty'), expect.stringContaining('has no prelude')]);
  });
});

const ENDLESS = `exports.handler = async (event, { openResponse, answered }) => {
  const response = openResponse();
  const answer = answered(response);
  const chunk = Buffer.alloc(65536);
  let sent = 0;
  for (; sent < event.sizeBytes; sent += chunk.length) {
    if (!response.write(chunk)) await new Promise((r) => response.once('drain', r));
    require('fs').writeFileSync(event.progress, String(sent + chunk.length));
  }
  response.end();
  console.log('answer', (await answer).status, sent);
};`;

const MIB = 1_048_576;
const progress = () => `${lambda.directory}/progress`;
const sentBytes = async () => {
  const { readFile } = await import('node:fs/promises');
  return Number(await readFile(progress(), 'utf8').catch(() => '0'));
};

describe('the bytes of a streamed response', () => {
  test('wait for a reader that does not read', async () => {
    await lambda.make(ENDLESS);
    const { body } = await stream({ sizeBytes: 64 * MIB, progress: progress() });
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    let before = -1;
    // It has stopped when it stays where it is for a while.
    for (let now = await sentBytes(); now !== before || now === 0; now = await sentBytes()) {
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(before).toBeLessThan(16 * MIB);
    let rest = 0;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) rest += next.value.byteLength;
    expect(rest).toBeGreaterThan(48 * MIB);
  });

  test('are thrown away when the client left: the function runs to its end', async () => {
    await lambda.make(ENDLESS);
    const controller = new AbortController();
    const { body } = await stream({ sizeBytes: 64 * MIB, progress: progress() }, { signal: controller.signal });
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    const reason = new Error('left');
    controller.abort(reason);
    // What had arrived may still come; then the reason.
    await expect(
      (async () => {
        while (!(await chunks.next()).done);
      })(),
    ).rejects.toBe(reason);
    await reported();
    expect(await lambda.logText()).toContain(`answer 202 ${64 * MIB}`);
  });

  test('are thrown away when the client left while nobody read, and before the function answered', async () => {
    await lambda.make(ENDLESS);
    const controller = new AbortController();
    const event = { sizeBytes: 8 * MIB, progress: progress() };
    const unread = await stream(event, { signal: controller.signal });
    controller.abort(new Error('left'));
    await reported();
    expect((await read(unread.body)).error).toMatchObject({ message: 'left' });
    expect(await lambda.logText()).toContain(`answer 202 ${8 * MIB}`);
  });

  test('are thrown away when the reader has enough, also before the first', async () => {
    await lambda.make(ENDLESS);
    const event = { sizeBytes: 8 * MIB, progress: progress() };
    for await (const _chunk of (await stream(event)).body) break;
    await reported();
    const unread = (await stream(event)).body[Symbol.asyncIterator]();
    await unread.return?.();
    await reported(2);
    expect((await lambda.logText()).match(/answer 202/g)).toHaveLength(2);
  });

  test('a reader that leaves after the end disturbs nobody', async () => {
    await lambda.make('exports.handler = async (n) => { await new Promise((r) => setTimeout(r, 100)); return n; };');
    const { body } = await stream(1);
    const chunks = body[Symbol.asyncIterator]();
    while (!(await chunks.next()).done);
    const second = stream(2);
    await until(async () => ((await lambda.logText()).match(/^START/gm)?.length ?? 0) === 2);
    await chunks.return?.();
    expect(await read((await second).body)).toEqual({ text: '2', error: undefined });
  });

  test('end at the limit of a streamed response; the rest is thrown away', async () => {
    await lambda.close();
    lambda = await startTestLambda({ limits: { ...LIFTED_LIMITS, lambdaStreamedResponseBytes: MIB } });
    await lambda.make(ENDLESS);
    const { text, error } = await read((await stream({ sizeBytes: 8 * MIB, progress: progress() })).body);
    expect(text.length).toBe(MIB);
    expect(error).toMatchObject({ name: 'FunctionError', errorType: 'Function.ResponseSizeTooLarge' });
    await reported();
    expect(await lambda.logText()).toContain(`answer 202 ${8 * MIB}`);
  });

  test('keep the pace after the burst, and the log says when it was too slow', async () => {
    await lambda.close();
    const limits = { lambdaStreamBurstBytes: MIB, lambdaStreamBytesPerSecond: 2 * MIB };
    lambda = await startTestLambda({ limits });
    await lambda.make(ENDLESS, { timeoutSeconds: 2 });
    const startedAtMs = performance.now();
    expect((await read((await stream({ sizeBytes: 2 * MIB, progress: progress() })).body)).text).toHaveLength(2 * MIB);
    const seconds = (performance.now() - startedAtMs) / 1000;
    expect(seconds).toBeGreaterThan(0.35);
    expect(seconds).toBeLessThan(1.9);
    const { error } = await read((await stream({ sizeBytes: 32 * MIB, progress: progress() })).body);
    expect(error).toMatchObject({ errorType: 'Sandbox.Timedout' });
    await reported(2);
    expect(await lambda.logText()).toMatch(
      /\[spillway\] The function timed out while its response was sent at Lambda's pace/,
    );
  });

  test('are not held: 256 MiB leave the memory as it was', async () => {
    await lambda.make(ENDLESS);
    const event = { sizeBytes: 256 * MIB, progress: '/dev/null' };
    await read((await stream({ ...event, sizeBytes: MIB })).body);
    const before = process.memoryUsage().rss;
    let peak = 0;
    let received = 0;
    for await (const chunk of (await stream(event)).body) {
      received += chunk.byteLength;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(received).toBe(256 * MIB);
    expect(peak - before).toBeLessThan(64 * MIB);
  });
});

test('a stream is released when the server is closed', async () => {
  await lambda.make(ENDLESS);
  const { body } = await stream({ sizeBytes: 64 * MIB, progress: progress() });
  const chunks = body[Symbol.asyncIterator]();
  await chunks.next();
  const closing = lambda.close();
  const { error } = await read({ [Symbol.asyncIterator]: () => chunks });
  expect(error).toBeInstanceOf(FunctionError);
  await closing;
});
