// DeleteObjects. Same as S3: up to 1,000 keys, quiet or not, a digest of the document is needed. Missing: versions and conditions of single
// keys (each such key gets the error NotImplemented).
import { AwsError } from '@spillway/wire';
import { readDocument } from './bucket-operations.ts';
import { type BucketCall, type S3Response, xmlResponse } from './operation.ts';
import { checkKey } from './s3-request.ts';
import { decodeXml } from './xml.ts';

const MAX_KEYS = 1000;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(call: BucketCall): Promise<S3Response> {
  const { request } = call;
  const hasDigest = Object.keys(request.headers).some((name) =>
    /^(content-md5$|x-amz-checksum-|x-amz-trailer$)/.test(name),
  );
  if (!hasDigest) {
    throw new AwsError('InvalidRequest', { message: 'Missing required header for this request: Content-MD5' });
  }
  const { Object: wanted, Quiet: quiet } = decodeXml(await readDocument(request), 'Delete');
  const objects = Array.isArray(wanted) ? wanted : [wanted];
  if (objects.length > MAX_KEYS || objects.some((each) => typeof each !== 'object' || each === null)) {
    throw new AwsError('MalformedXML');
  }
  const results = [];
  for (const each of objects as Record<string, unknown>[]) results.push(await deleted(call, each));
  const isQuiet = String(quiet).toLowerCase() === 'true';
  return xmlResponse('DeleteResult', {
    Deleted: isQuiet ? [] : results.filter((result) => !('Code' in result)),
    Error: results.filter((result) => 'Code' in result),
  });
}

async function deleted({ bucket }: BucketCall, element: Record<string, unknown>): Promise<Record<string, string>> {
  const Key = typeof element['Key'] === 'string' ? element['Key'] : '';
  try {
    refuseConditions(element);
    if (Key === '') throw new AwsError('UserKeyMustBeSpecified');
    checkKey(Key);
    await bucket.delete(Key, () => {});
    return { Key };
  } catch (error) {
    const { code, message } = error instanceof AwsError ? error : new AwsError('InternalError', { cause: error });
    return { Key, Code: code, Message: message };
  }
}

function refuseConditions(element: Record<string, unknown>): void {
  const name = ['VersionId', 'ETag', 'LastModifiedTime', 'Size'].find((each) => element[each] !== undefined);
  if (name === undefined || (name === 'VersionId' && element[name] === 'null')) return;
  throw new AwsError('NotImplemented', { message: `${name} of a key to be deleted is not implemented.` });
}
