import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { Sha256 } from '@aws-crypto/sha256-js';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SignatureV4 } from '@smithy/signature-v4';
import { AwsError } from '@spillway/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CredentialStore, type Credentials } from './credentials.ts';
import { verifySignature } from './verify-signature.ts';

const KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret/with+signs=' };
const SESSION = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'to/ken+=' };
const NOW_MS = Date.UTC(2026, 10, 23, 10, 11, 12);

function store(): CredentialStore {
  const credentials = new CredentialStore();
  credentials.add(KEY);
  credentials.add(SESSION);
  return credentials;
}

/** As Node's server would give it. */
function requestOf(url: string, method = 'GET', headers: Record<string, string> = {}): IncomingMessage {
  const { host, rest } = /^https?:\/\/(?<host>[^/]+)(?<rest>.*)$/s.exec(url)?.groups ?? {};
  const all = { host: host ?? '', ...headers };
  return { method, url: rest, headers: all, rawHeaders: Object.entries(all).flat() } as unknown as IncomingMessage;
}

function errorOf(request: IncomingMessage, nowMs = NOW_MS, credentials = store()): AwsError {
  try {
    verifySignature(request, credentials, { nowMs });
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error('The request was accepted.');
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Presigns with AWS's own signer. */
async function presign(
  path: string,
  query: Record<string, string>,
  {
    method = 'GET',
    credentials = KEY as Credentials,
    expiresIn = 60,
    atMs = NOW_MS,
    headers = {} as Record<string, string>,
  } = {},
): Promise<string> {
  const signer = new SignatureV4({
    credentials,
    region: 'us-east-1',
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const host = '127.0.0.1:4566';
  const request = { method, protocol: 'http:', hostname: '127.0.0.1', port: 4566, path, query };
  const signed = await signer.presign(
    { ...request, headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers } },
    {
      expiresIn,
      signingDate: new Date(atMs),
      unhoistableHeaders: new Set(Object.keys(headers)),
      unsignableHeaders: new Set(['x-amz-content-sha256']),
    },
  );
  const pairs = Object.entries(signed.query ?? {}).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return `http://${host}${path}?${pairs.join('&')}`;
}

describe('SigV4 in the query', () => {
  it("takes what the SDK's presigner signs", async () => {
    const client = new S3Client({
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:4566',
      forcePathStyle: true,
      credentials: SESSION,
    });
    const command = new GetObjectCommand({
      Bucket: 'files',
      Key: "it's (1)!*~/日本 + ..//.txt",
      ResponseContentDisposition: 'attachment; filename="a b.txt"',
    });
    const url = await getSignedUrl(client, command, { expiresIn: 60 });
    expect(verifySignature(requestOf(url), store())).toEqual({ kind: 'query-v4', accessKeyId: 'ASIAEXAMPLE' });
  });

  it('takes any key, query and header that was signed, and nothing that was changed after', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const name = text.filter((value) => !/^x-amz-|^awsaccesskeyid$|^signature$|^__proto__$/i.test(value));
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.dictionary(name, text, { maxKeys: 3 }),
        fc.constantFrom('GET', 'PUT', 'HEAD', 'DELETE'),
        fc.string({ maxLength: 8 }).map((value) => `v${value}`),
        async (segments, query, method, value) => {
          const path = `/bucket/${segments.map(encode).join('/')}`;
          const headers = { 'x-amz-meta-a': value };
          const url = await presign(path, query, { method, headers });
          expect(verifySignature(requestOf(url, method, headers), store(), { nowMs: NOW_MS })).toEqual({
            kind: 'query-v4',
            accessKeyId: KEY.accessKeyId,
          });
          const lowerCaseEscapes = url.replace(
            path,
            path.toLowerCase() === path ? path : path.replace(/%../g, (e) => e.toLowerCase()),
          );
          expect(verifySignature(requestOf(lowerCaseEscapes, method, headers), store(), { nowMs: NOW_MS }).kind).toBe(
            'query-v4',
          );
          for (const changed of [
            requestOf(url.replace('/bucket/', '/bucket/x'), method, headers),
            requestOf(`${url}&added=1`, method, headers),
            requestOf(url, method === 'GET' ? 'HEAD' : 'GET', headers),
            requestOf(url, method, { 'x-amz-meta-a': `${value}!` }),
          ]) {
            expect(errorOf(changed).code).toBe('SignatureDoesNotMatch');
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('says what it signed when signatures differ', async () => {
    const url = (await presign('/files/a', {})).replace(/Signature=[0-9a-f]{64}/, `Signature=${'0'.repeat(64)}`);
    const { details, status } = errorOf(requestOf(url));
    expect(status).toBe(403);
    expect(details).toMatchObject({ AWSAccessKeyId: KEY.accessKeyId, SignatureProvided: '0'.repeat(64) });
    expect(details['StringToSign']).toContain('20261123/us-east-1/s3/aws4_request');
    expect(details['CanonicalRequest']).toMatch(/^GET\n\/files\/a\n/);
  });

  it('knows when a URL is valid', async () => {
    const url = await presign('/files/a', {}, { expiresIn: 60 });
    expect(verifySignature(requestOf(url), store(), { nowMs: NOW_MS + 60_000 }).kind).toBe('query-v4');
    const expired = errorOf(requestOf(url), NOW_MS + 60_001);
    expect(expired).toMatchObject({ code: 'AccessDenied', message: 'Request has expired' });
    expect(expired.details).toMatchObject({ 'X-Amz-Expires': 60, Expires: '2026-11-23T10:12:12Z' });
    expect(errorOf(requestOf(url), NOW_MS - 900_001).code).toBe('AccessDenied');
    expect(verifySignature(requestOf(url), store(), { nowMs: NOW_MS - 900_000 }).kind).toBe('query-v4');
  });

  it('dies with the session that signed it', async () => {
    const url = await presign('/files/a', {}, { credentials: SESSION });
    const credentials = store();
    expect(verifySignature(requestOf(url), credentials, { nowMs: NOW_MS }).kind).toBe('query-v4');
    credentials.remove(SESSION.accessKeyId);
    expect(errorOf(requestOf(url), NOW_MS, credentials).code).toBe('ExpiredToken');
    const withoutToken = await presign('/files/a', {}, { credentials: { ...KEY, accessKeyId: SESSION.accessKeyId } });
    expect(errorOf(requestOf(withoutToken)).code).toBe('InvalidAccessKeyId');
    const otherToken = await presign('/files/a', {}, { credentials: { ...SESSION, sessionToken: 'other' } });
    expect(errorOf(requestOf(otherToken)).code).toBe('InvalidToken');
    const stranger = await presign('/files/a', {}, { credentials: { ...KEY, accessKeyId: 'NOBODY' } });
    expect(errorOf(requestOf(stranger)).code).toBe('InvalidAccessKeyId');
  });

  it('wants every x-amz- header signed', async () => {
    const url = await presign('/files/a', {});
    const error = errorOf(requestOf(url, 'GET', { 'x-amz-acl': 'private' }));
    expect(error).toMatchObject({ code: 'AccessDenied', details: { HeadersNotSigned: 'x-amz-acl' } });
  });

  it.each([
    ['X-Amz-Expires=60', 'X-Amz-Expires=604801', 'less than a week'],
    ['X-Amz-Expires=60', 'X-Amz-Expires=-1', 'non-negative'],
    ['X-Amz-Expires=60', 'X-Amz-Expires=soon', 'should be a number'],
    ['X-Amz-Expires=60&', '', 'requires the X-Amz-Algorithm'],
    ['AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1', 'only supports'],
    ['us-east-1', 'us-east-9', "the region 'us-east-9' is wrong"],
    ['%2Fs3%2F', '%2Fec2%2F', 'incorrect service'],
    ['aws4_request', 'aws5_request', 'incorrect terminal'],
    ['X-Amz-Date=2026', 'X-Amz-Date=2025', 'Invalid credential date'],
    ['T101112Z', 'T101199Z', 'ISO8601'],
  ])('refuses %s turned into %s', async (from, to, message) => {
    const url = (await presign('/files/a', {})).replace(from, to);
    let error: unknown;
    try {
      verifySignature(requestOf(url), store(), { nowMs: NOW_MS, region: 'us-east-1' });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'AuthorizationQueryParametersError', status: 400 });
    expect((error as AwsError).message).toContain(message);
  });
});

const run = promisify(execFile);
const cli = await run('aws', ['--version']).then(
  () => true,
  () => false,
);

const NO_USER_CONFIG = {
  PATH: process.env['PATH'] ?? '',
  HOME: tmpdir(),
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** `aws s3 presign`, which makes version 2 unless it is told otherwise. */
async function cliPresign(
  uri: string,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
) {
  const { stdout } = await run('aws', ['s3', 'presign', uri, '--endpoint-url', 'http://127.0.0.1:4566'], {
    env: {
      ...NO_USER_CONFIG,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...(credentials.sessionToken ? { AWS_SESSION_TOKEN: credentials.sessionToken } : {}),
      AWS_DEFAULT_REGION: 'us-east-1',
    },
  });
  return stdout.trim();
}

describe.skipIf(!cli)('SigV2 in the query, signed by the AWS CLI (needs aws)', () => {
  it('takes it for its method and its time only', async () => {
    const url = await cliPresign("s3://files/it's/日本 + 語.txt", KEY);
    expect(url).toContain('AWSAccessKeyId=');
    expect(verifySignature(requestOf(url), store())).toEqual({ kind: 'query-v2', accessKeyId: KEY.accessKeyId });
    expect(errorOf(requestOf(url, 'HEAD'), Date.now()).code).toBe('SignatureDoesNotMatch');
    expect(errorOf(requestOf(url.replace('files/', 'other/')), Date.now()).code).toBe('SignatureDoesNotMatch');
    expect(errorOf(requestOf(url), Date.now() + 3_700_000)).toMatchObject({ message: 'Request has expired' });
  });

  it('signs the session token with it', async () => {
    const url = await cliPresign('s3://files/a', SESSION);
    expect(verifySignature(requestOf(url), store()).kind).toBe('query-v2');
    const credentials = store();
    credentials.remove(SESSION.accessKeyId);
    expect(errorOf(requestOf(url), Date.now(), credentials).code).toBe('ExpiredToken');
    expect(errorOf(requestOf(url.replace(/&x-amz-security-token=[^&]*/, '')), Date.now()).code).toBe(
      'InvalidAccessKeyId',
    );
  });
});

describe('SigV2 in the query', () => {
  // Amazon's own worked example: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
  const example = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const url =
    'http://johnsmith.s3.amazonaws.com/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620';

  it("takes the documentation's virtual-hosted example", () => {
    const credentials = new CredentialStore();
    credentials.add(example);
    const options = { nowMs: 1_175_139_000_000, virtualHostBucket: 'johnsmith' };
    expect(verifySignature(requestOf(url), credentials, options)).toEqual({
      kind: 'query-v2',
      accessKeyId: example.accessKeyId,
    });
    expect(() => verifySignature(requestOf(url), credentials, { nowMs: 1_175_139_000_000 })).toThrow('does not match');
  });

  it('takes any key, header and override that was signed, and nothing that was changed after', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, fc.option(text), fc.constantFrom('GET', 'PUT', 'HEAD'), (key, disposition, method) => {
        const path = `/bucket/${encode(key)}`;
        const expires = NOW_MS / 1000 + 60;
        const override = disposition === null ? '' : `?response-content-disposition=${disposition}`;
        const stringToSign = `${method}\n\ntext/plain\n${expires}\nx-amz-meta-a:b\n${path}${override}`;
        const signature = createHmac('sha1', KEY.secretAccessKey).update(stringToSign).digest('base64');
        const query = `response-content-disposition=${encode(disposition ?? '')}&`;
        const signed = `http://h${path}?${disposition === null ? '' : query}x-id=1&AWSAccessKeyId=${KEY.accessKeyId}&Signature=${encode(signature)}&Expires=${expires}`;
        const headers = { 'content-type': 'text/plain', 'x-amz-meta-a': 'b' };
        expect(verifySignature(requestOf(signed, method, headers), store(), { nowMs: NOW_MS }).kind).toBe('query-v2');
        for (const changed of [
          requestOf(signed.replace('/bucket/', '/bucket/x'), method, headers),
          requestOf(`${signed}&response-expires=1`, method, headers),
          requestOf(signed, 'DELETE', headers),
          requestOf(signed, method, { ...headers, 'x-amz-acl': 'private' }),
          requestOf(signed, method),
        ]) {
          expect(errorOf(changed).code).toBe('SignatureDoesNotMatch');
        }
      }),
    );
  });

  it.each([
    ['Expires=1175139620', 'Expires=soon', 'Invalid date'],
    ['&Expires=1175139620', '', 'requires the Signature, Expires and AWSAccessKeyId'],
  ])('refuses %s turned into %s', (from, to, message) => {
    const error = errorOf(requestOf(url.replace(from, to)), 1_175_139_000_000);
    expect(error.code).toBe('AccessDenied');
    expect(error.message).toContain(message);
  });
});

describe('the Authorization header', () => {
  const v4 = 'AWS4-HMAC-SHA256 Credential=ANY/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00';

  it('is read and not verified', () => {
    expect(verifySignature(requestOf('http://h/'), store())).toEqual({ kind: 'anonymous' });
    for (const authorization of [v4, v4.replaceAll(', ', ','), 'AWS ANY:c2ln']) {
      const signature = verifySignature(requestOf('http://h/', 'GET', { authorization }), store());
      expect(signature).toEqual({ kind: 'header', accessKeyId: 'ANY' });
    }
  });

  it.each([
    [v4.replace('/aws4_request', ''), 'AuthorizationHeaderMalformed'],
    [v4.replace('Signature=00', ''), 'AuthorizationHeaderMalformed'],
    ['AWS nothing', 'InvalidArgument'],
    ['Bearer x', 'InvalidArgument'],
    [v4.replace('HMAC-SHA256', 'ECDSA-P256-SHA256'), 'NotImplemented'],
  ])('%s is refused', (authorization, code) => {
    expect(errorOf(requestOf('http://h/', 'GET', { authorization })).code).toBe(code);
  });

  it('may not stand beside a signature in the query', async () => {
    const url = await presign('/files/a', {});
    expect(errorOf(requestOf(url, 'GET', { authorization: v4 })).code).toBe('InvalidArgument');
  });
});
