import { promisify } from 'node:util';
import { type HeaderMap, isVisibleAscii } from './event/header-map.ts';

const MIN_BYTES = 32;
const BROTLI_QUALITY = 4;

export interface AppBody {
  readonly headers: HeaderMap;
  readonly body: Buffer;
}

/** What may be compressed. The size counts only when the app said it in advance. */
export interface CompressibleBody extends AppBody {
  readonly isSizeKnown: boolean;
}

/**
 * The response in the best encoding that the client accepts, br before gzip, if it is worth it: not when it is small, encoded already,
 * part of a whole, an image (but SVG), gRPC or server-sent events.
 */
export async function compressed(whole: CompressibleBody, acceptEncoding: readonly string[]): Promise<AppBody> {
  if (!isWorthIt(whole)) return whole;
  const { headers, body } = whole;
  const varied = withVary(headers);
  const encoding = preferredEncoding(acceptEncoding);
  if (encoding === 'identity') return { headers: varied, body };
  const encoded = new Map(varied);
  encoded.delete('accept-ranges');
  encoded.delete('content-length');
  encoded.set('content-encoding', [encoding]);
  return { headers: encoded, body: await encode(encoding, body) };
}

function isWorthIt({ headers, body, isSizeKnown }: CompressibleBody): boolean {
  const given = headers.get('content-type')?.[0] ?? '';
  const contentType = isVisibleAscii(given) ? given : '';
  return (
    !headers.has('content-encoding') &&
    !headers.has('content-range') &&
    (!isSizeKnown || body.byteLength >= MIN_BYTES) &&
    !/^application\/grpc|^text\/event-stream|^image\/(?!svg\+xml$)/.test(contentType)
  );
}

function withVary(headers: HeaderMap): HeaderMap {
  const values = headers.get('vary') ?? [];
  if (values.some((value) => value.toLowerCase().includes('accept-encoding'))) return headers;
  return new Map([...headers, ['vary', [...values, 'accept-encoding']]]);
}

type Encoding = 'br' | 'gzip' | 'identity';

/** From most to least preferred. */
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  br: 'br',
  gzip: 'gzip',
  'x-gzip': 'gzip',
  identity: 'identity',
};

/** Reads `Accept-Encoding`; what is unknown or malformed counts for nothing. */
export function preferredEncoding(acceptEncoding: readonly string[]): Encoding {
  const qualities = new Map<Encoding, number>();
  for (const part of acceptEncoding.flatMap((value) => value.split(','))) {
    const [name = '', ...rest] = part.split(';');
    const encoding = ENCODINGS[name.trim().toLowerCase()];
    const quality = rest.length === 0 ? 1 : qualityOf(rest.join(';').trim());
    if (encoding) qualities.set(encoding, Math.max(quality, qualities.get(encoding) ?? 0));
  }
  const best = Math.max(0, ...qualities.values());
  const found = Object.values(ENCODINGS).find((encoding) => qualities.get(encoding) === best);
  return best > 0 && found ? found : 'identity';
}

function qualityOf(parameter: string): number {
  const [, quality] = /^q=([01](?:\.\d{0,3})?)$/i.exec(parameter) ?? [];
  return quality !== undefined && Number(quality) <= 1 ? Number(quality) : 0;
}

async function encode(encoding: 'br' | 'gzip', body: Buffer): Promise<Buffer> {
  const zlib = await import('node:zlib');
  if (encoding === 'gzip') return await promisify(zlib.gzip)(body);
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  return await promisify(zlib.brotliCompress)(body, { params });
}
