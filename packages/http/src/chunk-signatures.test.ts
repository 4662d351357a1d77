import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ChunkSignatures } from './chunk-signatures.ts';
import { CredentialStore } from './credentials.ts';
import { signatureOf } from './signature-v4.ts';
import { verifyUploadSignature } from './verify-header-signature.ts';

// The worked examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html.
const EXAMPLE = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const HEADERS = {
  host: 's3.amazonaws.com',
  'x-amz-date': '20130524T000000Z',
  'x-amz-storage-class': 'REDUCED_REDUNDANCY',
  'content-encoding': 'aws-chunked',
  'x-amz-decoded-content-length': '66560',
};
const PLAIN = {
  headers: {
    ...HEADERS,
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'content-length': '66824',
  },
  seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  chunks: [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ],
};
const WITH_TRAILER = {
  headers: {
    ...HEADERS,
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'x-amz-trailer': 'x-amz-checksum-crc32c',
  },
  seed: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  chunks: [
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
  ],
};
const TRAILERS = new Map([['x-amz-checksum-crc32c', 'sOO8/Q==']]);
const TRAILER_SIGNATURE = 'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435';

function verified({ headers, seed }: { headers: Record<string, string>; seed: string }): ChunkSignatures | undefined {
  const store = new CredentialStore();
  store.add(EXAMPLE);
  const signed = Object.keys(headers).sort().join(';');
  const credential = `${EXAMPLE.accessKeyId}/20130524/us-east-1/s3/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signed},Signature=${seed}`;
  const all = { ...headers, authorization };
  const rawHeaders = Object.entries(all).flat();
  const request = { method: 'PUT', url: '/examplebucket/chunkObject.txt', headers: all, rawHeaders };
  const options = { region: 'us-east-1', nowMs: Date.UTC(2013, 4, 24) };
  return verifyUploadSignature(request as unknown as IncomingMessage, store, options);
}

function chunksOf(example: typeof PLAIN | typeof WITH_TRAILER, signatures = example.chunks): ChunkSignatures {
  const chunks = verified(example);
  if (chunks === undefined) throw new Error('no signatures of chunks');
  for (const [index, sizeBytes] of [65_536, 1024, 0].entries()) {
    // In two parts, as the network may give it.
    chunks.update(Buffer.alloc(Math.floor(sizeBytes / 3), 'a'));
    chunks.update(Buffer.alloc(sizeBytes - Math.floor(sizeBytes / 3), 'a'));
    chunks.verifyChunk(signatures[index] ?? '');
  }
  return chunks;
}

const mismatch = expect.objectContaining({ code: 'SignatureDoesNotMatch', status: 403 });

describe("AWS's example of signed chunks", () => {
  it('is taken, with nothing after the last chunk', () => {
    chunksOf(PLAIN).verifyTrailers(new Map(), undefined);
  });

  it('is refused at the chunk whose signature is another', () => {
    for (const index of PLAIN.chunks.keys()) {
      const signatures = PLAIN.chunks.with(index, WITH_TRAILER.chunks[index] ?? '');
      expect(() => chunksOf(PLAIN, signatures)).toThrow(mismatch);
    }
    const { chunks } = PLAIN;
    expect(() => chunksOf(PLAIN, [chunks[1] ?? '', chunks[0] ?? '', chunks[2] ?? ''])).toThrow(mismatch);
    expect(() => chunksOf(PLAIN, ['', '', ''])).toThrow(mismatch);
  });

  it('says what should have been signed', () => {
    const details = {
      AWSAccessKeyId: EXAMPLE.accessKeyId,
      SignatureProvided: 'none',
      StringToSign: [
        'AWS4-HMAC-SHA256-PAYLOAD',
        '20130524T000000Z',
        '20130524/us-east-1/s3/aws4_request',
        PLAIN.seed,
        'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        'bf718b6f653bebc184e1479f1935b8da974d701b893afcf49e701f3e2f9f9c5a',
      ].join('\n'),
    };
    expect(() => chunksOf(PLAIN, ['none'])).toThrow(
      expect.objectContaining({ details: expect.objectContaining(details) }),
    );
  });

  it('has trailers only with their signature', () => {
    expect(() => chunksOf(PLAIN).verifyTrailers(TRAILERS, undefined)).toThrow(
      expect.objectContaining({ code: 'MalformedTrailerError' }),
    );
  });
});

describe("AWS's example of a signed trailer", () => {
  it('is taken', () => chunksOf(WITH_TRAILER).verifyTrailers(TRAILERS, TRAILER_SIGNATURE));

  it('is refused with another value, name or signature, or with none', () => {
    const verify = (trailers: ReadonlyMap<string, string>, signature?: string) => () =>
      chunksOf(WITH_TRAILER).verifyTrailers(trailers, signature);
    expect(verify(new Map([['x-amz-checksum-crc32c', 'sOO8/Q=']]), TRAILER_SIGNATURE)).toThrow(mismatch);
    expect(verify(new Map([['x-amz-checksum-crc32', 'sOO8/Q==']]), TRAILER_SIGNATURE)).toThrow(mismatch);
    expect(verify(new Map(), TRAILER_SIGNATURE)).toThrow(mismatch);
    expect(verify(TRAILERS, PLAIN.chunks[0])).toThrow(mismatch);
    const malformed = expect.objectContaining({ code: 'MalformedTrailerError' });
    expect(verify(TRAILERS)).toThrow(malformed);
    expect(verify(new Map())).toThrow(malformed);
  });
});

it('a payload that is not signed in chunks has no such signatures', () => {
  const headers = { ...PLAIN.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  expect(() => verified({ headers, seed: PLAIN.seed })).toThrow(mismatch);
  const seed = seedOf(() => verified({ headers, seed: PLAIN.seed }));
  expect(verified({ headers, seed })).toBeUndefined();
});

/** What the signature should have been: as it is calculated, from what the error repeats. */
function seedOf(refused: () => unknown): string {
  try {
    refused();
  } catch (error) {
    const text = (error as { details: Record<string, string> }).details['StringToSign'] ?? '';
    return signatureOf(EXAMPLE.secretAccessKey, '20130524/us-east-1/s3/aws4_request', text);
  }
  throw new Error('not refused');
}
