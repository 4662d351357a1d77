import { Problem } from './problem.ts';

/** S3's limit, bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;

/**
 * API Gateway hands the path over as it was sent, so it is decoded here, and nowhere again: `%252e` is the text `%2e`.
 * @throws Problem 400 for what is not percent-encoded UTF-8.
 */
export function decodeKey(encodedKey: string): string {
  try {
    return decodeURIComponent(encodedKey);
  } catch (cause) {
    throw new Problem(400, 'The path is not valid percent-encoded UTF-8.', { cause });
  }
}

/** The key of `name` below `prefix`. @throws Problem 404 for what could mean another place than it says, or can be no key. */
export function prefixedKey(name: string, prefix: string): string {
  const key = `${prefix}${name}`;
  if (name === '' || isDeceptive(name) || Buffer.byteLength(key) > MAX_KEY_BYTES) throw noSuchObject();
  return key;
}

export const noSuchObject = (cause?: unknown): Problem => new Problem(404, 'There is no such object.', { cause });

/** A prefix ends where a directory does: `public` alone would let `public-not/` in. */
export const directoryPrefix = (prefix: string): string =>
  prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;

/**
 * S3 takes `..` for a name, HTTP clients and proxies on the way take it for a step up, some of them a backslash for a slash, and some
 * decode once more. Control characters and lone surrogates stand in no honest key.
 */
function isDeceptive(name: string): boolean {
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return true;
  return name.split(/[/\\]|%2f|%5c/i).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
}
