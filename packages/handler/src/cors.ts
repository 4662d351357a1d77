/** What a page of another origin may read, beside what every page may. */
const EXPOSED = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'ETag',
  'Last-Modified',
  'Location',
  'Repr-Digest',
  'Retry-After',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-type',
].join(', ');

/** Headers for an answer to a page of `origin`; none when it is not allowed. https://fetch.spec.whatwg.org/#http-cors-protocol */
export function corsHeaders(origin: string | undefined, allowed: readonly string[]): Record<string, string> {
  if (allowed.length === 0) return {};
  if (allowed.includes('*')) return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED };
  if (origin === undefined || !allowed.includes(origin)) return { Vary: 'Origin' };
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED, Vary: 'Origin' };
}

/** What a page may send in any case: ranges, conditions and who asks. */
const REQUEST_HEADERS = [
  'Authorization',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Range',
];

/** Answer to a preflight, when the route has a method OPTIONS. @param more names of request headers beside the usual ones */
export const preflightHeaders = (more: readonly string[]): Record<string, string> => ({
  'Access-Control-Allow-Methods': 'GET, HEAD',
  'Access-Control-Allow-Headers': [...REQUEST_HEADERS, ...more].join(', '),
  'Access-Control-Max-Age': '86400',
});
