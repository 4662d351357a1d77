import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { AwsError, readWhole } from '@spillway/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CredentialStore, type Credentials } from './credentials.ts';
import { listen } from './listen.ts';
import { toBody } from './to-body.ts';
import { verifyHeaderSignature } from './verify-header-signature.ts';

const KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret/with+signs=' };
const SESSION = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'to/ken+=' };
const NOW_MS = Date.UTC(2026, 10, 23, 10, 11, 12);
const REGION = 'eu-west-1';

function store(): CredentialStore {
  const credentials = new CredentialStore();
  credentials.add(KEY);
  credentials.add(SESSION);
  return credentials;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly credentials?: Credentials;
  readonly service?: string;
}

/** Signs with AWS's own signer; gives what Node's server would. */
async function signed(sent: Sent = {}): Promise<IncomingMessage> {
  const { method = 'GET', path = '/a', query = {}, headers = {}, body = '', credentials = KEY, service = 's3' } = sent;
  const signer = new SignatureV4({
    credentials,
    region: REGION,
    service,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: service === 's3',
  });
  const host = '127.0.0.1:4566';
  const request = { method, protocol: 'http:', hostname: '127.0.0.1', port: 4566, path, query };
  const { headers: all } = await signer.sign(
    { ...request, headers: { host, ...headers }, ...(body === '' ? {} : { body }) },
    { signingDate: new Date(NOW_MS) },
  );
  const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return received(method, pairs.length === 0 ? path : `${path}?${pairs.join('&')}`, all);
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function received(method: string, url: string, headers: Record<string, string>): IncomingMessage {
  const latin1 = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
  return {
    method,
    url,
    headers: Object.fromEntries(latin1),
    rawHeaders: latin1.flat(),
  } as unknown as IncomingMessage;
}

const sha256 = (body: string | Uint8Array) => createHash('sha256').update(body).digest('hex');

function verify(request: IncomingMessage, service = 's3', body?: string, nowMs = NOW_MS, credentials = store()) {
  const payload = body === undefined ? {} : { payloadSha256: sha256(body) };
  return verifyHeaderSignature(request, credentials, { service, region: REGION, nowMs, ...payload });
}

function errorOf(check: () => unknown): AwsError {
  try {
    check();
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error('The request was accepted.');
}

const addedTo = (url: string) => `${url}${url.includes('?') ? '&' : '?'}added=1`;

const changedHeaders = (request: IncomingMessage, headers: Record<string, string>) =>
  received(request.method ?? '', request.url ?? '', { ...(request.headers as Record<string, string>), ...headers });

const CODES = {
  s3: {
    mismatch: 'SignatureDoesNotMatch',
    skewed: 'RequestTimeTooSkewed',
    unknownKey: 'InvalidAccessKeyId',
    wrongToken: 'InvalidToken',
    expiredToken: 'ExpiredToken',
  },
  'execute-api': {
    mismatch: 'InvalidSignatureException',
    skewed: 'InvalidSignatureException',
    unknownKey: 'UnrecognizedClientException',
    wrongToken: 'UnrecognizedClientException',
    expiredToken: 'ExpiredTokenException',
  },
};

describe.each(['s3', 'execute-api'] as const)("a header signed for %s by AWS's own signer", (service) => {
  const codes = CODES[service];

  it('is taken whatever path, query, header and body it signs, and not when any of them was changed after', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const name = text.filter((value) => !/^x-amz-|^__proto__$/i.test(value));
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.dictionary(name, text, { maxKeys: 3 }),
        fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
        fc.string({ maxLength: 8 }).map((value) => `v${value}`),
        text,
        async (segments, query, method, value, body) => {
          const headers = { 'x-amz-meta-a': value };
          const path = `/stage/${segments.map(encode).join('/')}`;
          const request = await signed({ method, path, query, headers, body, service });
          expect(verify(request, service, body)).toBe(KEY.accessKeyId);
          const url = request.url ?? '';
          const all = request.headers as Record<string, string>;
          for (const changed of [
            received(method, url.replace('/stage/', '/stage/x'), all),
            received(method, addedTo(url), all),
            received(`${method}S`, url, all),
            changedHeaders(request, { 'x-amz-meta-a': `${value}!` }),
          ]) {
            expect(errorOf(() => verify(changed, service, body)).code).toBe(codes.mismatch);
          }
          expect(() => verify(request, service, `${body}!`)).toThrow('signature');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('holds for 15 minutes before and after', async () => {
    const request = await signed({ service });
    for (const skewMs of [-900_000, 900_000]) {
      expect(verify(request, service, undefined, NOW_MS + skewMs)).toBe(KEY.accessKeyId);
    }
    for (const skewMs of [-900_001, 900_001]) {
      expect(errorOf(() => verify(request, service, undefined, NOW_MS + skewMs)).code).toBe(codes.skewed);
    }
  });

  it('is worth as much as its key and token', async () => {
    const code = async (credentials: Credentials, known = store()) => {
      const request = await signed({ service, credentials });
      return errorOf(() => verify(request, service, undefined, NOW_MS, known)).code;
    };
    expect(verify(await signed({ service, credentials: SESSION }), service)).toBe(SESSION.accessKeyId);
    const { sessionToken: _, ...withoutToken } = SESSION;
    expect(await code({ ...KEY, accessKeyId: 'NOBODY' })).toBe(codes.unknownKey);
    expect(await code(withoutToken)).toBe(codes.unknownKey);
    expect(await code({ ...SESSION, sessionToken: 'x' })).toBe(codes.wrongToken);
    const ended = store();
    ended.remove(SESSION.accessKeyId);
    expect(await code(SESSION, ended)).toBe(codes.expiredToken);
    expect(await code({ ...KEY, secretAccessKey: 'wrong' })).toBe(codes.mismatch);
  });
});

it.each([
  ['Credential=AKIAEXAMPLE/', 'Credential=', 'AuthorizationHeaderMalformed', 'IncompleteSignatureException'],
  ['/20261123/', '/20261122/', 'AuthorizationHeaderMalformed', 'InvalidSignatureException'],
  [`/${REGION}/`, '/us-east-9/', 'AuthorizationHeaderMalformed', 'InvalidSignatureException'],
  ['/SERVICE/', '/ec2/', 'AuthorizationHeaderMalformed', 'InvalidSignatureException'],
  ['aws4_request', 'aws5_request', 'AuthorizationHeaderMalformed', 'InvalidSignatureException'],
  ['SignedHeaders=', 'Other=', 'AuthorizationHeaderMalformed', 'IncompleteSignatureException'],
  ['host;', '', 'AccessDenied', 'InvalidSignatureException'],
  ['AWS4-HMAC-SHA256 ', 'Bearer ', 'InvalidRequest', 'IncompleteSignatureException'],
])('%s turned into %s is refused', async (from, to, s3Code, code) => {
  for (const [service, expected] of [
    ['s3', s3Code],
    ['execute-api', code],
  ] as const) {
    const request = await signed({ service });
    const authorization = (request.headers.authorization ?? '').replace(from.replace('SERVICE', service), to);
    const error = errorOf(() => verify(changedHeaders(request, { authorization }), service));
    expect([error.code, service]).toEqual([expected, service]);
  }
});

it('S3 takes a body that was not signed, and wants every x-amz- header signed', async () => {
  for (const sent of ['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER']) {
    const request = await signed({ method: 'PUT', body: 'x', headers: { 'x-amz-content-sha256': sent } });
    expect(verify(request)).toBe(KEY.accessKeyId);
  }
  const request = changedHeaders(await signed(), { 'x-amz-acl': 'private' });
  expect(errorOf(() => verify(request))).toMatchObject({
    code: 'AccessDenied',
    details: { HeadersNotSigned: 'x-amz-acl' },
  });
});

it('other services sign the path normalised and encoded twice', async () => {
  const request = await signed({ path: '/stage//a/../b%20c/./d/', service: 'lambda' });
  expect(verify(request, 'lambda')).toBe(KEY.accessKeyId);
});

it('says when a signature was or will be valid', async () => {
  const request = await signed({ service: 'lambda' });
  expect(errorOf(() => verify(request, 'lambda', undefined, NOW_MS + 1_000_000)).message).toBe(
    'Signature expired: 20261123T101112Z is now earlier than 20261123T101252Z (20261123T102752Z - 15 min.)',
  );
  expect(errorOf(() => verify(request, 'lambda', undefined, NOW_MS - 1_000_000)).message).toBe(
    'Signature not yet current: 20261123T101112Z is still later than 20261123T100932Z (20261123T095432Z + 15 min.)',
  );
});

it('asks for a signature where there is none', () => {
  const request = received('GET', '/a', { host: 'h' });
  expect(errorOf(() => verify(request)).code).toBe('AccessDenied');
  expect(errorOf(() => verify(request, 'lambda'))).toMatchObject({
    code: 'MissingAuthenticationTokenException',
    status: 403,
  });
});

const run = promisify(execFile);
const EMPTY_ENVIRONMENT = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };

/** What a real client's request verifies as. */
async function verifiedFrom(service: string, ask: (url: string) => Promise<unknown>): Promise<string> {
  const results: string[] = [];
  const listener = await listen({
    port: 0,
    handle: async (request, response) => {
      const payloadSha256 = sha256(await readWhole(toBody(request), 10_000, 'RequestEntityTooLargeException'));
      try {
        results.push(verifyHeaderSignature(request, store(), { service, region: REGION, payloadSha256 }));
      } catch (error) {
        results.push(String(error));
      }
      response.end('{}');
    },
  });
  try {
    await ask(`http://127.0.0.1:${listener.port}`);
    return results.join();
  } finally {
    await listener.close();
  }
}

describe('a header signed by others', () => {
  it.each(['s3', 'execute-api', 'lambda'])('curl, %s', async (service) => {
    const flags = ['--silent', '--show-error', '--user', `${KEY.accessKeyId}:${KEY.secretAccessKey}`];
    const verified = await verifiedFrom(service, async (url) => {
      const scope = ['--aws-sigv4', `aws:amz:${REGION}:${service}`];
      const payload = service === 's3' ? ['--header', `x-amz-content-sha256: ${sha256('{"a":1}')}`] : [];
      await run('curl', [...flags, ...scope, ...payload, '--data', '{"a":1}', `${url}/stage/b`], {
        env: EMPTY_ENVIRONMENT,
      });
    });
    expect(verified).toBe(KEY.accessKeyId);
  });

  it('botocore, with an ARN in the path', async () => {
    const script = `
import sys, boto3
from botocore.config import Config
client = boto3.client('lambda', endpoint_url=sys.argv[1], region_name='${REGION}', aws_access_key_id='${SESSION.accessKeyId}',
  aws_secret_access_key='${SESSION.secretAccessKey}', aws_session_token='${SESSION.sessionToken}', config=Config(retries={'total_max_attempts': 1}))
client.list_tags(Resource='arn:aws:lambda:${REGION}:000000000000:function:a')
`;
    const verified = await verifiedFrom('lambda', (url) =>
      run('python3', ['-c', script, url], { env: EMPTY_ENVIRONMENT }),
    );
    expect(verified).toBe(SESSION.accessKeyId);
  });
});
