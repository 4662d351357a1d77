import { get } from 'node:http';
import { listen } from '@spillway/http';
import { type Authorizer, AwsError, FunctionError, functionArn, type InvokeRequest } from '@spillway/wire';
import { afterEach, describe, expect, test } from 'vitest';
import { type FakeFunction, streamOf, untilAborted } from '../../testing/fake-invoker.ts';
import {
  API_ID,
  http,
  lambda,
  REGION,
  type ServedGateway,
  type ServeOptions,
  serveGateway,
  streamingLambda,
} from '../../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const ARN = `arn:aws:execute-api:${REGION}:000000000000:${API_ID}/test`;

const TOKEN: Authorizer = {
  id: 'auth12',
  name: 'authorizer',
  type: 'TOKEN',
  authorizerUri: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${functionArn(REGION, 'authorizer')}/invocations`,
  identitySource: 'method.request.header.Authorization',
  authorizerResultTtlInSeconds: 0,
};

const policy = (Effect: string, Resource: string | string[] = `${ARN}/*`) => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action: 'execute-api:Invoke', Resource }],
});
const allowed = { principalId: 'me', policyDocument: policy('Allow') };

async function serve(
  result: unknown | FakeFunction['result'],
  authorizer: Partial<Authorizer> = {},
  more: Partial<ServeOptions> = {},
): Promise<ServedGateway> {
  served = await serveGateway({
    routes: { 'GET /b/{name}': lambda('b'), 'GET /s/{name}': streamingLambda('s') },
    functions: {
      b: { result: ({ payload }) => ({ body: new TextDecoder().decode(payload) }) },
      s: { stream: ({ payload }) => streamOf({}, payload) },
      authorizer: { result: typeof result === 'function' ? (result as () => unknown) : () => result },
    },
    method: { authorizationType: 'CUSTOM', authorizerId: TOKEN.id },
    ...more,
    restApi: { authorizers: [{ ...TOKEN, ...authorizer }], ...more.restApi },
  });
  return served;
}

const EXPLICIT_DENY = ' with an explicit deny in an identity-based policy';
const token = (Authorization: string) => ({ headers: { Authorization } });
const event = (request: InvokeRequest | undefined) => JSON.parse(new TextDecoder().decode(request?.payload));
const callsOf = ({ invoker }: ServedGateway) =>
  invoker.requests.filter(({ functionName }) => functionName.endsWith('authorizer'));
const answerOf = ({ status, headers, body }: Awaited<ReturnType<ServedGateway['get']>>) =>
  [status, headers['x-amzn-errortype'], body.toString()] as const;

describe.each(['/b', '/s'])('a TOKEN authorizer before %s', (path) => {
  test('is asked with the token, by the name of the API; what it says goes into the event', async () => {
    const context = { text: 'a', number: 1.5, isTrue: true, nothing: null };
    const gateway = await serve({ ...allowed, context });
    const answer = await gateway.get(`${path}/a%20b`, token('Bearer x'));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString()).requestContext.authorizer).toEqual({
      text: 'a',
      number: '1.5',
      isTrue: 'true',
      principalId: 'me',
      integrationLatency: expect.any(Number),
    });
    const [asked] = callsOf(gateway);
    expect(asked?.caller).toEqual({
      service: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:${REGION}:000000000000:${API_ID}/authorizers/auth12`,
    });
    const methodArn = `${ARN}/GET${path}/a%20b`;
    expect(event(asked)).toEqual({ type: 'TOKEN', authorizationToken: 'Bearer x', methodArn });
  });

  test('that is not asked answers 401: no token, an empty one, one that looks wrong', async () => {
    const gateway = await serve(allowed, { identityValidationExpression: 'Bearer \\w+' });
    for (const headers of [{}, { Authorization: '' }, { Authorization: 'Bearer !' }, { Authorization: 'xBearer x' }]) {
      expect(answerOf(await gateway.get(`${path}/a`, { headers }))).toEqual([
        401,
        'UnauthorizedException',
        '{"message":"Unauthorized"}',
      ]);
    }
    expect(gateway.invoker.requests).toEqual([]);
    expect((await gateway.get(`${path}/a`, token('Bearer x'))).status).toBe(200);
  });

  test.each([
    ['denies', policy('Deny'), EXPLICIT_DENY],
    ['denies and allows', { Statement: [...policy('Allow').Statement, ...policy('Deny').Statement] }, EXPLICIT_DENY],
    ['allows another method', policy('Allow', `${ARN}/POST/*`), ''],
    [
      'allows another action',
      { Statement: { ...policy('Allow').Statement[0], Action: 'execute-api:ManageConnections' } },
      '',
    ],
  ])('whose policy %s answers 403', async (_, policyDocument, end) => {
    const gateway = await serve({ principalId: 'me', policyDocument });
    const [status, errorType, body] = answerOf(await gateway.get(`${path}/a`, token('x')));
    expect([status, errorType]).toEqual([403, 'AccessDeniedException']);
    expect(body).toBe(JSON.stringify({ Message: `User is not authorized to access this resource${end}` }));
    expect(gateway.invoker.requests).toHaveLength(1);
  });

  test('that throws "Unauthorized" answers 401', async () => {
    const gateway = await serve(() => {
      throw new FunctionError('Error', '{"errorMessage":"Unauthorized","errorType":"Error"}');
    });
    expect((await gateway.get(`${path}/a`, token('x'))).status).toBe(401);
  });
});

test('a token that keeps the validation expression busy answers 401, and others are served meanwhile', async () => {
  const gateway = await serve(allowed, { identityValidationExpression: '^(a+)+$' });
  const startedAt = performance.now();
  const [slow, other] = await Promise.all([
    gateway.get('/b/a', token(`${'a'.repeat(40)}!`)),
    gateway.get('/b/a', token('a'.repeat(40))),
  ]);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  expect(answerOf(slow)).toEqual([401, 'UnauthorizedException', '{"message":"Unauthorized"}']);
  expect(other.status).toBe(200);
  expect(callsOf(gateway)).toHaveLength(1);
  await expect.poll(() => gateway.reports).toHaveLength(1);
  const line =
    'the identityValidationExpression ^(a+)+$ of the authorizer authorizer was given up after 100 ms, at a token of 41 characters. Rewrite the';
  expect(gateway.reports[0]).toContain(`-> 401: ${line}`);
  const messages = gateway.logs.map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringMatching(/^\(\S+\) Unauthorized request: \S+$/));
  expect(messages).toContainEqual(expect.stringContaining(`[spillway] ${line}`));
});

const fails = (errorMessage: string) => () => {
  throw new FunctionError('Error', JSON.stringify({ errorMessage }));
};
const refuses = (code: ConstructorParameters<typeof AwsError>[0]) => () => {
  throw new AwsError(code);
};

test.each([
  ['throws', fails('unauthorized'), 'AUTHORIZER_FAILURE', 'npx spillway logs authorizer'],
  ['may not be called', refuses('AccessDeniedException'), 'AUTHORIZER_CONFIGURATION_ERROR', 'AWS::Lambda::Permission'],
  ['does not exist', refuses('ResourceNotFoundException'), 'AUTHORIZER_CONFIGURATION_ERROR', 'authorizerUri'],
  ['is throttled', refuses('TooManyRequestsException'), 'AUTHORIZER_FAILURE', 'Rate Exceeded'],
  ['returns nothing', null, 'AUTHORIZER_CONFIGURATION_ERROR', 'the result is null'],
  [
    'names nobody',
    { policyDocument: policy('Allow') },
    'AUTHORIZER_CONFIGURATION_ERROR',
    'principalId is not a string',
  ],
  ['has no policy', { principalId: 'me' }, 'AUTHORIZER_CONFIGURATION_ERROR', 'policyDocument is not an object'],
  [
    'has an effect of its own',
    { ...allowed, policyDocument: policy('allow') },
    'AUTHORIZER_CONFIGURATION_ERROR',
    'Effect',
  ],
  ['has an object in its context', { ...allowed, context: { a: {} } }, 'AUTHORIZER_CONFIGURATION_ERROR', 'context.a'],
  [
    'has a condition',
    { ...allowed, policyDocument: { Statement: { ...policy('Allow').Statement[0], Condition: {} } } },
    'AUTHORIZER_CONFIGURATION_ERROR',
    'Condition is not supported here',
  ],
])('an authorizer that %s: 500, and the log says why', async (_, result, responseType, reason) => {
  const accessLogSettings = {
    destinationArn: 'arn:aws:logs:eu-west-1:000000000000:log-group:access:*',
    format: '$context.requestId $context.error.responseType $context.error.messageString',
  };
  const gateway = await serve(result, {}, { stage: { accessLogSettings } });
  expect(answerOf(await gateway.get('/b/a', token('x')))).toEqual([
    500,
    'AuthorizerConfigurationException',
    '{"message":null}',
  ]);
  await expect.poll(() => gateway.reports).toHaveLength(1);
  expect(gateway.reports[0]).toContain(reason);
  expect(gateway.logs.find(({ group }) => group === 'access')?.message).toMatch(
    new RegExp(`^\\S+ ${responseType} null$`),
  );
});

test('an authorizer has 29 seconds', async () => {
  const gateway = await serve(
    ({ signal }: InvokeRequest) => untilAborted(signal),
    {},
    {
      limits: { bufferedIntegrationTimeoutMs: 60 },
    },
  );
  expect((await gateway.get('/b/a', token('x'))).status).toBe(500);
  expect(gateway.reports[0]).toContain('was not done after 60 ms');
});

describe('the cache', () => {
  test('keeps a policy by token, for all methods: each is judged by it', async () => {
    const resource = [`${ARN}/GET/b/*`];
    const gateway = await serve(
      { principalId: 'me', policyDocument: policy('Allow', resource) },
      { authorizerResultTtlInSeconds: 300 },
    );
    const first = JSON.parse((await gateway.get('/b/a', token('x'))).body.toString());
    const second = JSON.parse((await gateway.get('/b/other', token('x'))).body.toString());
    expect(second.requestContext.authorizer).toEqual({ ...first.requestContext.authorizer, integrationLatency: 0 });
    expect(answerOf(await gateway.get('/s/a', token('x')))[0]).toBe(403);
    expect(callsOf(gateway)).toHaveLength(1);
    await gateway.get('/b/a', token('y'));
    expect(callsOf(gateway)).toHaveLength(2);
  });

  test('keeps nothing without a TTL, nor what failed', async () => {
    const without = await serve(allowed);
    for (let call = 0; call < 2; call += 1) await without.get('/b/a', token('x'));
    expect(callsOf(without)).toHaveLength(2);
    await without.close();
    const failing = await serve(fails('Unauthorized'), { authorizerResultTtlInSeconds: 300 });
    for (let call = 0; call < 2; call += 1) await failing.get('/b/a', token('x'));
    expect(callsOf(failing)).toHaveLength(2);
  });
});

describe('a REQUEST authorizer', () => {
  const REQUEST = {
    type: 'REQUEST',
    identitySource: 'method.request.header.X-Who, method.request.querystring.q, stageVariables.v, context.httpMethod',
    authorizerResultTtlInSeconds: 300,
  } as const;
  const stage = { variables: { v: 'w' } };

  test('sees the request without its body', async () => {
    const gateway = await serve(allowed, REQUEST, { stage });
    await gateway.get('/b/a?q=1&q=2', { headers: { 'X-Who': 'me' } });
    expect(event(callsOf(gateway)[0])).toMatchObject({
      type: 'REQUEST',
      methodArn: `${ARN}/GET/b/a`,
      resource: '/b/{name}',
      path: '/b/a',
      httpMethod: 'GET',
      headers: { 'X-Who': 'me' },
      multiValueHeaders: { 'X-Who': ['me'] },
      queryStringParameters: { q: '2' },
      multiValueQueryStringParameters: { q: ['1', '2'] },
      pathParameters: { name: 'a' },
      stageVariables: { v: 'w' },
      requestContext: { resourcePath: '/b/{name}', stage: 'test', identity: { sourceIp: '127.0.0.1' } },
    });
    expect(event(callsOf(gateway)[0])).not.toHaveProperty('body');
  });

  test('is not asked when a source is missing; its answer is kept by all of them', async () => {
    const gateway = await serve(allowed, REQUEST, { stage });
    const headers = { 'X-Who': 'me' };
    expect((await gateway.get('/b/a?q=', { headers })).status).toBe(401);
    expect((await gateway.get('/b/a?q=1')).status).toBe(401);
    expect(callsOf(gateway)).toHaveLength(0);
    for (const path of ['/b/a?q=1', '/b/b?q=1&r=2', '/b/a?q=2']) await gateway.get(path, { headers });
    expect(callsOf(gateway)).toHaveLength(2);
  });

  test('without sources and without a cache is asked each time', async () => {
    const { identitySource: _, ...withoutSources } = REQUEST;
    const gateway = await serve(allowed, { ...withoutSources, identitySource: '', authorizerResultTtlInSeconds: 0 });
    for (const path of ['/b/a', '/b/a']) expect((await gateway.get(path)).status).toBe(200);
    expect(callsOf(gateway)).toHaveLength(2);
    expect(event(callsOf(gateway)[0])).toMatchObject({ queryStringParameters: {}, stageVariables: {} });
  });
});

test('mappings and access logs know what the authorizer said', async () => {
  const backend = await listen({ port: 0, handle: (request, response) => void response.end(request.headers['x-who']) });
  try {
    const requestParameters = { 'integration.request.header.X-Who': 'context.authorizer.who' };
    const accessLogSettings = {
      destinationArn: 'arn:aws:logs:eu-west-1:000000000000:log-group:access:*',
      format: '$context.requestId $context.authorizer.principalId $context.authorizer.who',
    };
    const more = {
      routes: { 'GET /h': http(`http://127.0.0.1:${backend.port}/`, { requestParameters }) },
      stage: { accessLogSettings },
    };
    const gateway = await serve({ ...allowed, context: { who: 'you' } }, {}, more);
    expect((await gateway.get('/h', token('x'))).body.toString()).toBe('you');
    await expect.poll(() => gateway.logs.at(-1)?.message).toMatch(/^\S+ me you$/);
  } finally {
    await backend.close();
  }
});

test('a client that leaves ends the wait for the authorizer', async () => {
  const gateway = await serve(({ signal }: InvokeRequest) => untilAborted(signal));
  const client = get(`${gateway.url}/b/a`, token('x'));
  client.on('error', () => {});
  await expect.poll(() => callsOf(gateway).length).toBe(1);
  expect(callsOf(gateway)[0]?.signal?.aborted).toBe(false);
  client.destroy();
  await expect.poll(() => callsOf(gateway)[0]?.signal?.aborted).toBe(true);
});

test('the role that an authorizer is called with needs no permission', async () => {
  const gateway = await serve(allowed, { authorizerCredentials: 'arn:aws:iam::000000000000:role/r' });
  await gateway.get('/b/a', token('x'));
  expect(callsOf(gateway)[0]?.caller).toBeUndefined();
});

test('the execution log has the steps of an authorizer', async () => {
  const gateway = await serve({ ...allowed, principalId: 'user-12345' }, {}, { stage: { loggingLevel: 'INFO' } });
  await gateway.get('/b/a', token('Bearer abcdef'));
  const lines = () => gateway.logs.map(({ message }) => message.replace(/^\([0-9a-f-]{36}\) /, ''));
  await expect.poll(() => lines().at(-1)).toContain('AWS Integration Endpoint RequestId');
  expect(lines().slice(1, 5)).toEqual([
    expect.stringMatching(/^Starting authorizer: auth12 for request: [0-9a-f-]{36}$/),
    'Incoming identity: *******abcdef',
    'Using valid authorizer policy for principal: ****-12345',
    'Successfully completed authorizer execution',
  ]);
});
