import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { functionUrlId } from '@spillway/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { aws, HAS_AWS_CLI } from './support/lambda-clients.ts';
import { streaming } from './support/stack.ts';
import { makeWorkspace, type System, startSystem } from './support/system.ts';

const BYTES = randomBytes(8 * 1_048_576);

const SSE = streaming(
  "for (const n of [1, 2, 3]) { await write('data: ' + n + '\\n\\n'); await sleep(300); } stream.end();",
  "{ statusCode: 200, headers: { 'Content-Type': 'text/event-stream' } }",
);

/** Relays an object of the store, its length announced. */
const RELAY = `
import { get } from 'node:http';
import { pipeline } from 'node:stream/promises';
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const url = process.env.AWS_ENDPOINT_URL_S3 + '/function-url-objects' + event.rawPath;
  const object = await new Promise((resolve, reject) => get(url, resolve).on('error', reject));
  const headers = { 'Content-Type': object.headers['content-type'], 'Content-Length': object.headers['content-length'] };
  await pipeline(object, awslambda.HttpResponseStream.from(responseStream, { statusCode: object.statusCode, headers }));
});
`;

const ECHO = `
export const handler = async ({ requestContext, rawPath, body, isBase64Encoded }) => ({
  statusCode: 200,
  body: JSON.stringify({
    path: rawPath,
    body: isBase64Encoded ? Buffer.from(body, 'base64').toString() : body,
    iam: requestContext.authorizer?.iam.accessKey,
  }),
});
`;

/** A web server behind Lambda Web Adapter: it tells what it was asked, and gives back what it got. */
const WEB_SERVER = `
import { createServer } from 'node:http';
createServer(async (request, response) => {
  const body = await request.toArray();
  const size = Buffer.concat(body).byteLength;
  const seen = [request.method, request.url, request.headers.cookie ?? '', size].join(' ');
  response.setHeader('set-cookie', ['a=1', 'b=2']);
  response.writeHead(207, { 'x-seen': seen, 'content-type': 'application/octet-stream' });
  for (const chunk of body) response.write(chunk);
  response.end();
}).listen(process.env.PORT);
`;

const fn = (name: string, functionUrlConfig?: object, timeoutSeconds = 30) => ({
  Type: 'AWS::Serverless::Function',
  Properties: {
    FunctionName: name,
    CodeUri: name,
    Handler: 'index.handler',
    Runtime: 'nodejs22.x',
    Timeout: timeoutSeconds,
    ...(functionUrlConfig && { FunctionUrlConfig: functionUrlConfig }),
  },
});

const RESOURCES = {
  Objects: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: 'function-url-objects',
      PublicAccessBlockConfiguration: { BlockPublicPolicy: false, RestrictPublicBuckets: false },
    },
  },
  ObjectsPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Objects' },
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::function-url-objects/*' },
        ],
      },
    },
  },
  Events: fn('events', { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }),
  Relay: fn('relay', { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }),
  Breaks: fn('breaks', { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }),
  TimesOut: fn('times-out', { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }, 1),
  Echo: fn('echo', { AuthType: 'AWS_IAM' }),
  Closed: fn('closed'),
  ClosedUrl: { Type: 'AWS::Lambda::Url', Properties: { TargetFunctionArn: { Ref: 'Closed' }, AuthType: 'NONE' } },
  Plain: fn('plain'),
  Web: {
    Type: 'AWS::Serverless::Function',
    Properties: {
      FunctionName: 'web',
      CodeUri: 'web',
      Handler: 'run.sh',
      Runtime: 'nodejs22.x',
      Timeout: 30,
      Layers: ['arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27'],
      Environment: {
        Variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap', AWS_LWA_INVOKE_MODE: 'response_stream', PORT: '8080' },
      },
      FunctionUrlConfig: { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' },
    },
  },
};

let system: System;

beforeAll(async () => {
  system = await startSystem({
    'template.yaml': JSON.stringify({ Transform: 'AWS::Serverless-2016-10-31', Resources: RESOURCES }),
    'events/index.mjs': SSE,
    'relay/index.mjs': RELAY,
    'breaks/index.mjs': streaming("await write('first'); await sleep(200); throw new Error('in mid stream');"),
    'times-out/index.mjs': streaming("await write('first'); await sleep(30_000);"),
    'echo/index.mjs': ECHO,
    'closed/index.mjs': ECHO,
    'plain/index.mjs': ECHO,
    'web/run.sh': '#!/bin/sh\nexec node server.mjs\n',
    'web/server.mjs': WEB_SERVER,
  });
  await system.put('function-url-objects', 'large.bin', BYTES);
});
afterAll(() => system?.close());

const host = (name: string) => `${functionUrlId(name)}.lambda-url.us-east-1.localhost:${system.local.port}`;
const url = (name: string, path = '/') => `http://${host(name)}${path}`;

describe('a RESPONSE_STREAM function URL', () => {
  it('sends server-sent events one by one', async () => {
    const response = await fetch(`${system.local.url}/_aws/lambda-url/${functionUrlId('events')}/`);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const arrivals: [string, number][] = [];
    for await (const chunk of response.body ?? []) arrivals.push([Buffer.from(chunk).toString(), performance.now()]);
    expect(arrivals.map(([text]) => text)).toEqual(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']);
    const gaps = arrivals.slice(1).map(([, time], index) => time - (arrivals[index]?.[1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(150);
  });

  it('sends more than 6 MB, and no length but a renamed one', { timeout: 30_000 }, async () => {
    const result = await curl(url('relay', '/large.bin'));
    expect(result).toMatchObject({ exitCode: 0, status: 200, sizeBytes: BYTES.byteLength });
    expect(result.headers.get('x-amzn-remapped-content-length')).toBe(String(BYTES.byteLength));
    expect(result.headers.has('content-length')).toBe(false);
    expect(result.firstByteMs).toBeLessThan((result.lastByteMs ?? 0) / 2);
  });

  it.each(['breaks', 'times-out'])('never ends well when the function %s in mid stream', async (name) => {
    const result = await curl(url(name));
    // 18: the rest is missing.
    expect(result).toMatchObject({ exitCode: 18, status: 200, text: 'first' });
  });

  it('serves a web app behind Lambda Web Adapter', { timeout: 30_000 }, async () => {
    const got = await curl(url('web', '/a%20b?x=1&y=2'), '--header', 'Cookie: c=3; d=4');
    expect(got).toMatchObject({ exitCode: 0, status: 207 });
    expect(got.headers.get('x-seen')).toBe('GET /a%20b?x=1&y=2 c=3;d=4 0');
    expect(got.headers.get('set-cookie')).toBe('a=1, b=2');
    const file = join(system.workspace.path, 'upload.bin');
    await writeFile(file, BYTES.subarray(0, 1_000_000));
    const posted = await curl(url('web', '/up'), '--data-binary', `@${file}`, '--header', 'Content-Type: image/png');
    expect(posted).toMatchObject({ exitCode: 0, status: 207, sizeBytes: 1_000_000 });
    expect(posted.headers.get('x-seen')).toBe('POST /up  1000000');
  });

  it('is the same at every start', async () => {
    const other = await startSystem({
      'template.yaml': JSON.stringify({
        Transform: 'AWS::Serverless-2016-10-31',
        Resources: { Echo: { ...RESOURCES.Echo } },
      }),
      'echo/index.mjs': ECHO,
    });
    try {
      const port = other.local.port;
      const result = await curl(url('echo').replace(String(system.local.port), String(port)));
      expect(result).toMatchObject({ status: 403, text: expect.stringContaining('urls-auth.html') });
    } finally {
      await other.close();
    }
  });
});

describe.skipIf(!HAS_AWS_CLI)('a function URL that the API made (needs the AWS CLI)', () => {
  it('outlives the process', { timeout: 60_000 }, async () => {
    const state = await makeWorkspace();
    const start = () =>
      startSystem(
        {
          'template.yaml': JSON.stringify({
            Transform: 'AWS::Serverless-2016-10-31',
            Resources: { Plain: RESOURCES.Plain },
          }),
          'plain/index.mjs': ECHO,
        },
        { stateDirectory: state.path },
      );
    const configOf = async ({ local }: System, command: string) => {
      const args = ['--function-name', 'plain', ...(command.startsWith('create') ? ['--auth-type', 'AWS_IAM'] : [])];
      const { stdout, stderr } = await aws(local.url, 'lambda', command, ...args);
      expect(stderr).toBe('');
      return JSON.parse(stdout) as { readonly FunctionUrl: string; readonly CreationTime: string };
    };
    try {
      const first = await start();
      const made = await configOf(first, 'create-function-url-config').finally(() => first.close());
      const second = await start();
      const kept = await configOf(second, 'get-function-url-config').finally(() => second.close());
      expect(kept.CreationTime).toBe(made.CreationTime);
      expect(new URL(kept.FunctionUrl).hostname).toBe(new URL(made.FunctionUrl).hostname);
    } finally {
      await state.remove();
    }
  });
});

describe('a function URL with AWS_IAM', () => {
  const SIGV4 = ['--aws-sigv4', 'aws:amz:us-east-1:lambda', '--user', 'test:test'];

  it('lets in who signed with curl, and nobody else', async () => {
    const anonymous = await curl(url('echo'));
    expect(anonymous).toMatchObject({ status: 403, text: expect.stringContaining('"Message":"Forbidden.') });
    expect(anonymous.headers.get('x-amzn-errortype')).toBe('AccessDeniedException');
    const signed = await curl(url('echo', '/a/b?x=1'), ...SIGV4);
    expect(signed).toMatchObject({ status: 200 });
    expect(JSON.parse(signed.text)).toMatchObject({ path: '/a/b', iam: 'test' });
    const posted = await curl(url('echo'), ...SIGV4, '--data', 'hello');
    expect(JSON.parse(posted.text)).toMatchObject({ body: 'hello' });
    const wrong = await curl(url('echo'), ...SIGV4.slice(0, 3), 'test:wrong');
    expect(wrong.status).toBe(403);
    expect(wrong.headers.get('x-amzn-errortype')).toBe('InvalidSignatureException');
    expect(await system.logs('Echo')).not.toContain('wrong');
  });

  it("lets in who signed with the SDK's signer, by header and by query", async () => {
    const signer = new SignatureV4({
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      region: 'us-east-1',
      service: 'lambda',
      sha256: Sha256,
    });
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname: host('echo'),
      path: '/a',
      query: { name: 'b c' },
      headers: { host: host('echo') },
    };
    const { headers } = await signer.sign(request);
    const args = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    expect(await curl(url('echo', '/a?name=b%20c'), ...args)).toMatchObject({ status: 200 });
    expect(await curl(url('echo', '/a?name=d'), ...args)).toMatchObject({ status: 403 });
    const { query = {} } = await signer.presign(request, { expiresIn: 60 });
    const text = new URLSearchParams(query as Record<string, string>).toString().replaceAll('+', '%20');
    expect(await curl(url('echo', `/a?${text}`))).toMatchObject({ status: 200 });
  });
});

describe('a function URL with NONE', () => {
  it('is closed while the policy lets nobody in', async () => {
    expect(await curl(url('closed'))).toMatchObject({ status: 403, text: expect.stringContaining('urls-auth.html') });
    expect(system.reported.join('\n')).toContain('lambda:InvokeFunctionUrl and lambda:InvokeFunction');
  });

  it.skipIf(!HAS_AWS_CLI)('opens by the two statements (needs the AWS CLI)', { timeout: 60_000 }, async () => {
    const lambda = (...args: readonly string[]) => aws(system.local.url, 'lambda', ...args, '--function-name', 'plain');
    const made = await lambda('create-function-url-config', '--auth-type', 'NONE');
    expect(made.stderr).toBe('');
    const { FunctionUrl, AuthType } = JSON.parse(made.stdout) as { FunctionUrl: string; AuthType: string };
    expect(AuthType).toBe('NONE');
    expect(FunctionUrl).toMatch(
      new RegExp(`^http://[a-z0-9]{32}\\.lambda-url\\.us-east-1\\.localhost:${system.local.port}/$`),
    );
    const again = await lambda('create-function-url-config', '--auth-type', 'NONE');
    expect(again.stderr).toContain('FunctionUrlConfig exists for this Lambda function');
    expect(await curl(FunctionUrl)).toMatchObject({ status: 403 });
    await lambda(
      ...['add-permission', '--statement-id', 'url', '--principal', '*'],
      ...['--action', 'lambda:InvokeFunctionUrl', '--function-url-auth-type', 'NONE'],
    );
    expect(await curl(FunctionUrl)).toMatchObject({ status: 403 });
    const second = await lambda(
      ...['add-permission', '--statement-id', 'invoke', '--principal', '*'],
      ...['--action', 'lambda:InvokeFunction', '--invoked-via-function-url'],
    );
    expect(second.stderr).toBe('');
    expect(await curl(FunctionUrl)).toMatchObject({ status: 200 });
    await lambda('update-function-url-config', '--auth-type', 'AWS_IAM', '--invoke-mode', 'RESPONSE_STREAM');
    expect(await curl(FunctionUrl)).toMatchObject({ status: 403 });
    const listed = JSON.parse((await lambda('list-function-url-configs')).stdout);
    expect(listed.FunctionUrlConfigs).toEqual([
      expect.objectContaining({ FunctionUrl, AuthType: 'AWS_IAM', InvokeMode: 'RESPONSE_STREAM' }),
    ]);
    expect((await lambda('delete-function-url-config')).exitCode).toBe(0);
    expect(await curl(FunctionUrl)).toMatchObject({ status: 403, text: '{"Message":null}' });
    expect((await lambda('get-function-url-config')).stderr).toContain('The resource you requested does not exist.');
  });
});
