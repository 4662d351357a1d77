// Reads a bucket by GetObject and HeadObject of the AWS SDK, which Lambda's Node.js runtimes hold. It is loaded when the store is made,
// so that a function that reads from elsewhere does not pay for it.
import type { GetObjectCommandOutput, HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { answeredRange, rangeHeader } from './answered-range.ts';
import {
  CHECKSUM_ALGORITHMS,
  type Checksums,
  type ObjectMetadata,
  type ObjectRead,
  type ObjectStore,
  type OpenObject,
  type PresignOptions,
  StoreError,
} from './object-store.ts';
import { receivedBody } from './received-body.ts';
import { s3Failure } from './s3-failure.ts';
import { storedChecksums } from './stored-checksums.ts';

export interface S3ObjectStoreOptions {
  readonly bucket: string;
  /** The function's own Region without it. */
  readonly region?: string | undefined;
}

type Sdk = typeof import('@aws-sdk/client-s3');

export class S3ObjectStore implements ObjectStore {
  readonly #bucket: string;
  readonly #loaded: Promise<{ readonly sdk: Sdk; readonly client: S3Client }>;

  constructor({ bucket, region }: S3ObjectStoreOptions) {
    this.#bucket = bucket;
    this.#loaded = import('@aws-sdk/client-s3').then((sdk) => ({ sdk, client: newClient(sdk, region) }));
    this.#loaded.catch(() => {});
  }

  async head(key: string, signal: AbortSignal): Promise<ObjectMetadata> {
    const { sdk, client } = await this.#loaded;
    const command = new sdk.HeadObjectCommand({ Bucket: this.#bucket, Key: key });
    askForChecksum(command);
    const output = await client.send(command, { abortSignal: signal }).catch(failed);
    return metadataOf(output, output.ContentLength);
  }

  async get({ key, range, ifMatch }: ObjectRead, signal: AbortSignal): Promise<OpenObject> {
    const { sdk, client } = await this.#loaded;
    const conditions = { Range: range && rangeHeader(range), IfMatch: ifMatch };
    const command = new sdk.GetObjectCommand({ Bucket: this.#bucket, Key: key, ...conditions });
    if (range === undefined) askForChecksum(command);
    const output = await client.send(command, { abortSignal: signal }).catch(failed);
    const { Body: message, $metadata, ContentRange, ContentLength } = output;
    if (message === undefined) throw new StoreError('unavailable', 'S3 answered without a body.');
    const body = receivedBody(message as Parameters<typeof receivedBody>[0], signal);
    try {
      if (ContentLength === undefined) throw new StoreError('unavailable', 'S3 answered without a length.');
      const answered = answeredRange(range, $metadata.httpStatusCode, ContentRange, ContentLength);
      // A suffix of an empty object is the only range that S3 answers by the whole.
      if (range !== undefined && !answered.isPartial && ContentLength > 0)
        throw new StoreError('unavailable', 'S3 answered a range by the whole.');
      return { ...answered, metadata: metadataOf(output, answered.sizeBytes), body };
    } catch (error) {
      void body[Symbol.asyncIterator]().return?.();
      throw error;
    }
  }

  async presign(key: string, options: PresignOptions): Promise<string> {
    const [{ sdk, client }, { getSignedUrl }] = await Promise.all([
      this.#loaded,
      import('@aws-sdk/s3-request-presigner'),
    ]);
    const command = new sdk.GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ResponseContentDisposition: options.contentDisposition,
      ResponseContentType: options.contentType,
    });
    return getSignedUrl(client, command, { expiresIn: options.expiresInSeconds });
  }
}

/** Attempts are counted by the handler, which knows the invocation's deadline. */
function newClient({ S3Client }: Sdk, region: string | undefined): S3Client {
  return new S3Client({
    ...(region === undefined ? {} : { region }),
    maxAttempts: 1,
    // The handler verifies by itself, over all attempts that make up one body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5_000 },
  });
}

interface Command {
  readonly middlewareStack: {
    add(middleware: never, options: { readonly step: 'build'; readonly name: string }): void;
  };
}

type Next = (args: { readonly request: { readonly headers: Record<string, string> } }) => Promise<unknown>;

/** As ChecksumMode: ENABLED, but without the SDK's own check, whose CRC64 costs more than all else here. */
function askForChecksum(command: Command): void {
  const middleware = (next: Next) => (args: Parameters<Next>[0]) => {
    args.request.headers['x-amz-checksum-mode'] = 'ENABLED';
    return next(args);
  };
  command.middlewareStack.add(middleware as never, { step: 'build', name: 'askForChecksum' });
}

function failed(error: unknown): never {
  throw s3Failure(error);
}

type Output = GetObjectCommandOutput | HeadObjectCommandOutput;

function metadataOf(output: Output, sizeBytes: number | undefined): ObjectMetadata {
  return {
    sizeBytes,
    eTag: output.ETag,
    lastModifiedMs: output.LastModified?.getTime(),
    contentType: output.ContentType,
    contentEncoding: output.ContentEncoding,
    contentLanguage: output.ContentLanguage,
    contentDisposition: output.ContentDisposition,
    cacheControl: output.CacheControl,
    checksums: output.ContentRange === undefined ? checksumsOf(output) : undefined,
  };
}

function checksumsOf(output: Output): Checksums | undefined {
  const values = CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const value = output[`Checksum${algorithm}`];
    return value === undefined ? [] : [[algorithm, value] as const];
  });
  return storedChecksums(values, output.ChecksumType);
}
