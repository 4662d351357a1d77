import { AwsError } from '@spillway/wire';
import type { ByteRange } from './read-object.ts';

/**
 * Reads a `Range` header as S3 does, against an object of `sizeBytes`. Undefined means the whole object, without `Content-Range`:
 * no header, or one that S3 does not take (another unit, several ranges, `5-2`, not a range at all).
 * @throws AwsError `InvalidRange` (416) when no byte of the object is in range.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function readRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return suffix(Number(last), sizeBytes, header);
  const start = Number(first);
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last);
  if (end < start) return undefined;
  if (start >= sizeBytes) throw invalidRange(header, sizeBytes);
  return { start, end: Math.min(end, sizeBytes - 1) };
}

function suffix(lengthBytes: number, sizeBytes: number, header: string | undefined): ByteRange | undefined {
  if (lengthBytes === 0) throw invalidRange(header, sizeBytes);
  if (sizeBytes === 0) return undefined;
  return { start: Math.max(0, sizeBytes - lengthBytes), end: sizeBytes - 1 };
}

const invalidRange = (header = '', sizeBytes: number) =>
  new AwsError('InvalidRange', { details: { RangeRequested: header, ActualObjectSize: sizeBytes } });
