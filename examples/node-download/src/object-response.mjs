import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({
  // As long as API Gateway waits for a silent stream. By default a stalled body hangs for ever.
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 300_000 },
});

/**
 * Asks S3 for the object that the request names: GetObject for GET, HeadObject for HEAD. Settles when S3 has answered, before the
 * body comes. `object` is missing when there is none to send; `message` then says why.
 */
export async function openObject(event) {
  const key = objectKey(event);
  if (key === undefined) return failure(400, 'The path is not valid percent-encoded UTF-8.');
  const input = { Bucket: process.env.BUCKET_NAME, Key: key };
  try {
    const object =
      event.httpMethod === 'HEAD'
        ? await s3.send(new HeadObjectCommand(input))
        : await s3.send(new GetObjectCommand({ ...input, Range: rangeOf(event) }));
    return { statusCode: object.ContentRange ? 206 : 200, headers: objectHeaders(key, object), object };
  } catch (error) {
    console.error(error);
    return upstreamFailure(error);
  }
}

/** A REST API hands the path over as it was sent, still encoded. Decoding it twice would let `%252e` through as a dot. */
function objectKey({ pathParameters }) {
  try {
    return decodeURIComponent(pathParameters.key);
  } catch {
    return undefined;
  }
}

/** S3 knows no If-Range; the whole object is always a right answer to it. */
function rangeOf({ headers }) {
  const byName = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return byName.has('if-range') ? undefined : byName.get('range');
}

function objectHeaders(key, object) {
  const headers = {
    'Content-Type': object.ContentType ?? 'application/octet-stream',
    'Content-Length': object.ContentLength,
    'Content-Disposition': contentDisposition(key),
    'Content-Encoding': object.ContentEncoding,
    'Content-Range': object.ContentRange,
    'Accept-Ranges': 'bytes',
    ETag: object.ETag,
    'Last-Modified': object.LastModified?.toUTCString(),
    'X-Content-Type-Options': 'nosniff',
  };
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
}

/** Whose fault it was: 4xx when the request names what is not there, 502 and 504 when S3 does not do its part. */
function upstreamFailure(error) {
  const status = error.$metadata?.httpStatusCode;
  if (error.name === 'NoSuchBucket') return failure(502, 'The bucket does not exist.');
  if (status === 404) return failure(404, 'There is no such object.');
  if (status === 403) return failure(403, 'The object may not be read, or does not exist.');
  if (status === 416) {
    const size = error.ActualObjectSize;
    const range = size === undefined ? {} : { 'Content-Range': `bytes */${size}` };
    return failure(416, 'No byte of the object is in the range.', range);
  }
  // A HEAD error has no body, so S3's own 400 has no name either: a key that is too long is one.
  if (status === 400) return failure(400, 'S3 does not accept this key.');
  if (error.name === 'TimeoutError' || error.code === 'ETIMEDOUT') return failure(504, 'S3 did not answer in time.');
  return failure(502, 'S3 could not be read.');
}

function failure(statusCode, reason, headers = {}) {
  const message = JSON.stringify({ message: reason });
  const length = String(Buffer.byteLength(message));
  return {
    statusCode,
    headers: { 'Content-Type': 'application/json', 'Content-Length': length, 'Cache-Control': 'no-store', ...headers },
    message,
  };
}

/**
 * The header that makes a browser save the object under the last part of its key. `filename` is for clients that read nothing else
 * (curl), `filename*` for all others. RFC 6266, RFC 8187.
 */
export function contentDisposition(key) {
  const name = fileName(key);
  const ascii = name.replace(/[^\x20-\x7e]/gu, '_').replace(/%(?=[0-9a-f]{2})/gi, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

// Written as escapes, so that nobody has to trust what an editor shows: control characters, marks that turn the direction of text
// around (`exe.fdp` would be read as `pdf.exe`), and what Windows does not allow.
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069<>:"/\\|?*]/gu;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|(?:com|lpt)[1-9¹²³])(?=\.|$)/i;
const MAX_NAME_BYTES = 200;

function fileName(key) {
  const last = key.split('/').findLast((part) => part !== '') ?? '';
  const safe = last
    .replace(UNSAFE, '_')
    .replace(/^[. ]+/, '_')
    .replace(/[. ]+$/, '')
    .replace(WINDOWS_DEVICE, '_$&');
  return shortened(safe) || 'download';
}

/** File systems hold 255 bytes. What goes is the end of the name before its extension. */
function shortened(name) {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const extension = /\.[\w-]{1,16}$/.exec(name)?.[0] ?? '';
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    if (Buffer.byteLength(stem + character + extension) > MAX_NAME_BYTES) break;
    stem += character;
  }
  return stem + extension;
}
