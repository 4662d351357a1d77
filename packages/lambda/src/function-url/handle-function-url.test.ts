import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Listener, listen } from '@spillway/http';
import { type FunctionPermission, type FunctionUrlConfiguration, LIFTED_LIMITS } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestLambda, type TestLambda } from '../../test/test-lambda.ts';

let lambda: TestLambda;
let listener: Listener;
const reported: string[] = [];
beforeEach(async () => {
  reported.length = 0;
  lambda = await startTestLambda({ limits: LIFTED_LIMITS, report: (line) => reported.push(line) });
  lambda.credentials.add({ accessKeyId: 'test', secretAccessKey: 'test' });
  listener = await listen({ port: 0, handle: (request, response) => void lambda.handle(request, response) });
});
afterEach(async () => {
  await listener.close();
  await lambda.close();
});

const URL_STATEMENT: FunctionPermission = {
  functionName: 'f',
  statementId: 'url',
  action: 'lambda:InvokeFunctionUrl',
  principal: '*',
  functionUrlAuthType: 'NONE',
};
const INVOKE_STATEMENT: FunctionPermission = {
  functionName: 'f',
  statementId: 'invoke',
  action: 'lambda:InvokeFunction',
  principal: '*',
  invokedViaFunctionUrl: true,
};

/** A function with a URL that anyone may call, unless `more` says otherwise. Gives back the URL's host. */
async function makeUrl(source: string, more: Partial<FunctionUrlConfiguration> = {}): Promise<string> {
  await lambda.make(source);
  await lambda.addPermission(URL_STATEMENT);
  await lambda.addPermission(INVOKE_STATEMENT);
  return urlOf(more);
}

const urlOf = async (more: Partial<FunctionUrlConfiguration> = {}) => {
  const url = await lambda.createFunctionUrlConfig({
    functionName: 'f',
    authType: 'NONE',
    invokeMode: 'BUFFERED',
    ...more,
  });
  return new URL(url).host;
};

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** False when the connection was cut before the end. */
  readonly complete: boolean;
}

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
  readonly onData?: (text: string) => void;
}

const call = (host: string, { method = 'GET', path = '/', headers = {}, body, onData }: Call = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const request = httpRequest({ port: listener.port, method, path, headers: { host, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        onData?.(chunk);
      });
      response.on('error', () => {});
      response.on('close', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, complete: response.complete });
      });
    });
    request.on('error', reject);
    request.end(body);
  });

const FORBIDDEN = JSON.stringify({
  Message:
    'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
});

describe('the event', () => {
  test('has payload format 2.0', async () => {
    const host = await makeUrl('exports.handler = (event) => event;');
    const answer = await call(host, {
      path: '/a%2Fb/c?x=1&y=%20+&x=2',
      headers: { Cookie: 'a=1; b=2', 'X-Twice': ['1', '2'], 'User-Agent': 'me' },
    });
    const event = JSON.parse(answer.text);
    expect(event).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a%2Fb/c',
      rawQueryString: 'x=1&y=%20+&x=2',
      cookies: ['a=1', 'b=2'],
      headers: expect.objectContaining({
        host,
        cookie: 'a=1; b=2',
        'x-twice': '1,2',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': String(listener.port),
        'x-forwarded-proto': 'http',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=/),
      }),
      queryStringParameters: { x: '1,2', y: '  ' },
      requestContext: {
        accountId: 'anonymous',
        apiId: host.split('.')[0],
        domainName: host.split(':')[0],
        domainPrefix: host.split('.')[0],
        http: { method: 'GET', path: '/a%2Fb/c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'me' },
        requestId: answer.headers['x-amzn-requestid'],
        routeKey: '$default',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('connection');
    expect(await lambda.logText()).toContain(`START RequestId: ${answer.headers['x-amzn-requestid']}`);
  });

  test('has text as text, all else in base64', async () => {
    const host = await makeUrl('exports.handler = ({ body, isBase64Encoded }) => [body, isBase64Encoded];');
    const post = async (type: string) =>
      JSON.parse((await call(host, { method: 'POST', headers: { 'Content-Type': type }, body: 'ü' })).text);
    expect(await post('application/json; charset=utf-8')).toEqual(['ü', false]);
    expect(await post('text/plain')).toEqual(['ü', false]);
    expect(await post('application/problem+json')).toEqual(['ü', false]);
    expect(await post('application/x-www-form-urlencoded')).toEqual(['w7w=', true]);
    expect(await post('application/octet-stream')).toEqual(['w7w=', true]);
  });

  test('is asked for by path, too', async () => {
    const host = await makeUrl(
      'exports.handler = ({ rawPath, requestContext }) => [rawPath, requestContext.domainName];',
    );
    const [urlId] = host.split('.');
    const { text } = await call('127.0.0.1', { path: `/_aws/lambda-url/${urlId}/a/b` });
    expect(JSON.parse(text)).toEqual(['/a/b', `${urlId}.lambda-url.us-east-1.localhost`]);
  });

  test('must fit', async () => {
    const host = await makeUrl('exports.handler = () => 1;');
    const answer = await call(host, { method: 'POST', body: new Uint8Array(6_291_457) });
    expect(answer).toMatchObject({
      status: 413,
      text: '{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}',
    });
  });
});

describe('who may call', () => {
  test('is nobody without both statements', async () => {
    await lambda.make('exports.handler = () => 1;');
    const host = await urlOf();
    const refused = { status: 403, text: FORBIDDEN, headers: { 'x-amzn-errortype': 'AccessDeniedException' } };
    expect(await call(host)).toMatchObject(refused);
    await lambda.addPermission(URL_STATEMENT);
    expect(await call(host)).toMatchObject(refused);
    expect(reported.at(-1)).toContain('it takes lambda:InvokeFunction for the principal *');
    await lambda.addPermission(INVOKE_STATEMENT);
    expect(await call(host)).toMatchObject({ status: 200, text: '1' });
  });

  test('is nobody by a statement that names a source', async () => {
    await lambda.make('exports.handler = () => 1;');
    const host = await urlOf();
    const sourceArn = 'arn:aws:execute-api:us-east-1:000000000000:abc/*';
    await lambda.addPermission({ ...URL_STATEMENT, sourceArn });
    await lambda.addPermission({ ...INVOKE_STATEMENT, sourceArn });
    expect(await call(host)).toMatchObject({ status: 403, text: FORBIDDEN });
  });

  const signer = (accessKeyId = 'test', service = 'lambda') =>
    new SignatureV4({
      credentials: { accessKeyId, secretAccessKey: 'test' },
      region: 'us-east-1',
      service,
      sha256: Sha256,
    });
  const toSign = (host: string, body?: string) => ({
    method: body === undefined ? 'GET' : 'POST',
    protocol: 'http:',
    hostname: host,
    path: '/a',
    query: { x: 'y z' },
    headers: { host },
    ...(body === undefined ? {} : { body }),
  });

  test('is who signed, with AWS_IAM, in the header or in the query', async () => {
    const host = await makeUrl('exports.handler = ({ requestContext, body }) => [requestContext, body];', {
      authType: 'AWS_IAM',
    });
    const path = '/a?x=y%20z';
    expect(await call(host, { path })).toMatchObject({ status: 403, text: FORBIDDEN });
    const signed = await signer().sign(toSign(host, 'hi'));
    const answer = await call(host, { path, method: 'POST', headers: signed.headers, body: 'hi' });
    const [context, body] = JSON.parse(answer.text);
    expect(context.accountId).toBe('000000000000');
    expect(context.authorizer.iam).toMatchObject({ accessKey: 'test', accountId: '000000000000' });
    expect(body).toBe('aGk=');
    const changed = await call(host, { path, method: 'POST', headers: signed.headers, body: 'ho' });
    expect(changed).toMatchObject({ status: 403, headers: { 'x-amzn-errortype': 'InvalidSignatureException' } });
    const presigned = await signer().presign(toSign(host), { expiresIn: 60 });
    const query = new URLSearchParams(presigned.query as Record<string, string>).toString().replaceAll('+', '%20');
    expect(await call(host, { path: `/a?${query}` })).toMatchObject({ status: 200 });
    expect(await call(host, { path: `/a?${query}&z=1` })).toMatchObject({ status: 403 });
    const stranger = await signer('who').sign(toSign(host));
    expect(await call(host, { path, headers: stranger.headers })).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': 'UnrecognizedClientException' },
    });
    const forS3 = await signer('test', 's3').sign(toSign(host));
    expect(await call(host, { path, headers: forS3.headers })).toMatchObject({ status: 403 });
  });

  test('is nobody at a URL that no function has', async () => {
    expect(await call('abc.lambda-url.us-east-1.localhost')).toMatchObject({
      status: 403,
      text: '{"Message":null}',
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
    });
    const host = await makeUrl('exports.handler = () => 1;');
    const elsewhere = host.replace('us-east-1', 'eu-west-1');
    expect(await call(elsewhere)).toMatchObject({ status: 403, text: '{"Message":null}' });
  });

  test('waits for its turn', async () => {
    await lambda.make('exports.handler = () => 1;', { reservedConcurrentExecutions: 0 });
    await lambda.addPermission(URL_STATEMENT);
    await lambda.addPermission(INVOKE_STATEMENT);
    expect(await call(await urlOf())).toMatchObject({
      status: 429,
      headers: { 'x-amzn-errortype': 'TooManyRequestsException' },
    });
  });
});

describe('BUFFERED', () => {
  const returned = async (result: string) => {
    const host = await makeUrl(`exports.handler = () => (${result});`);
    return call(host);
  };

  test.each([
    ['{ a: 1 }', '{"a":1}'],
    ['"text"', 'text'],
    ['[1]', '[1]'],
    ['null', 'null'],
    ['{ body: "b", headers: { a: "1" } }', '{"body":"b","headers":{"a":"1"}}'],
  ])('makes an answer of %s', async (result, text) => {
    expect(await returned(result)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      text,
    });
  });

  test('takes status, headers, cookies and body', async () => {
    const answer = await returned(
      '{ statusCode: 201, headers: { "X-A": "1", "Content-Length": "99", Date: "then" }, cookies: ["a=1", "b=2"], body: "w7w=", isBase64Encoded: true }',
    );
    expect(answer).toMatchObject({
      status: 201,
      headers: {
        'x-a': '1',
        'content-length': '2',
        'content-type': 'application/json',
        'x-amzn-remapped-date': 'then',
        'set-cookie': ['a=1', 'b=2'],
      },
      text: 'ü',
    });
  });

  test.each([
    '{ statusCode: "no" }',
    '{ statusCode: 200, headers: { "a b": "1" } }',
    '{ statusCode: 200, cookies: 1 }',
  ])('is a bad gateway for %s', async (result) => {
    expect(await returned(result)).toMatchObject({ status: 502, text: 'Internal Server Error' });
    expect(reported.at(-1)).toMatch(/^Function URL of f, GET \/: BadResult: /);
  });

  test('is a bad gateway for a function that failed', async () => {
    const host = await makeUrl('exports.handler = () => process.exit(1);');
    expect(await call(host)).toMatchObject({ status: 502, text: 'Internal Server Error' });
  });
});

const STREAM = (body: string, prelude = { statusCode: 206, headers: { 'Content-Length': '4' }, cookies: ['a=1'] }) => `
exports.handler = async (event, { openResponse, answered }) => {
  const post = openResponse({ 'Content-Type': 'application/vnd.awslambda.http-integration-response' });
  const answer = answered(post).catch(() => {});
  const write = (text) => new Promise((resolve) => post.write(text, resolve));
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await write(${JSON.stringify(JSON.stringify(prelude))} + '\\0'.repeat(8));
  ${body}
  post.end();
  await answer;
};`;

describe('RESPONSE_STREAM', () => {
  const invokeMode = 'RESPONSE_STREAM';

  test('sends the head before the body, and renames its length', async () => {
    const host = await makeUrl(STREAM('await write("body");'), { invokeMode });
    const answer = await call(host);
    expect(answer).toMatchObject({ status: 206, text: 'body', complete: true });
    expect(answer.headers).toMatchObject({
      'x-amzn-remapped-content-length': '4',
      'transfer-encoding': 'chunked',
      'set-cookie': ['a=1'],
      'content-type': 'application/octet-stream',
    });
  });

  test('sends each event as it comes', async () => {
    const host = await makeUrl(
      STREAM('for (const n of [1, 2, 3]) { await write("data: " + n + "\\n\\n"); await sleep(200); }'),
      { invokeMode },
    );
    const arrivals: (readonly [string, number])[] = [];
    await call(host, { onData: (text) => arrivals.push([text, performance.now()]) });
    expect(arrivals.map(([text]) => text)).toEqual(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']);
    expect((arrivals[2]?.[1] ?? 0) - (arrivals[0]?.[1] ?? 0)).toBeGreaterThan(250);
  });

  test('ends a body of no bytes', async () => {
    const host = await makeUrl(STREAM(''), { invokeMode });
    expect(await call(host)).toMatchObject({ status: 206, text: '', complete: true });
    expect(await call(host, { method: 'HEAD' })).toMatchObject({ status: 206, text: '' });
    expect(await call(host)).toMatchObject({ status: 206 });
  });

  test('never ends a broken stream well', async () => {
    const host = await makeUrl(STREAM('await write("body"); await sleep(100); process.exit(1);'), { invokeMode });
    expect(await call(host)).toMatchObject({ status: 206, text: 'body', complete: false });
  });

  test('is a bad gateway before the head', async () => {
    const host = await makeUrl('exports.handler = () => process.exit(1);', { invokeMode });
    expect(await call(host)).toMatchObject({ status: 502, text: 'Internal Server Error' });
  });

  test('sends what does not begin with a head as it is', async () => {
    const host = await makeUrl('exports.handler = () => ({ statusCode: 404, body: "x" });', { invokeMode });
    expect(await call(host)).toMatchObject({ status: 200, text: '{"statusCode":404,"body":"x"}' });
  });
});

describe('CORS', () => {
  const cors = {
    allowOrigins: ['https://a.example'],
    allowMethods: ['GET', 'PUT'],
    allowHeaders: ['x-a'],
    exposeHeaders: ['x-b'],
    maxAge: 60,
    allowCredentials: true,
  };
  const source = `exports.handler = ({ requestContext }) => ({
    statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' }, body: requestContext.http.method,
  });`;
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'PUT' },
  });

  test('is answered by Lambda where it is configured, with AWS_IAM too', async () => {
    const host = await makeUrl(source, { cors, authType: 'AWS_IAM' });
    const answer = await call(host, preflight('https://a.example'));
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'x-a',
      'access-control-max-age': '60',
      'access-control-allow-credentials': 'true',
    });
    const other = await call(host, preflight('https://b.example'));
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('stands in place of what the function says', async () => {
    const host = await makeUrl(source, { cors });
    const answer = await call(host, { headers: { origin: 'https://a.example' } });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-expose-headers': 'x-b',
    });
    const other = await call(host, { headers: { origin: 'https://b.example' } });
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test("is the function's own where it is not configured", async () => {
    const host = await makeUrl(source);
    const answer = await call(host, preflight('https://a.example'));
    expect(answer).toMatchObject({ status: 200, text: 'OPTIONS', headers: { 'access-control-allow-origin': '*' } });
  });
});
