/**
 * The file name in a Content-Disposition, as it was sent: `filename*` before `filename`. It is the server's word, and no path to
 * write to before `safeFileName()`.
 * @see https://www.rfc-editor.org/rfc/rfc6266#section-4.3
 */
export function dispositionFileName(header: string | null): string | undefined {
  const parameters = parametersOf(header ?? '');
  return extendedValue(parameters.get('filename*')) ?? plainValue(parameters.get('filename'));
}

/** Name, then a quoted string with backslashes or a token; more lenient than the grammar, as browsers are. */
const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]{1,64})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))/gs;

/** The first of each name counts. */
function parametersOf(header: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, token] of `;${header.replace(/^[^;="]*(?=;|$)/, '')}`.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/gs, '$1') ?? token ?? '');
  }
  return parameters;
}

/** `UTF-8''a%20b`; ISO-8859-1 as well, which RFC 8187 leaves free. */
function extendedValue(value: string | undefined): string | undefined {
  const [, charset = '', encoded = ''] = /^([^']*)'[^']*'(.*)$/s.exec(value ?? '') ?? [];
  if (/%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  const bytes = Uint8Array.from(encoded.matchAll(/%([0-9a-f]{2})|([^%])/gis), ([, hex, character = '']) =>
    hex === undefined ? character.charCodeAt(0) : Number.parseInt(hex, 16),
  );
  return decode(bytes, charset.toLowerCase()) || undefined;
}

/** A header's value comes as Latin-1; what browsers and servers send there beyond ASCII is UTF-8. */
function plainValue(value: string | undefined): string | undefined {
  if (value === undefined || [...value].some((character) => character > '\xff')) return value || undefined;
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
  return (decode(bytes, 'utf-8') ?? value) || undefined;
}

function decode(bytes: Uint8Array, charset: string): string | undefined {
  if (charset !== 'utf-8' && charset !== 'iso-8859-1') return undefined;
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
