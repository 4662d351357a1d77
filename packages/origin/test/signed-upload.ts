import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from '@spillway/http';

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: Uint8Array | string, data: string) => createHmac('sha256', key).update(data).digest();

/** What signs the parts of an upload after its head. */
interface ChunkKey {
  readonly secretAccessKey: string;
  /** `20261123T101112Z`. */
  readonly date: string;
  readonly region: string;
  /** Of the head. */
  readonly seed: string;
}

/** Frames and signs chunks, the empty one at the end too, and the trailer's lines (`name:value`), as AWS's documentation describes it. */
function signedChunks(
  chunks: readonly Uint8Array[],
  { secretAccessKey, date, region, seed }: ChunkKey,
  trailer?: string,
): Buffer {
  const day = date.slice(0, 8);
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), 's3'), 'aws4_request');
  let previous = seed;
  const sign = (what: string, ...hashes: string[]) => {
    const text = [`AWS4-HMAC-SHA256-${what}`, date, `${day}/${region}/s3/aws4_request`, previous, ...hashes].join('\n');
    previous = hmac(key, text).toString('hex');
    return previous;
  };
  const framed = [...chunks, Buffer.alloc(0)].flatMap((chunk) => [
    Buffer.from(`${chunk.byteLength.toString(16)};chunk-signature=${sign('PAYLOAD', sha256(''), sha256(chunk))}\r\n`),
    chunk,
    Buffer.from(chunk.byteLength === 0 ? '' : '\r\n'),
  ]);
  const lines =
    trailer === undefined ? '' : `${trailer}\r\nx-amz-trailer-signature:${sign('TRAILER', sha256(`${trailer}\n`))}\r\n`;
  return Buffer.concat([...framed, Buffer.from(`${lines}\r\n`)]);
}

interface Head {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Record<string, string>;
}

export interface SignedUploadOptions {
  readonly chunks: readonly Uint8Array[];
  readonly credentials: Credentials;
  /** AWS's own, for us-east-1: `SignatureV4` without `uriEscapePath`. */
  readonly signer: { sign(head: Head): Promise<{ readonly headers: Record<string, string> }> };
  /** `x-amz-checksum-crc32:AAAAAA==` */
  readonly trailer?: string | undefined;
}

export interface SignedUpload {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** A PUT to `url` with its head signed, and then each chunk. */
export async function signedUpload(url: string, options: SignedUploadOptions): Promise<SignedUpload> {
  const { chunks, credentials, signer, trailer } = options;
  const { hostname, port, pathname, host } = new URL(url);
  const { headers } = await signer.sign({
    method: 'PUT',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: pathname,
    headers: {
      host,
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === undefined ? '' : '-TRAILER'}`,
      'x-amz-decoded-content-length': String(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)),
      ...(trailer !== undefined && { 'x-amz-trailer': trailer.slice(0, trailer.indexOf(':')) }),
    },
  });
  const seed = /Signature=(\w+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '';
  const key = { ...credentials, date: headers['x-amz-date'] ?? '', region: 'us-east-1', seed };
  return { headers, body: signedChunks(chunks, key, trailer) };
}
