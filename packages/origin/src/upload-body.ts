import { createHash } from 'node:crypto';
import { toBody } from '@spillway/http';
import { AwsError, type Body } from '@spillway/wire';
import { decodeAwsChunked } from './aws-chunked.ts';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumAlgorithm,
  checksumHeader,
  createDigest,
  type Digest,
} from './checksum.ts';
import { header, type S3Request } from './s3-request.ts';

/** Of a PUT. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_UPLOAD_BYTES = 5_368_709_120;

/** What is known of a body once it has been read to its end. */
interface UploadDigests {
  readonly eTag: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/** A request's body, out of its framing. Reading it verifies it: it throws at its end when it is not what its headers say. */
export interface UploadBody {
  readonly body: Body;
  /** The checksum that the client sends; its value is known after the last byte at the latest. */
  readonly declared: DeclaredChecksum | undefined;
  /** After the last byte. */
  digests(): UploadDigests;
}

/** A checksum that the client names: its value, or the trailer that has it. */
interface DeclaredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  value?: string | undefined;
}

/** What S3 computes when no one names an algorithm. */
const DEFAULT_ALGORITHM = 'CRC64NVME';
const PLAIN_HASH = /^[0-9a-f]{64}$/i;
/** What `x-amz-content-sha256` may say but a hash. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
const PAYLOAD_MODES: ReadonlySet<string> = new Set([
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
]);

/**
 * The checksum to be stored is `storedAlgorithm`'s, or else the client's own, or CRC64NVME.
 * @throws AwsError `MissingContentLength`, `EntityTooLarge`, `InvalidDigest`, `InvalidRequest`, `NotImplemented` (SigV4A). The body throws
 * `BadDigest`, `XAmzContentSHA256Mismatch`, `IncompleteBody` and those of `decodeAwsChunked`.
 * Signatures of chunks are verified where the request has `chunkSignatures`.
 */
export async function uploadBody(request: S3Request, storedAlgorithm?: ChecksumAlgorithm): Promise<UploadBody> {
  const declared = declaredChecksum(request);
  const sha256 = header(request, 'x-amz-content-sha256') ?? request.query.get('X-Amz-Content-Sha256') ?? '';
  const stored = storedAlgorithm ?? declared?.algorithm ?? DEFAULT_ALGORITHM;
  const contentMd5 = readContentMd5(request);
  const computed = await createDigests([stored, declared?.algorithm, PLAIN_HASH.test(sha256) ? 'SHA256' : undefined]);
  const md5 = createHash('md5');
  let digests: UploadDigests | undefined;
  const verify = () => {
    const md5Bytes = md5.digest();
    const values = new Map([...computed].map(([algorithm, digest]) => [algorithm, digest.digest()] as const));
    const base64 = (algorithm: ChecksumAlgorithm) => values.get(algorithm)?.toString('base64') ?? '';
    digests = { eTag: md5Bytes.toString('hex'), checksum: { algorithm: stored, value: base64(stored) } };
    if (PLAIN_HASH.test(sha256)) verifySha256(sha256.toLowerCase(), values.get('SHA256')?.toString('hex') ?? '');
    if (contentMd5 !== undefined && !md5Bytes.equals(contentMd5)) throw badDigest('Content-MD5');
    if (declared !== undefined && declared.value !== base64(declared.algorithm)) throw badDigest(declared.algorithm);
  };
  return {
    body: verified(unframe(request, sha256, declared), [md5, ...computed.values()], verify),
    declared,
    digests: () => {
      if (digests === undefined) throw new TypeError('The body has not been read to its end.');
      return digests;
    },
  };
}

async function createDigests(
  algorithms: readonly (ChecksumAlgorithm | undefined)[],
): Promise<ReadonlyMap<ChecksumAlgorithm, Digest>> {
  const digests = new Map<ChecksumAlgorithm, Digest>();
  for (const algorithm of new Set(algorithms)) {
    if (algorithm !== undefined) digests.set(algorithm, await createDigest(algorithm));
  }
  return digests;
}

async function* verified(
  body: Body,
  digests: readonly Pick<Digest, 'update'>[],
  verify: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) {
    for (const digest of digests) digest.update(chunk);
    yield chunk;
  }
  verify();
}

/** Out of HTTP's framing, and out of `aws-chunked` if the payload hash says that it is in one. */
function unframe(request: S3Request, sha256: string, declared: DeclaredChecksum | undefined): Body {
  if (sha256.includes('ECDSA')) {
    throw new AwsError('NotImplemented', { message: `x-amz-content-sha256 ${sha256} is not implemented.` });
  }
  refuseUnknownPayload(sha256);
  const isAwsChunked = sha256.startsWith('STREAMING-');
  const decodedBytes = readLength(header(request, 'x-amz-decoded-content-length'));
  const lengthBytes = isAwsChunked ? decodedBytes : readLength(request.headers['content-length']);
  if (lengthBytes === undefined && !isAwsChunked) throw new AwsError('MissingContentLength');
  if (lengthBytes !== undefined && lengthBytes > MAX_UPLOAD_BYTES) throw tooLarge(lengthBytes);
  const body = toBody(request.message, { signal: request.signal });
  if (!isAwsChunked) return body;
  return decodeAwsChunked(atMostUpload(body), {
    isSigned: sha256.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'),
    signatures: request.chunkSignatures,
    trailerNames: trailerNames(request),
    ...(decodedBytes === undefined ? {} : { decodedBytes }),
    onTrailers: (trailers) => {
      if (declared !== undefined) declared.value ??= trailers.get(checksumHeader(declared.algorithm));
    },
  });
}

function refuseUnknownPayload(sha256: string): void {
  if (sha256 === '' || PAYLOAD_MODES.has(sha256) || PLAIN_HASH.test(sha256)) return;
  throw new AwsError('InvalidArgument', {
    message:
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    details: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: sha256 },
  });
}

/** For bodies that do not say how long they are. */
async function* atMostUpload(body: Body): AsyncGenerator<Uint8Array, void, undefined> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength;
    // The framing is a few bytes a chunk of 8,192 or more.
    if (sizeBytes > MAX_UPLOAD_BYTES * 1.02) throw tooLarge(sizeBytes);
    yield chunk;
  }
}

function readLength(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw new AwsError('InvalidArgument', { details: { ArgumentName: 'Content-Length', ArgumentValue: text } });
  }
  return Number(text);
}

const trailerNames = (request: S3Request) =>
  (header(request, 'x-amz-trailer') ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

function declaredChecksum(request: S3Request): DeclaredChecksum | undefined {
  const trailers = trailerNames(request);
  const declared = CHECKSUM_ALGORITHMS.flatMap((algorithm): DeclaredChecksum[] => {
    const value = header(request, checksumHeader(algorithm));
    return value === undefined && !trailers.includes(checksumHeader(algorithm)) ? [] : [{ algorithm, value }];
  });
  if (declared.length > 1) {
    throw new AwsError('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  const unknown = trailers.find((name) => !CHECKSUM_ALGORITHMS.some((algorithm) => checksumHeader(algorithm) === name));
  if (unknown !== undefined)
    throw new AwsError('NotImplemented', { message: `The trailer ${unknown} is not implemented.` });
  refuseMissingChecksum(header(request, 'x-amz-sdk-checksum-algorithm'), declared[0]);
  return declared[0];
}

function refuseMissingChecksum(name: string | undefined, declared: DeclaredChecksum | undefined): void {
  if (name === undefined) return;
  if (checksumAlgorithm(name) === undefined) {
    throw new AwsError('NotImplemented', { message: `The checksum algorithm ${name} is not implemented.` });
  }
  if (declared !== undefined) return;
  throw new AwsError('InvalidRequest', {
    message:
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
  });
}

function readContentMd5(request: S3Request): Buffer | undefined {
  const text = header(request, 'content-md5');
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.byteLength !== 16) throw new AwsError('InvalidDigest', { details: { 'Content-MD5': text } });
  return bytes;
}

function verifySha256(given: string, computed: string): void {
  if (given === computed) return;
  throw new AwsError('XAmzContentSHA256Mismatch', {
    details: { ClientComputedContentSHA256: given, S3ComputedContentSHA256: computed },
  });
}

const badDigest = (what: string) =>
  new AwsError('BadDigest', { message: `The ${what} you specified did not match the calculated checksum.` });

const tooLarge = (sizeBytes: number) =>
  new AwsError('EntityTooLarge', { details: { ProposedSize: sizeBytes, MaxSizeAllowed: MAX_UPLOAD_BYTES } });
