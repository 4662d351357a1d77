import http from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BufferedAnswer } from '../buffered-answer.ts';
import { extensionsApi } from '../extensions/extensions-api.ts';
import { ExtensionRegistry } from '../extensions/registry.ts';
import { RuntimeApi } from './runtime-api.ts';

const events: string[] = [];
let api: RuntimeApi;
let agent: http.Agent;

beforeEach(async () => {
  events.length = 0;
  agent = new http.Agent({ keepAlive: true });
  const registry = new ExtensionRegistry();
  api = new RuntimeApi({
    observer: {
      onNext: () => events.push('next'),
      onInitError: ({ errorType, error }) => events.push(`initError ${errorType} ${error.errorType} ${error.payload}`),
      onAnswer: () => events.push('answer'),
      onResponse: ({ outcome, sizeBytes }) => events.push(`response ${outcome} ${sizeBytes}`),
    },
    errorLimitBytes: 6_291_556,
    extensionsApi: extensionsApi({ functionName: 'f', handler: 'h', registry, onChange: () => {} }),
  });
  await api.listen();
});
afterEach(async () => {
  agent.destroy();
  await api.close();
});

interface Reply {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

function call(method: string, path: string, body?: string | Buffer, headers = {}): Promise<Reply> {
  const [host, port] = api.address.split(':');
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path, headers }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode, headers: response.headers, text });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Another process takes over: its connections are new ones. */
function restart(): void {
  api.reset();
  agent.destroy();
  agent = new http.Agent({ keepAlive: true });
}

const runtime = (method: string, path: string, body?: string | Buffer, headers = {}) =>
  call(method, `/2018-06-01/runtime${path}`, body, headers);
const next = () => runtime('GET', '/invocation/next');

function invoke(requestId = 'id-1', payload = '{"a":1}'): BufferedAnswer {
  const answer = new BufferedAnswer(6_291_556);
  api.invoke({ requestId, payload: Buffer.from(payload), functionArn: 'arn:f', traceId: 'Root=1', answer }, 1234.6);
  return answer;
}

/** A runtime that has its event. */
async function running(requestId = 'id-1'): Promise<BufferedAnswer> {
  const waiting = next();
  while (!events.includes('next')) await new Promise((resolve) => setImmediate(resolve));
  const answer = invoke(requestId);
  await waiting;
  return answer;
}

const OK = { status: 202, text: '{"status":"OK"}\n' };
const refused = (status: number, errorType: string, errorMessage: string) => ({
  status,
  text: `${JSON.stringify({ errorMessage, errorType })}\n`,
});
const badTransition = (from: string, to: string) =>
  refused(
    403,
    'InvalidStateTransition',
    `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
  );

describe('the Runtime API', () => {
  test('keeps web pages out', async () => {
    const pages = [{ Host: 'evil.example' }, { Origin: 'http://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }];
    for (const headers of pages) {
      expect(await runtime('GET', '/invocation/next', undefined, headers)).toMatchObject({ status: 403 });
    }
    expect(events).toEqual([]);
  });

  test('answers a ping', async () => {
    expect(await call('GET', '/ping')).toMatchObject({ status: 200, text: 'pong' });
  });

  test('hands out an event with its headers, the same one again while it runs', async () => {
    const waiting = next();
    while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
    invoke();
    const event = await waiting;
    expect(event).toMatchObject({ status: 200, text: '{"a":1}' });
    expect(event.headers).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': 'id-1',
      'lambda-runtime-deadline-ms': '1235',
      'lambda-runtime-invoked-function-arn': 'arn:f',
      'lambda-runtime-trace-id': 'Root=1',
    });
    expect(await next()).toMatchObject({ status: 200, text: '{"a":1}' });
    expect(events).toEqual(['next']);
  });

  test('takes a response once; the next call for an event ends the invocation', async () => {
    const answer = await running();
    expect(await runtime('POST', '/invocation/id-1/response', '"done"')).toMatchObject(OK);
    expect(Buffer.from(await answer.payload).toString()).toBe('"done"');
    const sent = 'RuntimeResponseSentState';
    expect(await runtime('POST', '/invocation/id-1/response', '2')).toMatchObject(
      badTransition(sent, 'InvocationResponse'),
    );
    expect(await runtime('POST', '/invocation/id-1/error', '{}')).toMatchObject(
      badTransition(sent, 'InvocationErrorResponse'),
    );
    expect(events).toEqual(['next', 'answer', 'response complete 6']);
    void next().catch(() => {});
    while (events.length < 4) await new Promise((resolve) => setImmediate(resolve));
    expect(events[3]).toBe('next');
  });

  test('takes an error, its bytes unchanged', async () => {
    const answer = await running();
    const document = '{"errorType":"E", "errorMessage":"m"}';
    expect(await runtime('POST', '/invocation/id-1/error', document)).toMatchObject(OK);
    await expect(answer.payload).rejects.toMatchObject({ errorType: 'E', payload: document });
    expect(events).toEqual(['next', 'answer']);
  });

  test('knows only the id of the invocation that runs', async () => {
    const unknown = refused(400, 'InvalidRequestID', 'Invalid request ID');
    expect(await runtime('POST', '/invocation/id-1/response', '1')).toMatchObject(unknown);
    await running();
    expect(await runtime('POST', '/invocation/id-2/response', '1')).toMatchObject(unknown);
    api.release();
    expect(await runtime('POST', '/invocation/id-1/error', '1')).toMatchObject(unknown);
  });

  test.each(['buffered', 'Streaming', ''])('takes no mode but streaming: "%s"', async (mode) => {
    const answer = await running();
    const reply = await runtime('POST', '/invocation/id-1/response', 'x', {
      'Lambda-Runtime-Function-Response-Mode': mode,
    });
    expect(reply).toMatchObject(refused(400, 'InvalidFunctionResponseMode', 'Invalid function response mode'));
    await expect(answer.payload).rejects.toMatchObject({ errorType: 'Runtime.InvalidResponseModeHeader' });
  });

  test('refuses a response that is too large, and an error after it', async () => {
    const answer = await running();
    const tooLarge = refused(413, 'RequestEntityTooLarge', 'Exceeded maximum allowed payload size (6291556 bytes).');
    expect(await runtime('POST', '/invocation/id-1/response', Buffer.alloc(6_291_557))).toMatchObject(tooLarge);
    await expect(answer.payload).rejects.toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
    expect((await runtime('POST', '/invocation/id-1/error', '{}')).status).toBe(403);
  });

  test('no event is asked for in mid response', async () => {
    await running();
    const [host, port] = api.address.split(':');
    const socket = connect(Number(port), host);
    socket.write(
      'POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nhalf',
    );
    while (!api.isResponding) await new Promise((resolve) => setImmediate(resolve));
    expect(await next()).toMatchObject(badTransition('InvocationResponse', 'Ready'));
    socket.destroy();
    while (!events.includes('response truncated 4')) await new Promise((resolve) => setImmediate(resolve));
  });

  test('takes an init error, before the first event only', async () => {
    const document = '{"errorType":"Custom","errorMessage":"m"}';
    const type = { 'Lambda-Runtime-Function-Error-Type': 'Runtime.ImportModuleError' };
    expect(await runtime('POST', '/init/error', document, type)).toMatchObject(OK);
    expect(events).toEqual([`initError Runtime.ImportModuleError Custom ${document}`]);
    expect(await next()).toMatchObject(badTransition('InitError', 'Ready'));
    expect(await runtime('POST', '/init/error', document)).toMatchObject(badTransition('InitError', 'InitError'));
    restart();
    events.length = 0;
    await running();
    expect(await runtime('POST', '/init/error', document)).toMatchObject(badTransition('Running', 'InitError'));
  });

  test('an error type that is none counts as unknown', async () => {
    await runtime('POST', '/init/error', 'no JSON', { 'Lambda-Runtime-Function-Error-Type': 'unhandled' });
    expect(events).toEqual(['initError Runtime.Unknown Runtime.Unknown no JSON']);
  });

  test('takes headers of a megabyte', async () => {
    const answer = await running();
    const cause = { 'Lambda-Runtime-Function-XRay-Error-Cause': 'x'.repeat(1_048_576) };
    expect(await runtime('POST', '/invocation/id-1/error', '{}', cause)).toMatchObject(OK);
    await expect(answer.payload).rejects.toThrow();
  });

  test('refuses by name what is missing', async () => {
    expect(await call('PUT', '/2020-08-15/logs', '{}')).toMatchObject({
      status: 202,
      text: expect.stringContaining('Logs.NotSupported'),
    });
    expect((await call('PUT', '/2022-07-01/telemetry', '{}')).text).toContain('Telemetry API is not supported');
    expect((await runtime('GET', '/restore/next')).status).toBe(404);
  });

  test('begins anew with another process', async () => {
    const answer = await running();
    restart();
    expect((await runtime('POST', '/invocation/id-1/response', '1')).status).toBe(400);
    events.length = 0;
    await running('id-2');
    expect(await runtime('POST', '/invocation/id-2/response', '1')).toMatchObject(OK);
    answer.fail(new Error('over'));
    await expect(answer.payload).rejects.toThrow('over');
  });
});
