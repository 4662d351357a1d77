import { AwsError } from '@spillway/wire';
import {
  createBucket,
  deleteBucket,
  deleteBucketPolicy,
  deletePublicAccessBlock,
  getBucketLocation,
  getBucketPolicy,
  getBucketPolicyStatus,
  getPublicAccessBlock,
  headBucket,
  listBuckets,
  putBucketPolicy,
  putPublicAccessBlock,
} from './bucket-operations.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import { copyObject, uploadPartCopy } from './copy-object.ts';
import { deleteObjects } from './delete-objects.ts';
import {
  getAcl,
  getBucketEncryption,
  getBucketOwnershipControls,
  getBucketVersioning,
  getObjectAttributes,
} from './fixed-settings.ts';
import { getObject, headObject } from './get-object.ts';
import { listObjects, listObjectsV2 } from './list-objects.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './multipart-operations.ts';
import type { Operation } from './operation.ts';
import { deleteObject, putObject } from './put-object.ts';
import type { S3Address } from './s3-request.ts';
import {
  deleteBucketTagging,
  deleteObjectTagging,
  getBucketTagging,
  getObjectTagging,
  putBucketTagging,
  putObjectTagging,
} from './tagging.ts';

/** By method, level and, after `?`, the query parameter that makes it this one; `copy` when a header names a source. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET service': { name: 'ListBuckets', level: 'service', run: listBuckets },
  'PUT bucket': { name: 'CreateBucket', level: 'new-bucket', run: createBucket },
  'DELETE bucket': { name: 'DeleteBucket', level: 'bucket', run: deleteBucket },
  'HEAD bucket': { name: 'HeadBucket', level: 'bucket', run: headBucket },
  'GET bucket': { name: 'ListObjects', level: 'bucket', run: listObjects },
  'GET bucket?list-type': { name: 'ListObjectsV2', level: 'bucket', run: listObjectsV2 },
  'GET bucket?location': { name: 'GetBucketLocation', level: 'bucket', run: getBucketLocation },
  'GET bucket?policy': { name: 'GetBucketPolicy', level: 'bucket', run: getBucketPolicy },
  'PUT bucket?policy': { name: 'PutBucketPolicy', level: 'bucket', run: putBucketPolicy },
  'DELETE bucket?policy': { name: 'DeleteBucketPolicy', level: 'bucket', run: deleteBucketPolicy },
  'GET bucket?policyStatus': { name: 'GetBucketPolicyStatus', level: 'bucket', run: getBucketPolicyStatus },
  'GET bucket?publicAccessBlock': { name: 'GetPublicAccessBlock', level: 'bucket', run: getPublicAccessBlock },
  'PUT bucket?publicAccessBlock': { name: 'PutPublicAccessBlock', level: 'bucket', run: putPublicAccessBlock },
  'DELETE bucket?publicAccessBlock': { name: 'DeletePublicAccessBlock', level: 'bucket', run: deletePublicAccessBlock },
  'GET bucket?tagging': { name: 'GetBucketTagging', level: 'bucket', run: getBucketTagging },
  'PUT bucket?tagging': { name: 'PutBucketTagging', level: 'bucket', run: putBucketTagging },
  'DELETE bucket?tagging': { name: 'DeleteBucketTagging', level: 'bucket', run: deleteBucketTagging },
  'GET bucket?uploads': { name: 'ListMultipartUploads', level: 'bucket', run: listMultipartUploads },
  'GET bucket?versioning': { name: 'GetBucketVersioning', level: 'bucket', run: getBucketVersioning },
  'GET bucket?encryption': { name: 'GetBucketEncryption', level: 'bucket', run: getBucketEncryption },
  'GET bucket?ownershipControls': {
    name: 'GetBucketOwnershipControls',
    level: 'bucket',
    run: getBucketOwnershipControls,
  },
  'GET bucket?acl': { name: 'GetBucketAcl', level: 'bucket', run: getAcl },
  'POST bucket?delete': { name: 'DeleteObjects', level: 'bucket', run: deleteObjects },
  'PUT object copy': { name: 'CopyObject', level: 'object', run: copyObject },
  'PUT object?uploadId copy': { name: 'UploadPartCopy', level: 'object', run: uploadPartCopy },
  'GET object?tagging': { name: 'GetObjectTagging', level: 'object', run: getObjectTagging },
  'PUT object?tagging': { name: 'PutObjectTagging', level: 'object', run: putObjectTagging },
  'DELETE object?tagging': { name: 'DeleteObjectTagging', level: 'object', run: deleteObjectTagging },
  'GET object?acl': { name: 'GetObjectAcl', level: 'object', run: getAcl },
  'GET object?attributes': { name: 'GetObjectAttributes', level: 'object', run: getObjectAttributes },
  'GET object': { name: 'GetObject', level: 'object', isRead: true, run: getObject },
  'HEAD object': { name: 'HeadObject', level: 'object', isRead: true, run: headObject },
  'PUT object': { name: 'PutObject', level: 'object', run: putObject },
  'DELETE object': { name: 'DeleteObject', level: 'object', run: deleteObject },
  'POST object?uploads': { name: 'CreateMultipartUpload', level: 'object', run: createMultipartUpload },
  'PUT object?uploadId': { name: 'UploadPart', level: 'object', run: uploadPart },
  'POST object?uploadId': { name: 'CompleteMultipartUpload', level: 'object', run: completeMultipartUpload },
  'DELETE object?uploadId': { name: 'AbortMultipartUpload', level: 'object', run: abortMultipartUpload },
  'GET object?uploadId': { name: 'ListParts', level: 'object', run: listParts },
};

/** Query parameters that make a request another operation. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
const SUBRESOURCES = [
  ...[
    'accelerate',
    'acl',
    'analytics',
    'attributes',
    'cors',
    'delete',
    'encryption',
    'intelligent-tiering',
    'inventory',
  ],
  ...[
    'legal-hold',
    'lifecycle',
    'list-type',
    'location',
    'logging',
    'metadataConfiguration',
    'metadataInventoryTable',
    'metadataJournalTable',
    'metadataTable',
    'metrics',
  ],
  ...[
    'notification',
    'object-lock',
    'ownershipControls',
    'policy',
    'policyStatus',
    'publicAccessBlock',
    'renameObject',
  ],
  ...['replication', 'requestPayment', 'restore', 'retention', 'select', 'session', 'tagging', 'torrent', 'uploadId'],
  ...['uploads', 'versioning', 'versions', 'website', 'abac'],
];

/** Names of what people are most likely to miss. */
const NOT_IMPLEMENTED: Readonly<Record<string, string>> = {
  'PUT bucket?acl': 'PutBucketAcl',
  'GET bucket?cors': 'GetBucketCors',
  'PUT bucket?cors': 'PutBucketCors',
  'PUT bucket?encryption': 'PutBucketEncryption',
  'PUT bucket?lifecycle': 'PutBucketLifecycleConfiguration',
  'PUT bucket?notification': 'PutBucketNotificationConfiguration',
  'PUT bucket?versioning': 'PutBucketVersioning',
  'GET bucket?versions': 'ListObjectVersions',
  'PUT bucket?website': 'PutBucketWebsite',
  'POST bucket': 'PostObject',
  'PUT object?acl': 'PutObjectAcl',
  'POST object?select': 'SelectObjectContent',
  'OPTIONS bucket': 'OPTIONS (CORS)',
  'OPTIONS object': 'OPTIONS (CORS)',
};

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS'];

/** @throws AwsError `NotImplemented` (501) by name; `MethodNotAllowed` (405) for a method that S3 does not know. */
export function findOperation(
  method: string,
  address: S3Address,
  query: ReadonlyMap<string, string>,
  isCopy = false,
): Operation {
  const level = address.bucketName === undefined ? 'service' : address.key === undefined ? 'bucket' : 'object';
  const subresource = SUBRESOURCES.find((name) => query.has(name));
  const route = `${method} ${level}${subresource === undefined ? '' : `?${subresource}`}`;
  const operation = OPERATIONS[isCopy && method === 'PUT' && level === 'object' ? `${route} copy` : route];
  if (operation !== undefined) return operation;
  if (!METHODS.includes(method)) throw new AwsError('MethodNotAllowed', { details: { Method: method } });
  const name = NOT_IMPLEMENTED[route] ?? route;
  throw new AwsError('NotImplemented', {
    message: `The operation ${name} is not implemented.`,
    details: { Operation: name },
  });
}
