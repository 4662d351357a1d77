import type { IncomingMessage } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, test } from 'vitest';
import { CredentialStore } from './credentials.ts';
import { verifyQuerySignature } from './verify-query-signature.ts';

const SIGNED_MS = Date.UTC(2026, 10, 23, 10, 11, 12);
const HOST = 'abc.lambda-url.us-east-1.localhost:4566';
const TEST = { accessKeyId: 'test', secretAccessKey: 'test' };
const SESSION = { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'to/ken=' };
const store = new CredentialStore();
store.add(TEST);
store.add(SESSION);

async function presigned(path: string, query: Record<string, string>, credentials = TEST, service = 'lambda') {
  const signer = new SignatureV4({ credentials, region: 'us-east-1', service, sha256: Sha256 });
  const request = { method: 'GET', protocol: 'http:', hostname: HOST, path, query, headers: { host: HOST } };
  const signed = await signer.presign(request, { expiresIn: 60, signingDate: new Date(SIGNED_MS) });
  return `${path}?${new URLSearchParams(signed.query as Record<string, string>).toString().replaceAll('+', '%20')}`;
}

const verify = (url: string, nowMs = SIGNED_MS + 1_000, method = 'GET') =>
  verifyQuerySignature({ method, url, headers: { host: HOST }, rawHeaders: ['Host', HOST] } as IncomingMessage, store, {
    service: 'lambda',
    region: 'us-east-1',
    nowMs,
  });

test('takes what the SDK signs', async () => {
  expect(verify(await presigned('/', {}))).toBe('test');
  expect(verify(await presigned('/a%20b/%C3%BC', { q: 'x y&z', empty: '' }))).toBe('test');
  expect(verify(await presigned('/', {}, SESSION))).toBe('ASIA');
});

test('refuses what was changed, has expired, or was signed for another service or by a stranger', async () => {
  const url = await presigned('/a', { q: '1' });
  const code = (attempt: () => unknown) => {
    try {
      return attempt();
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(code(() => verify(url.replace('q=1', 'q=2')))).toBe('InvalidSignatureException');
  expect(code(() => verify(url, undefined, 'POST'))).toBe('InvalidSignatureException');
  expect(code(() => verify(url, SIGNED_MS + 61_000))).toBe('InvalidSignatureException');
  expect(code(() => verify(url, SIGNED_MS - 901_000))).toBe('InvalidSignatureException');
  expect(code(() => verify(url.replace(/X-Amz-Expires=60/, 'X-Amz-Expires=999999')))).toBe(
    'IncompleteSignatureException',
  );
  expect(code(() => verify(url.replace(/&?X-Amz-Signature=\w+/, '')))).toBe('IncompleteSignatureException');
  const ofS3 = await presigned('/a', {}, TEST, 's3');
  expect(code(() => verify(ofS3))).toBe('InvalidSignatureException');
  const ofStranger = await presigned('/a', {}, { accessKeyId: 'who', secretAccessKey: 'test' });
  expect(code(() => verify(ofStranger))).toBe('UnrecognizedClientException');
});
