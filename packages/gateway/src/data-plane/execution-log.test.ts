import { FunctionError, type StageConfiguration } from '@spillway/wire';
import { afterEach, expect, test } from 'vitest';
import { streamOf } from '../testing/fake-invoker.ts';
import { API_ID, http, lambda, type ServedGateway, serveGateway, streamingLambda } from '../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const INFO = { loggingLevel: 'INFO' } as const;
const OFF = { loggingLevel: 'OFF' } as const;

async function serve(stage: Partial<StageConfiguration>): Promise<ServedGateway> {
  const fail = () => {
    throw new FunctionError('Error', '{"errorMessage":"boom"}');
  };
  served = await serveGateway({
    routes: {
      'POST /b/{name}': lambda('b'),
      'GET /s': streamingLambda('s'),
      'ANY /any': lambda('b'),
      'GET /fails': lambda('fails'),
      'GET /down': http('http://127.0.0.1:1/x'),
    },
    functions: {
      b: { result: () => ({ body: 'abc' }) },
      s: { stream: () => streamOf({ headers: { 'X-A': 'b' } }, 'four') },
      fails: { result: fail },
    },
    stage,
  });
  return served;
}

/** Waits for the request to be over, as lines come after its answer. */
async function linesOf(gateway: ServedGateway, last: RegExp | string): Promise<string[]> {
  const lines = () =>
    gateway.logs
      .filter(({ group }) => group === `API-Gateway-Execution-Logs_${API_ID}/test`)
      .map(({ message }) => message.replace(/^\([0-9a-f-]{36}\) /, ''));
  await expect.poll(() => lines().at(-1)).toMatch(last);
  return lines();
}

test.each([{}, { loggingLevel: 'ERROR' as const }])(
  'the execution log has failures alone, with advice: %j',
  async (stage) => {
    const gateway = await serve(stage);
    await gateway.get('/s');
    await gateway.get('/fails');
    expect(await linesOf(gateway, '[spillway]')).toEqual([
      'Lambda execution failed with status 200 due to customer function error: boom',
      'Method completed with status: 502',
      '[spillway] Error: boom. See the log of the function: npx spillway logs fails.',
    ]);
  },
);

test('at INFO it has every step, secrets masked', async () => {
  const gateway = await serve({ loggingLevel: 'INFO' });
  const headers = { 'x-api-key': 'an-api-key-of-mine', Authorization: 'Bearer abcdefghijkl' };
  await gateway.get('/b/c?d=e', { method: 'POST', body: 'secret', headers });
  const lines = await linesOf(gateway, 'AWS Integration Endpoint RequestId');
  const lambdaUri = `https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/${'arn:aws:lambda:eu-west-1:000000000000:function:b'}/invocations`;
  expect(lines).toEqual([
    expect.stringMatching(/^Extended Request Id: .+=$/),
    expect.stringMatching(`^Verifying Usage Plan for request: [0-9a-f-]{36}\\. API Key:  API Stage: ${API_ID}/test$`),
    "API Key  authorized because method 'POST /b/{name}' does not require API Key. Request will not contribute to throttle or quota limits",
    `Usage Plan check succeeded for API Key  and API Stage ${API_ID}/test`,
    expect.stringMatching(/^Starting execution for request: [0-9a-f-]{36}$/),
    'HTTP Method: POST, Resource Path: /b/{name}',
    'Method request path: {name=c}',
    'Method request query string: {d=e}',
    expect.stringMatching(/^Method request headers: {x-api-key=\*{12}f-mine, Authorization=\*{13}ghijkl, Host=/),
    `Endpoint request URI: ${lambdaUri}`,
    expect.stringMatching(/^Endpoint request headers: {X-Amzn-Trace-Id=Root=1-/),
    `Sending request to ${lambdaUri}`,
    expect.stringMatching(/^Received response\. Status: 200, Integration latency: \d+ ms$/),
    expect.stringMatching(/^Endpoint response headers: {x-amzn-RequestId=lambda-request, X-Amzn-Trace-Id=Root=1-/),
    'Method response headers: {Content-Type=application/json, Content-Length=3}',
    'Successfully completed execution',
    'Method completed with status: 200',
    'AWS Integration Endpoint RequestId : lambda-request',
  ]);
});

test('data tracing adds bodies, cut at 1,024 characters', async () => {
  const gateway = await serve({ loggingLevel: 'INFO', methodSettings: { '*/*': { dataTraceEnabled: true } } });
  await gateway.get('/b/c', { method: 'POST', body: 'x'.repeat(2000) });
  const lines = await linesOf(gateway, 'AWS Integration Endpoint RequestId');
  expect(lines).toContainEqual(`${'Method request body before transformations: '.padEnd(1024, 'x')} [TRUNCATED]`);
  expect(lines).toContainEqual(expect.stringContaining('Endpoint request body after transformations: {"resource":'));
  expect(lines).toContainEqual('Endpoint response body before transformations: {"body":"abc"}');
  expect(lines).toContainEqual('Method response body after transformations: abc');
});

test('a setting of one method overrides that of the stage', async () => {
  const gateway = await serve({ loggingLevel: 'INFO', methodSettings: { 'b~1{name}/POST': { loggingLevel: 'OFF' } } });
  await gateway.get('/b/c', { method: 'POST' });
  await gateway.get('/s');
  const lines = await linesOf(gateway, 'AWS Integration Endpoint RequestId');
  expect(lines.filter((line) => line.startsWith('HTTP Method'))).toEqual(['HTTP Method: GET, Resource Path: /s']);
  expect(lines).toContainEqual(expect.stringMatching(/^Endpoint request URI: .*\/response-streaming-invocations$/));
});

test.each([
  [{ 'any/GET': INFO, 'any/ANY': OFF }, ['HTTP Method: GET, Resource Path: /any']],
  [{ 'any/ANY': INFO }, ['HTTP Method: GET, Resource Path: /any', 'HTTP Method: POST, Resource Path: /any']],
])('a setting is for a verb, of an ANY method too: %j', async (methodSettings, logged) => {
  const gateway = await serve({ methodSettings });
  await gateway.get('/any');
  await gateway.get('/any', { method: 'POST' });
  await gateway.get('/fails');
  const lines = await linesOf(gateway, '[spillway]');
  expect(lines.filter((line) => line.startsWith('HTTP Method'))).toEqual(logged);
});

test('at INFO a failure stands among the steps that led to it', async () => {
  const gateway = await serve({ loggingLevel: 'INFO' });
  await gateway.get('/down');
  const lines = await linesOf(gateway, '[spillway]');
  expect(lines.slice(-6, -1)).toEqual([
    expect.stringMatching(/^Endpoint request headers: {Host=127\.0\.0\.1:1, /),
    'Sending request to http://127.0.0.1:1/x',
    'Execution failed due to a network error communicating with endpoint',
    'Gateway response type: INTEGRATION_FAILURE with status code: 504',
    'Method completed with status: 504',
  ]);
});
