import { askPart } from './ask-part.ts';
import { type Finding, fail, pass, skip, warn } from './check.ts';
import { type Endpoint, strongEtag } from './endpoint.ts';

/** Of an answer that should have no body, or a small one. */
const LIMIT_BYTES = 16_384;
const OTHER_TAG = '"no-version-of-this-object"';

export async function checkIfMatch(endpoint: Endpoint): Promise<Finding> {
  const other = await askPart(endpoint.exchange, { 'If-Match': OTHER_TAG }, LIMIT_BYTES);
  if (other.status !== 412) {
    return fail(
      `If-Match with another ETag: status ${other.status}, not 412`,
      'pass If-Match on to the store: parallel ranges are held to one version by it',
    );
  }
  const etag = strongEtag(endpoint);
  if (etag === undefined) return skip('412 for another ETag; no strong one of its own to try');
  const own = await askPart(endpoint.exchange, { 'If-Match': etag }, LIMIT_BYTES);
  if (own.status === 200) return pass('412 for another ETag, 200 for its own');
  return fail(
    `If-Match with its own ETag: status ${own.status}`,
    'compare it with the ETag as it is sent, quotes included',
  );
}

export async function checkIfNoneMatch(endpoint: Endpoint): Promise<Finding> {
  const { etag } = endpoint.version;
  if (etag === undefined) return skip('no ETag');
  return expectNotModified(endpoint, 'If-None-Match', etag, fail);
}

export async function checkIfModifiedSince(endpoint: Endpoint): Promise<Finding> {
  const { lastModified } = endpoint.version;
  if (lastModified === undefined) return skip('no Last-Modified');
  return expectNotModified(endpoint, 'If-Modified-Since', lastModified, warn);
}

async function expectNotModified(
  endpoint: Endpoint,
  name: string,
  value: string,
  otherwise: typeof fail,
): Promise<Finding> {
  const { status, bytes } = await askPart(endpoint.exchange, { [name]: value }, LIMIT_BYTES);
  if (status === 304 && bytes.byteLength === 0) return pass(`${name} with its own: 304, no body`);
  return otherwise(
    `${name} with its own: status ${status}, not 304`,
    'answer 304: caches and browsers fetch all of it again otherwise',
  );
}
