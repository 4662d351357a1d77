import { ACCOUNT_ID, AwsError, type PublicAccessBlockConfiguration, readWhole } from '@spillway/wire';
import { type BucketCall, type Call, emptyResponse, NO_CONTENT, type S3Response, xmlResponse } from './operation.ts';
import { type S3Request, wholeNumber } from './s3-request.ts';
import { uploadBody } from './upload-body.ts';
import { decodeXml } from './xml.ts';

/** Whom buckets and objects belong to: the canonical user id is the account's number, padded. */
export const OWNER: { readonly ID: string } = { ID: ACCOUNT_ID.padStart(64, '0') };

/** Of a document in a request. The longest is the list of 10,000 parts, each with a checksum. */
const MAX_DOCUMENT_BYTES = 4_194_304;

/** A request's document, verified as any upload. */
export async function readDocument(request: S3Request): Promise<string> {
  const isEmpty = request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined;
  if (isEmpty) return '';
  const { body } = await uploadBody(request, 'CRC32');
  return Buffer.from(await readWhole(body, MAX_DOCUMENT_BYTES, 'EntityTooLarge')).toString();
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export async function listBuckets({ request, buckets, region }: Call): Promise<S3Response> {
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const maxBuckets = wholeNumber(query, 'max-buckets', 10_000);
  const isHere = (query.get('bucket-region') ?? region) === region;
  const found = buckets.all().filter(({ name }) => isHere && name.startsWith(prefix) && name > after);
  const listed = found.slice(0, maxBuckets);
  const Bucket = listed.map(({ name, createdMs }) => ({
    Name: name,
    CreationDate: new Date(createdMs).toISOString(),
    BucketRegion: region,
  }));
  return xmlResponse('ListAllMyBucketsResult', {
    Owner: OWNER,
    Buckets: { Bucket },
    Prefix: query.get('prefix'),
    ContinuationToken: listed.length < found.length ? listed.at(-1)?.name : undefined,
  });
}

/**
 * In us-east-1 a bucket of one's own may be created again, as on S3.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export async function createBucket({ request, buckets, region }: Call, bucketName: string): Promise<S3Response> {
  const text = await readDocument(request);
  const constraint = text === '' ? undefined : decodeXml(text, 'CreateBucketConfiguration')['LocationConstraint'];
  const itsRegion = typeof constraint === 'string' && constraint !== '' ? constraint : 'us-east-1';
  if (itsRegion !== region) {
    throw new AwsError('IllegalLocationConstraintException', {
      message:
        constraint === undefined
          ? 'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.'
          : `The ${itsRegion} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    });
  }
  if (buckets.has(bucketName) && region !== 'us-east-1') {
    throw new AwsError('BucketAlreadyOwnedByYou', { details: { BucketName: bucketName } });
  }
  await buckets.create(bucketName);
  return emptyResponse([['Location', `/${bucketName}`]]);
}

export async function deleteBucket({ buckets, bucket }: BucketCall): Promise<S3Response> {
  await buckets.delete(bucket.name);
  return NO_CONTENT;
}

export async function headBucket({ region }: BucketCall): Promise<S3Response> {
  return emptyResponse([
    ['x-amz-bucket-region', region],
    ['x-amz-access-point-alias', 'false'],
    ['Content-Type', 'application/xml'],
  ]);
}

/** Empty for us-east-1. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export async function getBucketLocation({ region }: BucketCall): Promise<S3Response> {
  return xmlResponse('LocationConstraint', { '#text': region === 'us-east-1' ? '' : region });
}

export async function getBucketPolicy({ bucket }: BucketCall): Promise<S3Response> {
  const { text } = policyOf(bucket);
  const bytes = Buffer.from(text);
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/json'],
      ['Content-Length', String(bytes.byteLength)],
    ],
    body: (async function* () {
      yield bytes;
    })(),
  };
}

export async function putBucketPolicy({ request, bucket, report }: BucketCall): Promise<S3Response> {
  const { notEvaluated } = await bucket.putPolicy(await readDocument(request));
  for (const statement of notEvaluated) report(`Bucket policy of ${bucket.name}, not evaluated: ${statement}`);
  return NO_CONTENT;
}

export async function deleteBucketPolicy({ bucket }: BucketCall): Promise<S3Response> {
  await bucket.deletePolicy();
  return NO_CONTENT;
}

export async function getBucketPolicyStatus({ bucket }: BucketCall): Promise<S3Response> {
  return xmlResponse('PolicyStatus', { IsPublic: String(policyOf(bucket).isPublic) });
}

function policyOf({ policy, name }: BucketCall['bucket']) {
  if (policy === undefined) throw new AwsError('NoSuchBucketPolicy', { details: { BucketName: name } });
  return policy;
}

export async function getPublicAccessBlock({ bucket }: BucketCall): Promise<S3Response> {
  const { name, publicAccessBlock: block } = bucket;
  if (block === undefined) {
    throw new AwsError('NoSuchPublicAccessBlockConfiguration', { details: { BucketName: name } });
  }
  return xmlResponse('PublicAccessBlockConfiguration', {
    BlockPublicAcls: block.blockPublicAcls,
    IgnorePublicAcls: block.ignorePublicAcls,
    BlockPublicPolicy: block.blockPublicPolicy,
    RestrictPublicBuckets: block.restrictPublicBuckets,
  });
}

/** A switch that is not named is off. */
export async function putPublicAccessBlock({ request, bucket }: BucketCall): Promise<S3Response> {
  const document = decodeXml(await readDocument(request), 'PublicAccessBlockConfiguration');
  const isOn = (name: string) => String(document[name] ?? 'false').toLowerCase() === 'true';
  const configuration: PublicAccessBlockConfiguration = {
    blockPublicAcls: isOn('BlockPublicAcls'),
    ignorePublicAcls: isOn('IgnorePublicAcls'),
    blockPublicPolicy: isOn('BlockPublicPolicy'),
    restrictPublicBuckets: isOn('RestrictPublicBuckets'),
  };
  await bucket.putPublicAccessBlock(configuration);
  return emptyResponse();
}

export async function deletePublicAccessBlock({ bucket }: BucketCall): Promise<S3Response> {
  await bucket.putPublicAccessBlock(undefined);
  return NO_CONTENT;
}
