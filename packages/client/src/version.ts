/** Which of its versions an answer shows of an object. */
export interface Version {
  readonly etag?: string;
  readonly lastModified?: string;
  /** Whether parts with this version may be put together. RFC 9110, 8.8.1 and 15.3.7.3. */
  readonly isStrong: boolean;
}

/** What the headers of a 200, 206 or a HEAD say. */
export function versionOf(headers: Headers): Version {
  const etag = headers.get('etag')?.trim();
  const lastModified = headers.get('last-modified')?.trim();
  const isStrong = etag ? !etag.startsWith('W/') : isStrongDate(lastModified, headers.get('date'));
  return { ...(etag && { etag }), ...(lastModified && { lastModified }), isStrong };
}

/** A date is a strong validator when the object could not change again within its second. RFC 9110, 8.8.2.2. */
function isStrongDate(lastModified: string | undefined, date: string | null): boolean {
  return Date.parse(date ?? '') - Date.parse(lastModified ?? '') >= 1000;
}

/**
 * The conditions that hold a range to a version. If-Match, not If-Range: an object that changed costs an empty 412 and not a
 * whole new body, and S3 has no If-Range.
 */
export function conditionsOf({ etag, lastModified, isStrong }: Version): Readonly<Record<string, string>> {
  if (!isStrong) return {};
  if (etag !== undefined) return { 'If-Match': etag };
  return lastModified === undefined ? {} : { 'If-Unmodified-Since': lastModified };
}

/** `untold` when the answer lacks what the version is known by. A server may ignore every condition: each answer is compared. */
export function compareVersion(expected: Version, headers: Headers): 'same' | 'changed' | 'untold' {
  const actual = versionOf(headers);
  const name = expected.etag === undefined ? 'lastModified' : 'etag';
  if (expected[name] === undefined) return 'same';
  if (actual[name] === undefined) return 'untold';
  return actual[name] === expected[name] ? 'same' : 'changed';
}
