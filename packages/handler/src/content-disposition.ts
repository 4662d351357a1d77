import { fileName } from './file-name.ts';

export type DispositionType = 'attachment' | 'inline';

/**
 * `filename` for clients that read nothing else (curl), first and in ASCII, then `filename*` with the real name, for all others.
 * @see https://www.rfc-editor.org/rfc/rfc6266#appendix-D
 * @see https://www.rfc-editor.org/rfc/rfc8187#section-3.2.1
 */
export function contentDisposition(type: DispositionType, path: string): string {
  const name = fileName(path);
  return `${type}; filename="${asciiName(name)}"; filename*=UTF-8''${extendedValue(name)}`;
}

/** Some clients decode `%` in it, so it holds none that they could. */
const asciiName = (name: string) => name.replace(/[^\x20-\x7e]/gu, '_').replace(/%(?=[0-9a-f]{2})/gi, '_');

/** What encodeURIComponent leaves bare and RFC 8187 does not. */
const extendedValue = (name: string) =>
  encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const PARAMETER = /;\s*(filename\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))/giy;

/**
 * The file name in a stored Content-Disposition, as it stands there: not safe yet. `filename*` comes first. Undefined when there is
 * none, or when the header cannot be read.
 */
export function storedFileName(header: string | undefined): string | undefined {
  const [type] = /^\s*[\w!#$&+.^`|~-]+\s*/.exec(header ?? '') ?? [];
  if (header === undefined || type === undefined) return undefined;
  const names = new Map<string, string>();
  PARAMETER.lastIndex = type.length;
  for (let match = PARAMETER.exec(header); match !== null; match = PARAMETER.exec(header)) {
    const [, parameter = '', quoted, token = ''] = match;
    names.set(parameter.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token);
  }
  return extendedName(names.get('filename*')) ?? nonEmpty(fromLatin1(names.get('filename')));
}

function extendedName(value: string | undefined): string | undefined {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(value ?? '') ?? [];
  try {
    return encoded === undefined ? undefined : nonEmpty(decodeURIComponent(encoded));
  } catch {
    return undefined;
  }
}

/** Node.js reads the bytes of a header as Latin-1. A name that was meant as UTF-8, as browsers take it, is UTF-8 again. */
function fromLatin1(text = ''): string {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.toString('latin1') !== text) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return text;
  }
}

const nonEmpty = (name: string | undefined) => (name === '' ? undefined : name);
