import { createHash } from 'node:crypto';
import { AwsError } from '@spillway/wire';
import { ALGORITHM, signatureBy } from './signature-v4.ts';
import { doesNotMatch, equalText } from './signed-request.ts';

/** The verified signature that an upload begins with. */
export interface UploadSignature {
  readonly accessKeyId: string;
  /** Of the scope. */
  readonly key: Buffer;
  /** `20261123/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  /** `20261123T101112Z`. */
  readonly date: string;
  /** Of the request's head, hexadecimal. */
  readonly signature: string;
  /** The payload was announced with a trailer, which has a signature of its own. */
  readonly hasTrailer: boolean;
}

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * The signatures of one upload's chunks, each of which also signs the one before it: in their order, every one, up to that of the trailer.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html#sigv4-chunked-body-definition
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export class ChunkSignatures {
  readonly #upload: UploadSignature;
  #previous: string;
  #hash = createHash('sha256');

  constructor(upload: UploadSignature) {
    this.#upload = upload;
    this.#previous = upload.signature;
  }

  /** Takes bytes of the chunk that is being read. They are not kept. */
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Ends a chunk; the last one has no bytes. @throws AwsError `SignatureDoesNotMatch`. */
  verifyChunk(signature: string): void {
    const sha256 = this.#hash.digest('hex');
    this.#hash = createHash('sha256');
    this.#verify('PAYLOAD', [EMPTY_SHA256, sha256], signature);
  }

  /**
   * Ends the upload.
   * @param trailers By lower-case name, in the order they came; without that of the signature.
   * @throws AwsError `SignatureDoesNotMatch`; `MalformedTrailerError` when there is no signature of a trailer that is announced or there.
   */
  verifyTrailers(trailers: ReadonlyMap<string, string>, signature: string | undefined): void {
    if (signature === undefined && trailers.size === 0 && !this.#upload.hasTrailer) return;
    if (signature === undefined) throw new AwsError('MalformedTrailerError');
    const canonical = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('');
    this.#verify('TRAILER', [createHash('sha256').update(canonical, 'latin1').digest('hex')], signature);
  }

  #verify(what: 'PAYLOAD' | 'TRAILER', hashes: readonly string[], signature: string): void {
    const { accessKeyId, key, scope, date } = this.#upload;
    const text = [`${ALGORITHM}-${what}`, date, scope, this.#previous, ...hashes].join('\n');
    this.#previous = signatureBy(key, text);
    if (!equalText(this.#previous, signature)) throw doesNotMatch(accessKeyId, signature, text);
  }
}
