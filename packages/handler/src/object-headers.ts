import { contentDisposition, type DispositionType, storedFileName } from './content-disposition.ts';
import { digestHeaders } from './digest-headers.ts';
import { parseEntityTag } from './entity-tag.ts';
import { isPassive, safeMediaType } from './media-type.ts';
import type { ObjectMetadata } from './object-store/object-store.ts';
import type { ByteRange } from './range.ts';

/** How an object is to be presented. */
export interface Presentation {
  readonly key: string;
  readonly disposition: DispositionType;
  /** In place of the stored one or the key's. */
  readonly fileName?: string | undefined;
  /** In place of the stored one. */
  readonly cacheControl?: string | undefined;
}

/** Headers of a 200, 206 or HEAD. Each value is checked here: the metadata is the uploader's. */
export function objectHeaders(
  metadata: ObjectMetadata,
  presentation: Presentation,
  range: ByteRange | undefined,
): Record<string, string> {
  const { sizeBytes, contentEncoding, contentLanguage } = metadata;
  const lengthBytes = range === undefined ? sizeBytes : range.last - range.first + 1;
  return {
    ...representationHeaders(metadata, presentation),
    ...present('Content-Encoding', contentEncoding !== 'identity' ? listOfTokens(contentEncoding) : undefined),
    ...present('Content-Language', listOfTokens(contentLanguage)),
    ...present('Content-Length', lengthBytes?.toString()),
    ...(range === undefined ? {} : { 'Content-Range': `bytes ${range.first}-${range.last}/${sizeBytes ?? '*'}` }),
    ...validatorHeaders(metadata, presentation),
    ...digestHeaders(metadata.checksums, range !== undefined),
    'Accept-Ranges': 'bytes',
  };
}

/** Content-Type and what keeps a browser from taking it for anything else. */
export function representationHeaders(metadata: ObjectMetadata, presentation: Presentation): Record<string, string> {
  const contentType = safeMediaType(metadata.contentType);
  const mayShow = presentation.disposition === 'inline' && isPassive(contentType);
  const name = presentation.fileName ?? storedFileName(metadata.contentDisposition) ?? presentation.key;
  return {
    'Content-Type': contentType,
    'Content-Disposition': contentDisposition(mayShow ? 'inline' : 'attachment', name),
    'X-Content-Type-Options': 'nosniff',
    ...(isPassive(contentType) ? {} : { 'Content-Security-Policy': "default-src 'none'; sandbox" }),
  };
}

/** Headers of a 304, and among those of a 200. */
export function validatorHeaders(
  { eTag, lastModifiedMs, cacheControl }: ObjectMetadata,
  presentation: Presentation,
): Record<string, string> {
  return {
    ...present('ETag', isAscii(eTag) && parseEntityTag(eTag) ? eTag : undefined),
    ...present('Last-Modified', lastModifiedMs === undefined ? undefined : new Date(lastModifiedMs).toUTCString()),
    'Cache-Control': presentation.cacheControl ?? safeCacheControl(cacheControl) ?? 'no-cache, no-transform',
  };
}

const present = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: value };

const isAscii = (text: string | undefined) => text !== undefined && /^[\x20-\x7e]{1,1024}$/.test(text);

const listOfTokens = (text: string | undefined) =>
  text !== undefined && /^[\w-]{1,32}(?: *, *[\w-]{1,32}){0,7}$/.test(text) ? text : undefined;

const safeCacheControl = (text: string | undefined) =>
  text !== undefined &&
  /^[\w-]+(?:=(?:[\w-]+|"[\w ,-]*"))?(?: *, *[\w-]+(?:=(?:[\w-]+|"[\w ,-]*"))?)*$/.test(text) &&
  text.length <= 200
    ? text
    : undefined;
