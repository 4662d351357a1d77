// Multipart upload as the AWS CLI and lib-storage do it: Create, UploadPart, Complete, Abort, ListParts. Same as S3: the rules for
// part numbers, order and sizes, the ETag `md5-of-md5s-N`, COMPOSITE and FULL_OBJECT checksums. The completed object is made of the
// parts' files as they are, so completing is one rename whatever the size. Missing: UploadPartCopy, ListMultipartUploads (501).
import { createHash } from 'node:crypto';
import { AwsError } from '@spillway/wire';
import { OWNER, readDocument } from './bucket-operations.ts';
import {
  type ChecksumAlgorithm,
  checksumAlgorithm,
  checksumElement,
  checksumHeader,
  createDigest,
} from './checksum.ts';
import { combineCrc, isCombinable } from './crc-combine.ts';
import type { MultipartUpload, UploadedPart } from './multipart-uploads.ts';
import { storedHeaders } from './object-headers.ts';
import { emptyResponse, NO_CONTENT, type ObjectCall, type S3Response, xmlResponse } from './operation.ts';
import { checkWritePreconditions } from './preconditions.ts';
import { nowMs } from './put-object.ts';
import { header, type S3Request } from './s3-request.ts';
import type { Checksum, StoredObject } from './stored-object.ts';
import { uploadBody } from './upload-body.ts';
import { decodeXml } from './xml.ts';

const DEFAULT_ALGORITHM = 'CRC64NVME';
const MAX_PART_NUMBER = 10_000;
/** Of every part but the last. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5_242_880;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export async function createMultipartUpload({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const algorithmName = header(request, 'x-amz-checksum-algorithm');
  const algorithm = readAlgorithm(algorithmName);
  const upload = await bucket.uploads.create({
    key,
    initiatedMs: nowMs(),
    headers: storedHeaders(request),
    checksumAlgorithm: algorithm,
    checksumType: readChecksumType(header(request, 'x-amz-checksum-type'), algorithm),
    checksumRequired: algorithmName !== undefined,
  });
  const response = xmlResponse('InitiateMultipartUploadResult', {
    Bucket: bucket.name,
    Key: key,
    UploadId: upload.uploadId,
  });
  if (algorithmName === undefined) return response;
  return {
    ...response,
    headers: [
      ...response.headers,
      ['x-amz-checksum-algorithm', upload.checksumAlgorithm],
      ['x-amz-checksum-type', upload.checksumType],
    ],
  };
}

function readAlgorithm(name: string | undefined): ChecksumAlgorithm {
  if (name === undefined) return DEFAULT_ALGORITHM;
  const algorithm = checksumAlgorithm(name);
  if (algorithm !== undefined) return algorithm;
  throw new AwsError('NotImplemented', { message: `The checksum algorithm ${name} is not implemented.` });
}

function readChecksumType(name: string | undefined, algorithm: ChecksumAlgorithm): Checksum['type'] {
  if (name === undefined) return algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const type = name.toUpperCase();
  const isPossible = type === 'FULL_OBJECT' ? isCombinable(algorithm) : algorithm !== 'CRC64NVME';
  if ((type === 'FULL_OBJECT' || type === 'COMPOSITE') && isPossible) return type;
  throw new AwsError('InvalidRequest', {
    message: `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const upload = bucket.uploads.get(uploadId(request), key);
  const partNumber = readPartNumber(request.query.get('partNumber'));
  const body = await uploadBody(request, upload.checksumAlgorithm);
  refuseOtherChecksum(upload, body.declared?.algorithm);
  const segment = await bucket.write(body.body);
  const { eTag, checksum } = body.digests();
  await bucket.uploads.putPart(upload, {
    partNumber,
    segment,
    eTag,
    checksum: checksum.value,
    lastModifiedMs: nowMs(),
  });
  const { declared } = body;
  return emptyResponse([
    ['ETag', `"${eTag}"`],
    ...(declared?.value === undefined ? [] : [[checksumHeader(declared.algorithm), declared.value] as const]),
  ]);
}

function readPartNumber(text = ''): number {
  const partNumber = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (partNumber >= 1 && partNumber <= MAX_PART_NUMBER) return partNumber;
  throw new AwsError('InvalidArgument', {
    message: `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
    details: { ArgumentName: 'partNumber', ArgumentValue: text },
  });
}

/** An upload that was told its algorithm takes parts with that checksum only. Said before the body is read. */
function refuseOtherChecksum(
  { checksumRequired, checksumAlgorithm: expected }: MultipartUpload,
  actual: ChecksumAlgorithm | undefined,
): void {
  if (!checksumRequired || actual === expected) return;
  throw new AwsError('InvalidRequest', {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase() ?? 'null'}`,
  });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export async function completeMultipartUpload({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const id = uploadId(request);
  bucket.uploads.get(id, key);
  const wanted = readParts(await readDocument(request));
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
  if (given !== undefined && given !== checksum?.value) {
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

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export async function abortMultipartUpload({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  await bucket.uploads.abort(uploadId(request), key);
  return NO_CONTENT;
}

/** All parts at once: there are at most 10,000. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export async function listParts({ request, bucket, key }: ObjectCall): Promise<S3Response> {
  const upload = bucket.uploads.get(uploadId(request), key);
  const after = Number(request.query.get('part-number-marker') ?? 0);
  const all = bucket.uploads.parts(upload.uploadId, key).filter(({ partNumber }) => partNumber > after);
  const listed = all.slice(0, Math.min(1000, Number(request.query.get('max-parts') ?? 1000)));
  const isTruncated = listed.length < all.length;
  return xmlResponse('ListPartsResult', {
    Bucket: bucket.name,
    Key: key,
    UploadId: upload.uploadId,
    Initiator: OWNER,
    Owner: OWNER,
    StorageClass: 'STANDARD',
    PartNumberMarker: after,
    NextPartNumberMarker: isTruncated ? listed.at(-1)?.partNumber : undefined,
    MaxParts: 1000,
    IsTruncated: isTruncated,
    ChecksumAlgorithm: upload.checksumRequired ? upload.checksumAlgorithm : undefined,
    ChecksumType: upload.checksumRequired ? upload.checksumType : undefined,
    Part: listed.map(({ partNumber, lastModifiedMs, eTag, segment, checksum }) => ({
      PartNumber: partNumber,
      LastModified: new Date(lastModifiedMs).toISOString(),
      ETag: `"${eTag}"`,
      Size: segment.sizeBytes,
      [checksumElement(upload.checksumAlgorithm)]: checksum,
    })),
  });
}

const uploadId = ({ query }: S3Request) => query.get('uploadId') ?? '';
