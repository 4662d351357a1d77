/**
 * The header that makes a browser save the object under the last part of its key. `filename` is for clients that read nothing else
 * (curl), `filename*` for all others. RFC 6266, RFC 8187.
 */
export function contentDisposition(key: string): string {
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

function fileName(key: string): string {
  const last = key.split('/').findLast((part) => part !== '') ?? '';
  const safe = last
    .replace(UNSAFE, '_')
    .replace(/^[. ]+/, '_')
    .replace(/[. ]+$/, '')
    .replace(WINDOWS_DEVICE, '_$&');
  return shortened(safe) || 'download';
}

/** File systems hold 255 bytes. What goes is the end of the name before its extension. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const extension = /\.[\w-]{1,16}$/.exec(name)?.[0] ?? '';
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    if (Buffer.byteLength(stem + character + extension) > MAX_NAME_BYTES) break;
    stem += character;
  }
  return stem + extension;
}
