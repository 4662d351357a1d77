import { createHash } from 'node:crypto';
import { AwsError } from '@spillway/wire';
import { readDocument } from './bucket-operations.ts';
import { type ChecksumAlgorithm, checksumElement, checksumHeader, createDigest } from './checksum.ts';
import { combineCrc } from './crc-combine.ts';
import type { MultipartUpload, UploadedPart } from './multipart-uploads.ts';
import { type ObjectCall, type S3Response, xmlResponse } from './operation.ts';
import { checkWritePreconditions } from './preconditions.ts';
import { nowMs } from './put-object.ts';
import { header, type S3Request } from './s3-request.ts';
import type { Checksum, StoredObject } from './stored-object.ts';
import { decodeXml } from './xml.ts';

const MAX_PART_NUMBER = 10_000;
/** Of every part but the last. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5_242_880;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export async function completeMultipartUpload({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const id = uploadId(request);
  bucket.uploads.get(id, key);
  const wanted = readParts(await readDocument(withoutChecksum(request)));
  let completed: StoredObject | undefined;
  await bucket.uploads.complete(id, key, async (upload, uploaded) => {
    const parts = selectParts(upload, wanted, uploaded);
    const object = await assemble(upload, parts);
    verifyWhole(request, object);
    await bucket.put(object, (current) => checkWritePreconditions(request.headers, current, key));
    completed = object;
    return object.segments;
  });
  return xmlResponse('CompleteMultipartUploadResult', {
    Location: `http://${request.headers.host ?? ''}/${bucket.name}/${encodeURIComponent(key)}`,
    Bucket: bucket.name,
    Key: key,
    ETag: `"${completed?.eTag}"`,
    ...(completed?.checksum === undefined
      ? {}
      : {
          [checksumElement(completed.checksum.algorithm)]: completed.checksum.value,
          ChecksumType: completed.checksum.type,
        }),
  });
}

/** What the headers say is the object's checksum, not that of the list of its parts. */
function withoutChecksum(request: S3Request): S3Request {
  const headers = Object.entries(request.headers).filter(([name]) => !/^x-amz-(sdk-)?checksum-/.test(name));
  return { ...request, headers: Object.fromEntries(headers) };
}

interface WantedPart {
  readonly partNumber: number;
  /** Without quotes. */
  readonly eTag: string;
  /** By element name. */
  readonly elements: Readonly<Record<string, unknown>>;
}

function readParts(text: string): readonly WantedPart[] {
  const { Part: parts } = decodeXml(text, 'CompleteMultipartUpload');
  const elements = (Array.isArray(parts) ? parts : [parts]).filter((part) => typeof part === 'object' && part !== null);
  const wanted = elements.map((part: Record<string, unknown>) => ({
    partNumber: readPartNumber(String(part['PartNumber'] ?? '')),
    eTag: String(part['ETag'] ?? '').replace(/^"|"$/g, ''),
    elements: part,
  }));
  if (wanted.length === 0) throw new AwsError('MalformedXML');
  const isAscending = wanted.every(({ partNumber }, index) => partNumber > (wanted[index - 1]?.partNumber ?? 0));
  if (!isAscending) throw new AwsError('InvalidPartOrder');
  return wanted;
}

function selectParts(
  upload: MultipartUpload,
  wanted: readonly WantedPart[],
  uploaded: ReadonlyMap<number, UploadedPart>,
): readonly UploadedPart[] {
  return wanted.map(({ partNumber, eTag, elements }, index) => {
    const part = uploaded.get(partNumber);
    const checksum = elements[checksumElement(upload.checksumAlgorithm)];
    const details = { UploadId: upload.uploadId, PartNumber: partNumber, ETag: eTag };
    if (part === undefined || part.eTag !== eTag || (checksum !== undefined && checksum !== part.checksum)) {
      throw new AwsError('InvalidPart', { details });
    }
    if (index < wanted.length - 1 && part.segment.sizeBytes < MIN_PART_BYTES) {
      throw new AwsError('EntityTooSmall', {
        details: { ...details, ProposedSize: part.segment.sizeBytes, MinSizeAllowed: MIN_PART_BYTES },
      });
    }
    return part;
  });
}

async function assemble(upload: MultipartUpload, parts: readonly UploadedPart[]): Promise<StoredObject> {
  const md5 = createHash('md5');
  for (const { eTag } of parts) md5.update(Buffer.from(eTag, 'hex'));
  const segments = parts.map(({ segment }) => segment);
  return {
    key: upload.key,
    segments,
    sizeBytes: segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    eTag: `${md5.digest('hex')}-${parts.length}`,
    lastModifiedMs: nowMs(),
    headers: upload.headers,
    ...(upload.tags && { tags: upload.tags }),
    checksum: {
      algorithm: upload.checksumAlgorithm,
      type: upload.checksumType,
      value: await CHECKSUMS[upload.checksumType](upload.checksumAlgorithm, parts),
    },
  };
}

type ChecksumOfParts = (algorithm: ChecksumAlgorithm, parts: readonly UploadedPart[]) => Promise<string>;

const CHECKSUMS: Record<Checksum['type'], ChecksumOfParts> = {
  COMPOSITE: async (algorithm, parts) => {
    const digest = await createDigest(algorithm);
    for (const { checksum } of parts) digest.update(Buffer.from(checksum, 'base64'));
    return `${digest.digest().toString('base64')}-${parts.length}`;
  },
  FULL_OBJECT: async (algorithm, parts) => {
    let whole: Buffer | undefined;
    for (const { checksum, segment } of parts) {
      const tail = Buffer.from(checksum, 'base64');
      whole = whole === undefined ? tail : combineCrc(algorithm, whole, tail, segment.sizeBytes);
    }
    return (whole ?? Buffer.alloc(0)).toString('base64');
  },
};

/** Holds the whole against what the client says of it. */
function verifyWhole(request: S3Request, { checksum, sizeBytes }: StoredObject): void {
  const given = checksum && header(request, checksumHeader(checksum.algorithm));
  // The number of parts may be missing: minio-go sends it so.
  const isSame = given === checksum?.value || given === checksum?.value.replace(/-\d+$/, '');
  if (given !== undefined && !isSame) {
    throw new AwsError('BadDigest', {
      message: `The ${checksum?.algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
    });
  }
  const givenBytes = header(request, 'x-amz-mp-object-size');
  if (givenBytes !== undefined && Number(givenBytes) !== sizeBytes) {
    throw new AwsError('InvalidRequest', {
      message: `The provided 'x-amz-mp-object-size' header value ${givenBytes} does not match what was computed: ${sizeBytes}`,
    });
  }
}

/** @throws AwsError `InvalidArgument`. */
export function readPartNumber(text = ''): number {
  const partNumber = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (partNumber >= 1 && partNumber <= MAX_PART_NUMBER) return partNumber;
  throw new AwsError('InvalidArgument', {
    message: `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
    details: { ArgumentName: 'partNumber', ArgumentValue: text },
  });
}

export const uploadId = ({ query }: S3Request): string => query.get('uploadId') ?? '';
