import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '@spillway/wire';
import type { StoredObject } from './stored-object.ts';

/**
 * Holds a read against its conditional headers, in RFC 9110's order, which is S3's too: If-Match that holds outweighs
 * If-Unmodified-Since, If-None-Match that fails outweighs If-Modified-Since. A date that is none, or to come, says nothing.
 * @throws AwsError `PreconditionFailed` (412), `NotModified` (304).
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function checkReadPreconditions(headers: IncomingHttpHeaders, object: StoredObject, nowMs: number): void {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  const unmodifiedSince = dateMs(headers['if-unmodified-since'], nowMs);
  const modifiedSince = dateMs(headers['if-modified-since'], nowMs);
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.eTag)) throw preconditionFailed('If-Match');
  } else if (unmodifiedSince !== undefined && object.lastModifiedMs > unmodifiedSince) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, object.eTag, true)) throw new AwsError('NotModified');
  } else if (modifiedSince !== undefined && object.lastModifiedMs <= modifiedSince) {
    throw new AwsError('NotModified');
  }
}

/**
 * Holds a write against `If-None-Match: *` and `If-Match`.
 * @throws AwsError `PreconditionFailed`, `NoSuchKey` (If-Match where there is nothing), `NotImplemented` (If-None-Match of an ETag).
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWritePreconditions(
  headers: IncomingHttpHeaders,
  current: StoredObject | undefined,
  key: string,
): void {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
    throw new AwsError('NotImplemented', {
      message: 'A header you provided implies functionality that is not implemented',
      details: { Header: 'If-None-Match' },
    });
  }
  if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
  if (ifMatch === undefined) return;
  if (current === undefined) throw new AwsError('NoSuchKey', { details: { Key: key } });
  if (!matches(ifMatch, current.eTag)) throw preconditionFailed('If-Match');
}

/** Whether `If-Range` lets a Range count: a strong ETag, or the very date. */
export function ifRangeHolds(header: string | undefined, { eTag, lastModifiedMs }: StoredObject): boolean {
  if (header === undefined) return true;
  return header.trim() === `"${eTag}"` || Date.parse(header) === lastModifiedMs;
}

function matches(header: string, eTag: string, weakly = false): boolean {
  if (header.trim() === '*') return true;
  return [...header.matchAll(/(W\/)?(?:"([^"]*)"|([^\s,"]+))/g)].some(
    ([, weak, quoted, bare]) => (weakly || weak === undefined) && (quoted ?? bare) === eTag,
  );
}

function dateMs(header: string | undefined, nowMs: number): number | undefined {
  const timeMs = Date.parse(header ?? '');
  return Number.isNaN(timeMs) || timeMs > nowMs ? undefined : timeMs;
}

const preconditionFailed = (condition: string) =>
  new AwsError('PreconditionFailed', { details: { Condition: condition } });
