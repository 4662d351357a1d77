import { AwsError, FunctionError, functionArn } from '@spillway/wire';
import { afterEach, expect, test } from 'vitest';
import { untilAborted } from '../../testing/fake-invoker.ts';
import {
  API_ID,
  lambda,
  REGION,
  type ServedGateway,
  type ServeOptions,
  serveGateway,
  streamingLambda,
} from '../../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());
const serve = async (options: ServeOptions) => {
  served = await serveGateway(options);
  return served;
};

const INTERNAL = '{"message": "Internal server error"}';

test('Lambda is told who calls: this stage, method and resource', async () => {
  const gateway = await serve({
    routes: { 'ANY /a/{x}': lambda('f') },
    functions: { f: { result: () => ({}) } },
  });
  await gateway.get('/a/1', { method: 'DELETE' });
  expect(gateway.invoker.requests[0]).toMatchObject({
    functionName: functionArn(REGION, 'f'),
    caller: {
      service: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:${REGION}:000000000000:${API_ID}/test/DELETE/a/{x}`,
    },
  });
});

test("with credentials the call is the role's own", async () => {
  const gateway = await serve({
    routes: { 'GET /': lambda('f', { credentials: 'arn:aws:iam::000000000000:role/r' }) },
    functions: { f: { result: () => ({}) } },
  });
  await gateway.get('/');
  expect(gateway.invoker.requests[0]?.caller).toBeUndefined();
});

test('stage variables choose the function', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: API Gateway's own syntax.
  const uri = lambda('${stageVariables.name}').uri ?? '';
  const gateway = await serve({
    routes: { 'GET /': lambda('f', { uri }) },
    functions: { blue: { result: () => ({ body: 'blue' }) } },
    stage: { variables: { name: 'blue' } },
  });
  expect((await gateway.get('/')).body.toString()).toBe('blue');
});

test.each([
  ['the httpMethod is not POST', lambda('f', { httpMethod: 'GET' }), 'POST'],
  ['BUFFERED with the streaming uri', streamingLambda('f', { responseTransferMode: 'BUFFERED' }), 'BUFFERED goes with'],
  ['STREAM with the buffered uri', lambda('f', { responseTransferMode: 'STREAM' }), 'STREAM with'],
  [
    'a mapping sets Authorization',
    lambda('f', { requestParameters: { 'integration.request.header.Authorization': "'x'" } }),
    'Authorization',
  ],
])('500 without a call when %s', async (_, integration, advice) => {
  const gateway = await serve({ routes: { 'GET /': integration }, functions: { f: { result: () => ({}) } } });
  const { status, headers, body } = await gateway.get('/');
  expect({ status, body: body.toString() }).toEqual({ status: 500, body: INTERNAL });
  expect(headers['x-amzn-errortype']).toBe('InternalServerErrorException');
  expect(headers['x-amzn-trace-id']).toBeUndefined();
  expect(gateway.invoker.requests).toEqual([]);
  expect(gateway.reports).toEqual([expect.stringContaining(advice)]);
});

const functionError = new FunctionError('Error', '{"errorType":"Error","errorMessage":"boom"}');
const tooLargeMessage = 'Response payload size exceeded maximum allowed payload size (6291556 bytes).';

test.each([
  [new AwsError('AccessDeniedException'), 500, 'Invalid permissions on Lambda function'],
  [new AwsError('TooManyRequestsException'), 500, 'Rate Exceeded.'],
  [new AwsError('ResourceNotFoundException'), 500, 'function not found'],
  [new AwsError('ServiceException'), 500, 'refused'],
  [functionError, 502, 'Lambda execution failed with status 200 due to customer function error: boom'],
  [
    new FunctionError('Function.ResponseSizeTooLarge', JSON.stringify({ errorMessage: tooLargeMessage })),
    502,
    tooLargeMessage,
  ],
])('%s is %i in both modes', async (error, expected, log) => {
  const fail = () => {
    throw error;
  };
  const gateway = await serve({
    routes: { 'GET /b': lambda('f'), 'GET /s': streamingLambda('f') },
    functions: { f: { result: fail, stream: fail } },
  });
  for (const path of ['/b', '/s']) {
    const { status, headers, body } = await gateway.get(path);
    expect({ status, body: body.toString() }).toEqual({ status: expected, body: INTERNAL });
    expect(headers['x-amzn-errortype']).toBe('InternalServerErrorException');
    expect(headers['x-amzn-trace-id']).toMatch(/^Root=/);
  }
  const messages = gateway.logs.map(({ message }) => message.toLowerCase());
  expect(messages.filter((message) => message.includes(log.toLowerCase()))).not.toEqual([]);
});

test('a function that does not answer in time is 504, and is let go', async () => {
  let signal: AbortSignal | undefined;
  const never = (request: { signal?: AbortSignal }) => {
    signal = request.signal;
    return new Promise(() => {});
  };
  const gateway = await serve({
    routes: { 'GET /': lambda('f', { timeoutInMillis: 50 }) },
    functions: { f: { result: never } },
  });
  const { status, body } = await gateway.get('/');
  expect({ status, body: body.toString() }).toEqual({ status: 504, body: '{"message": "Endpoint request timed out"}' });
  expect(signal?.aborted).toBe(true);
  expect(gateway.logs.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^\([0-9a-f-]{36}\) Execution failed due to a timeout error$/),
  );
});

test('a client that leaves a buffered call lets it go, and is no failure', async () => {
  const aborted = deferred();
  const gateway = await serve({
    routes: { 'GET /': lambda('f') },
    functions: {
      f: { result: (request) => untilAborted(request.signal).finally(() => aborted.resolve()) },
    },
  });
  const controller = new AbortController();
  const fetching = fetch(gateway.url, { signal: controller.signal }).catch(() => 'gone');
  await expect.poll(() => gateway.invoker.requests.length).toBe(1);
  controller.abort();
  await aborted.promise;
  expect(await fetching).toBe('gone');
  expect(gateway.reports).toEqual([]);
});

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
