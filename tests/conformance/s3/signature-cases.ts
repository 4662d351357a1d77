import { request } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect } from 'vitest';
import { type SignedUpload, signedUpload } from '../../../packages/origin/test/signed-upload.ts';
import type { CaseContext } from './cases.ts';
import { CREDENTIALS } from './s3-servers.ts';

const signer = new SignatureV4({
  ...{ credentials: CREDENTIALS, region: 'us-east-1', service: 's3', sha256: Sha256, uriEscapePath: false },
});
const CHUNKS = [Buffer.alloc(65_536, 'x'), Buffer.alloc(8192, 'y'), Buffer.from('end')];

/** The status, and the code of an error. */
function send(url: string, method: string, headers: Record<string, string>, body?: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const message = request(url, { method, headers, agent: false }, async (response) => {
      const text = Buffer.concat(await response.toArray().catch(() => [])).toString();
      resolve(`${response.statusCode} ${/<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? ''}`.trim());
    });
    message.on('error', reject);
    message.end(body);
  });
}

const signed = ({ endpoint, bucket }: CaseContext, chunks: readonly Uint8Array[], trailer?: string) =>
  signedUpload(`${endpoint}/${bucket}/a`, { chunks, credentials: CREDENTIALS, signer, trailer });

const put = ({ endpoint, bucket }: CaseContext, { headers, body }: SignedUpload) =>
  send(`${endpoint}/${bucket}/a`, 'PUT', { ...headers, 'content-length': String(body.byteLength) }, body);

async function stored({ endpoint, bucket }: CaseContext): Promise<string> {
  const url = new URL(`${endpoint}/${bucket}/a`);
  const { hostname, port, pathname: path, host } = url;
  const head = { method: 'GET', protocol: 'http:', hostname, port: Number(port), path, headers: { host } };
  const { headers } = await signer.sign(head);
  return (await fetch(url, { headers })).text();
}

/** Another byte in the place of the one at `at`. */
function changed({ headers, body }: SignedUpload, at: number): SignedUpload {
  const bytes = Buffer.from(body);
  bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30;
  return { headers, body: bytes };
}

/** Of what is signed, and how: requests that the SDK does not make. */
export const signatureCases: Readonly<Record<string, (context: CaseContext) => Promise<void>>> = {
  'chunks are taken with their own signatures, and no others': async (context) => {
    const upload = await signed(context, CHUNKS);
    expect(await put(context, upload)).toBe('200');
    const content = await stored(context);
    expect(content).toBe(Buffer.concat(CHUNKS).toString());
    // The data of each chunk, and a signature.
    for (const at of [1000, 66_000, upload.body.byteLength - 90, 40]) {
      expect(await put(context, changed(upload, at)), `at ${at}`).toBe('403 SignatureDoesNotMatch');
    }
    const { headers } = await signed(context, [Buffer.concat(CHUNKS)]);
    expect(await put(context, { ...upload, headers: { ...headers, 'x-amz-meta-a': 'b' } })).toBe('403 AccessDenied');
    expect(await stored(context)).toBe(content);
  },

  'a trailer is taken with its own signature, and no other': async (context) => {
    const upload = await signed(context, [Buffer.from('123456789')], 'x-amz-checksum-crc32:y/Q5Jg==');
    expect(await put(context, upload)).toBe('200');
    expect(await put(context, changed(upload, upload.body.byteLength - 10))).toBe('403 SignatureDoesNotMatch');
    const wrong = await signed(context, [Buffer.from('12345678')], 'x-amz-checksum-crc32:y/Q5Jg==');
    expect(await put(context, wrong)).toBe('400 BadDigest');
    expect(await stored(context)).toBe('123456789');
  },

  'a signature of version 2 in the header is none': async ({ endpoint, bucket }) => {
    const headers = { authorization: `AWS ${CREDENTIALS.accessKeyId}:c2lnbmF0dXJl`, date: new Date().toUTCString() };
    expect(await send(`${endpoint}/${bucket}/a`, 'GET', headers)).toBe('400 InvalidRequest');
  },
};
