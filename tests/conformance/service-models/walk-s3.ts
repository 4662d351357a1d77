import type { Call } from './checked-call.ts';

const BUCKET = { Bucket: 'walked-bucket' };
const OBJECT = { ...BUCKET, Key: 'a b/ü.txt' };
const TAGS = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';
const BLOCK =
  '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>' +
  '<BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>';
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::walked-bucket/*' }],
});
const CopySource = '/walked-bucket/a%20b/%C3%BC.txt';

/** Every operation of S3 that is implemented. */
export async function walkS3(call: Call): Promise<void> {
  await call('CreateBucket', BUCKET);
  await call('HeadBucket', BUCKET);
  await call('ListBuckets');
  await walkSettings(call);
  await walkObjects(call);
  await walkUploads(call);
  await call('DeleteBucket', BUCKET);
}

async function walkSettings(call: Call): Promise<void> {
  for (const setting of ['Location', 'Versioning', 'Encryption', 'OwnershipControls', 'Acl']) {
    await call(`GetBucket${setting}`, BUCKET);
  }
  await call('PutBucketTagging', { ...BUCKET, Tagging: TAGS });
  await call('GetBucketTagging', BUCKET);
  await call('DeleteBucketTagging', BUCKET);
  await call('PutPublicAccessBlock', { ...BUCKET, PublicAccessBlockConfiguration: BLOCK });
  await call('GetPublicAccessBlock', BUCKET);
  await call('PutBucketPolicy', { ...BUCKET, Policy: POLICY });
  await call('GetBucketPolicy', BUCKET);
  await call('GetBucketPolicyStatus', BUCKET);
  await call('DeleteBucketPolicy', BUCKET);
  await call('DeletePublicAccessBlock', BUCKET);
}

async function walkObjects(call: Call): Promise<void> {
  await call('PutObject', { ...OBJECT, Body: 'walked', ContentType: 'text/plain', Tagging: 'a=b' });
  await call('HeadObject', { ...OBJECT, ChecksumMode: 'ENABLED' });
  await call('GetObject', { ...OBJECT, ChecksumMode: 'ENABLED' });
  await call('GetObjectAcl', OBJECT);
  await call('GetObjectAttributes', {
    ...OBJECT,
    ObjectAttributes: 'ETag,Checksum,ObjectSize,StorageClass,ObjectParts',
  });
  await call('PutObjectTagging', { ...OBJECT, Tagging: TAGS });
  await call('GetObjectTagging', OBJECT);
  await call('DeleteObjectTagging', OBJECT);
  await call('CopyObject', { ...BUCKET, Key: 'copy', CopySource });
  await call('ListObjects', { ...BUCKET, Delimiter: '/', MaxKeys: 1 });
  await call('ListObjectsV2', { ...BUCKET, FetchOwner: true, EncodingType: 'url' });
  await call('ListObjectsV2', { ...BUCKET, MaxKeys: 1, StartAfter: ' ' });
}

async function walkUploads(call: Call): Promise<void> {
  const upload = { ...BUCKET, Key: 'parts' };
  const { text } = await call('CreateMultipartUpload', upload);
  const UploadId = text('UploadId');
  const part = await call('UploadPart', { ...upload, UploadId, PartNumber: 1, Body: 'x'.repeat(5_242_880) });
  await call('UploadPartCopy', { ...upload, UploadId, PartNumber: 2, CopySource });
  const parts = await call('ListParts', { ...upload, UploadId });
  await call('ListMultipartUploads', BUCKET);
  const copied = /<PartNumber>2<.*?<ETag>(.*?)<\/ETag>/s.exec(parts.body)?.[1] ?? '';
  const MultipartUpload = [part.headers.get('etag') ?? '', copied].map(
    (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag.replaceAll('"', '&quot;')}</ETag></Part>`,
  );
  const document = `<CompleteMultipartUpload>${MultipartUpload.join('')}</CompleteMultipartUpload>`;
  await call('CompleteMultipartUpload', { ...upload, UploadId, MultipartUpload: document });
  const given = (await call('CreateMultipartUpload', upload)).text('UploadId');
  await call('AbortMultipartUpload', { ...upload, UploadId: given });
  await call('DeleteObject', OBJECT);
  const keys = ['copy', 'parts'].map((key) => `<Object><Key>${key}</Key></Object>`).join('');
  await call('DeleteObjects', { ...BUCKET, Delete: `<Delete>${keys}</Delete>` });
}
