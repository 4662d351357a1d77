import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { CredentialStore } from '@spillway/http';
import { afterEach, expect, test } from 'vitest';
import { streamOf } from '../../testing/fake-invoker.ts';
import {
  API_ID,
  lambda,
  REGION,
  type ServedGateway,
  serveGateway,
  streamingLambda,
} from '../../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };

async function serve(): Promise<ServedGateway> {
  const credentials = new CredentialStore();
  credentials.add(KEY);
  served = await serveGateway({
    routes: { 'ANY /b/{name}': lambda('b'), 'ANY /s/{name}': streamingLambda('s') },
    functions: {
      b: { result: ({ payload }) => ({ body: new TextDecoder().decode(payload) }) },
      s: { stream: ({ payload }) => streamOf({}, payload) },
    },
    method: { authorizationType: 'AWS_IAM' },
    credentials,
  });
  return served;
}

/** Asks as an SDK client would. */
interface Asked {
  readonly credentials?: typeof KEY;
  readonly service?: string;
  readonly region?: string;
  readonly body?: string;
  /** Where it is not what was signed. */
  readonly sentBody?: string;
  readonly atMs?: number;
}

async function ask(gateway: ServedGateway, path: string, asked: Asked = {}) {
  const { credentials = KEY, service = 'execute-api', region = REGION, body = '', atMs = Date.now() } = asked;
  const signer = new SignatureV4({ credentials, service, region, sha256: Sha256 });
  const method = body === '' ? 'GET' : 'POST';
  const target = `/_aws/execute-api/${API_ID}/test${path}`;
  const { headers } = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: target,
      headers: { host: `127.0.0.1:${gateway.port}` },
      ...(body === '' ? {} : { body }),
    },
    { signingDate: new Date(atMs) },
  );
  return gateway.get('', { method, headers, target, body: asked.sentBody ?? body });
}

test.each(['/b/a', '/s/a%20b'])('who signed may call %s, and is named in the event', async (path) => {
  const gateway = await serve();
  for (const body of ['', '{"a":1}']) {
    const answer = await ask(gateway, path, { body });
    expect(answer.status).toBe(200);
    const event = JSON.parse(answer.body.toString());
    expect(event.requestContext.identity).toMatchObject({
      accessKey: 'AKIAEXAMPLE',
      accountId: '000000000000',
      caller: '000000000000',
      user: '000000000000',
      userArn: 'arn:aws:iam::000000000000:root',
    });
    // The signature ends here.
    expect(Object.keys(event.headers).map((name) => name.toLowerCase())).not.toContain('authorization');
  }
});

test.each([
  [
    'another secret',
    { credentials: { ...KEY, secretAccessKey: 'other' } },
    'InvalidSignatureException',
    'does not match',
  ],
  ['another body', { body: '{"a":1}', sentBody: '{"a":2}' }, 'InvalidSignatureException', 'does not match'],
  ['another service', { service: 'lambda' }, 'InvalidSignatureException', "correct service: 'execute-api'"],
  ['another Region', { region: 'us-east-1' }, 'InvalidSignatureException', "a valid region, not 'us-east-1'"],
  ['an old date', { atMs: Date.now() - 1_000_000 }, 'InvalidSignatureException', 'Signature expired'],
  ['an unknown key', { credentials: { ...KEY, accessKeyId: 'X' } }, 'UnrecognizedClientException', 'security token'],
])('who signed with %s may not', async (_, options, errorType, message) => {
  const gateway = await serve();
  const answer = await ask(gateway, '/b/a', options);
  expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([403, errorType]);
  expect(JSON.parse(answer.body.toString()).message).toContain(message);
  expect(gateway.invoker.requests).toEqual([]);
});

test('who did not sign may not', async () => {
  const gateway = await serve();
  const unsigned = await gateway.get('/b/a');
  expect([unsigned.status, unsigned.headers['x-amzn-errortype'], unsigned.body.toString()]).toEqual([
    403,
    'MissingAuthenticationTokenException',
    '{"message":"Missing Authentication Token"}',
  ]);
  const bearer = await gateway.get('/b/a', { headers: { Authorization: 'Bearer x' } });
  expect([bearer.status, bearer.headers['x-amzn-errortype']]).toEqual([403, 'IncompleteSignatureException']);
});

test('a host that is not this machine may not, however it signs: it could be a web page that reads', async () => {
  const gateway = await serve();
  const signer = new SignatureV4({ credentials: KEY, service: 'execute-api', region: REGION, sha256: Sha256 });
  const target = `/_aws/execute-api/${API_ID}/test/b/a`;
  const request = { method: 'GET', protocol: 'http:', hostname: 'h', path: target, headers: { host: 'evil.example' } };
  const { headers } = await signer.sign(request);
  const answer = await gateway.get('', { headers, target });
  expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([403, 'CrossSiteRequestRefused']);
  expect(gateway.invoker.requests).toEqual([]);
});

test('a presigned URL opens as long as it says', async () => {
  const gateway = await serve();
  const signer = new SignatureV4({ credentials: KEY, service: 'execute-api', region: REGION, sha256: Sha256 });
  const path = `/_aws/execute-api/${API_ID}/test/b/a`;
  const host = `127.0.0.1:${gateway.port}`;
  const request = { method: 'GET', protocol: 'http:', hostname: '127.0.0.1', path, headers: { host } };
  const urlOf = async (signedAtMs: number) => {
    const { query = {} } = await signer.presign(request, { expiresIn: 60, signingDate: new Date(signedAtMs) });
    return `${path}?${new URLSearchParams(query as Record<string, string>)}`;
  };
  expect((await gateway.get('', { target: await urlOf(Date.now()) })).status).toBe(200);
  const late = await gateway.get('', { target: await urlOf(Date.now() - 61_000) });
  expect([late.status, JSON.parse(late.body.toString()).message]).toEqual([
    403,
    expect.stringMatching(/^Signature expired/),
  ]);
});

test('curl signs', async () => {
  const gateway = await serve();
  const scope = ['--aws-sigv4', `aws:amz:${REGION}:execute-api`, '--user', 'AKIAEXAMPLE:secret'];
  const { stdout } = await promisify(execFile)('curl', ['--silent', ...scope, '--data', 'x', `${gateway.url}/b/a`]);
  expect(JSON.parse(stdout).requestContext.identity.accessKey).toBe('AKIAEXAMPLE');
});
