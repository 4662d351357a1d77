import { type HeaderMap, isVisibleAscii } from './event/header-map.ts';

const TEXT_PREFIXES = ['text', 'application/json', 'application/javascript', 'application/xml', 'application/yaml'];
const TEXT_SUFFIXES = ['+xml', '+yaml', '+json'];

/** The encoding whose text a buffered response can hold as it is, or undefined: then it must be base64. */
export function textEncoding(headers: HeaderMap): string | undefined {
  if (headers.has('content-encoding')) return undefined;
  const [given] = headers.get('content-type') ?? [];
  if (given === undefined) return 'utf-8';
  const contentType = isVisibleAscii(given) ? given : '';
  return isText(contentType) || headers.get('x-lambda-http-content-encoding')?.[0] === 'text'
    ? charset(contentType)
    : undefined;
}

function isText(contentType: string): boolean {
  const [mimeType = ''] = contentType.trim().split(';', 1);
  return (
    TEXT_PREFIXES.some((prefix) => contentType.startsWith(prefix)) ||
    TEXT_SUFFIXES.some((suffix) => mimeType.endsWith(suffix))
  );
}

const charset = (contentType: string) => /;\s*charset="?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8';

/** A byte order mark is believed before `encoding`; what can't be decoded becomes U+FFFD. */
export function decodeText(bytes: Uint8Array, encoding: string): string {
  return decoder(markedEncoding(bytes) ?? encoding).decode(bytes);
}

function markedEncoding([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined;
}

function decoder(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding);
  } catch {
    return new TextDecoder();
  }
}
