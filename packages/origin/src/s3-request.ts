import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type ChunkSignatures, requestTarget, type Signature } from '@spillway/http';
import { AwsError } from '@spillway/wire';

/** What a request is about: the account (no bucket), a bucket (no key) or an object. */
export interface S3Address {
  readonly bucketName?: string;
  readonly key?: string;
  /** The Host names the bucket. */
  readonly isVirtualHosted: boolean;
}

/** A request to S3, its address read and its signature judged. */
export interface S3Request {
  readonly message: IncomingMessage;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Decoded. The first of several of one name. */
  readonly query: ReadonlyMap<string, string>;
  readonly signature: Signature;
  /** Verifies the signatures in the body. Undefined where there are none, or none that anyone verifies. */
  readonly chunkSignatures?: ChunkSignatures | undefined;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;

const VIRTUAL_HOST =
  /^(?<bucketName>.+)\.s3(?:\.dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-\d+)?\.(?:localhost|amazonaws\.com)(?::\d+)?$/i;

/**
 * Reads bucket and key from the target as sent: path-style, or `{bucket}.s3.localhost` and `{bucket}.s3.{region}.localhost`, or the
 * same below `amazonaws.com`, as functions have it that call AWS's own hosts. A key is percent-decoded once and never normalised.
 * @throws AwsError `InvalidURI` (not UTF-8), `KeyTooLongError`.
 */
export function readAddress(message: IncomingMessage): S3Address {
  const { rawPath } = requestTarget(message);
  const hostBucket = VIRTUAL_HOST.exec(message.headers.host ?? '')?.groups?.['bucketName'];
  if (hostBucket !== undefined) return address(hostBucket.toLowerCase(), rawPath.slice(1), true);
  const slash = rawPath.indexOf('/', 1);
  const rawBucket = slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash);
  if (rawBucket === '' && slash < 0) return { isVirtualHosted: false };
  return address(decode(rawBucket), slash < 0 ? '' : rawPath.slice(slash + 1), false);
}

function address(bucketName: string, rawKey: string, isVirtualHosted: boolean): S3Address {
  if (rawKey === '') return { bucketName, isVirtualHosted };
  const key = decode(rawKey);
  checkKey(key);
  return { bucketName, key, isVirtualHosted };
}

/** @throws AwsError `KeyTooLongError`. */
export function checkKey(key: string): void {
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes <= MAX_KEY_BYTES) return;
  throw new AwsError('KeyTooLongError', { details: { Size: sizeBytes, MaxSizeAllowed: MAX_KEY_BYTES } });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new AwsError('InvalidURI', { cause: error, details: { URI: text } });
  }
}

export function readQuery(message: IncomingMessage): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of requestTarget(message).query) if (!query.has(name)) query.set(name, value);
  return query;
}

/** A query signature may cover these as parameters, in the place of headers that whoever has the URL would have to send. */
const HOISTED = /^(x-amz-.*|content-type|content-md5)$/;
/** As S3 was seen to do: a checksum in a URL is part of what is signed, and says nothing about the body. */
const NOT_HOISTED = /^x-amz-(checksum-(?!mode$|algorithm$|type$)|sdk-checksum-algorithm$)/;

/** The headers that count: those sent, and those that a query signature has among its parameters. */
export function effectiveHeaders(
  { headers }: IncomingMessage,
  query: ReadonlyMap<string, string>,
  { kind }: Signature,
): IncomingHttpHeaders {
  if (kind !== 'query-v4' && kind !== 'query-v2') return headers;
  // The SDK for Go writes them as `X-Amz-Meta-Name`.
  const named = [...query].map(([name, value]) => [name.toLowerCase(), value] as const);
  const hoisted = named.filter(([name]) => HOISTED.test(name) && !NOT_HOISTED.test(name));
  return { ...Object.fromEntries(hoisted.map(([name, value]) => [name, headerText(value, name)])), ...headers };
}

/** UTF-8 as header bytes, one character a byte. @throws AwsError `InvalidArgument` for control characters. */
export function headerText(value: string, name: string): string {
  if (/(?!\t)[\p{Cc}]/u.test(value)) {
    throw new AwsError('InvalidArgument', {
      message: 'Header value cannot be represented using ISO-8859-1.',
      details: { ArgumentName: name, ArgumentValue: value },
    });
  }
  return Buffer.from(value).toString('latin1');
}

/** A header's value; several are one, as Node joins them. */
export function header({ headers }: Pick<S3Request, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** A query parameter that counts something. @throws AwsError `InvalidArgument`. */
export function wholeNumber(query: S3Request['query'], name: string, byDefault: number): number {
  const text = query.get(name);
  if (text === undefined || text === '') return byDefault;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new AwsError('InvalidArgument', {
    message: `Provided ${name} not an integer or within integer range`,
    details: { ArgumentName: name, ArgumentValue: text },
  });
}
