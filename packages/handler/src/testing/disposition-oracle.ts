// What RFC 6266 and RFC 8187 ask of a generated Content-Disposition, and what a file name may not be, as lists of code points: another
// way than the handler's.

const ATTR_CHARACTERS = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~');
const HEX = new Set('0123456789ABCDEF');
const FORBIDDEN = new Set('<>:"/\\|?*');
const DIRECTION_MARKS: readonly (readonly [number, number])[] = [
  [0x202a, 0x202e],
  [0x2066, 0x2069],
  [0x200e, 0x200f],
  [0x061c, 0x061c],
];
const DEVICES = new Set(
  ['CON', 'PRN', 'AUX', 'NUL'].concat(
    ...[...'123456789\u00b9\u00b2\u00b3'].map((digit) => [`COM${digit}`, `LPT${digit}`]),
  ),
);

/** Both names in a header; undefined when it is not what RFC 6266's appendix D tells a server to send. */
export function readGenerated(header: string): { readonly ascii: string; readonly name: string } | undefined {
  const start = 'attachment; filename="';
  const middle = `"; filename*=UTF-8''`;
  if (!header.startsWith(start)) return undefined;
  const end = header.indexOf('"', start.length);
  const ascii = header.slice(start.length, end);
  if (!header.startsWith(middle, end)) return undefined;
  const name = percentDecoded(header.slice(end + middle.length));
  return name === undefined || !isQuotable(ascii) ? undefined : { ascii, name };
}

function isQuotable(ascii: string): boolean {
  const isPrintable = [...ascii].every((character) => character >= ' ' && character <= '~' && character !== '\\');
  const hex = new Set('0123456789abcdefABCDEF');
  const looksEncoded = [...ascii].some(
    (sign, at) => sign === '%' && hex.has(ascii[at + 1] ?? '') && hex.has(ascii[at + 2] ?? ''),
  );
  return isPrintable && !looksEncoded && ascii !== '';
}

/** Strictly by the grammar of an ext-value. */
function percentDecoded(text: string): string | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (ATTR_CHARACTERS.has(character)) {
      bytes.push(character.charCodeAt(0));
    } else {
      if (character !== '%' || !HEX.has(text.charAt(at + 1)) || !HEX.has(text.charAt(at + 2))) return undefined;
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 2;
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

const FAULTS: readonly (readonly [string, (name: string, points: readonly number[]) => boolean])[] = [
  ['no name', (name) => name === '' || name === '.' || name === '..'],
  ['control character', (_, points) => points.some((point) => point < 0x20 || (point >= 0x7f && point <= 0x9f))],
  [
    'direction mark',
    (_, points) => points.some((point) => DIRECTION_MARKS.some(([from, to]) => point >= from && point <= to)),
  ],
  ['not for Windows', (name) => [...name].some((character) => FORBIDDEN.has(character))],
  ['lone surrogate', (_, points) => points.some((point) => point >= 0xd800 && point <= 0xdfff)],
  ['hidden', (name) => name.startsWith('.') || name.startsWith(' ')],
  ['end that Windows drops', (name) => name.endsWith('.') || name.endsWith(' ')],
  ['device', (name) => DEVICES.has((name.split('.')[0] ?? '').trimEnd().toUpperCase())],
  ['too long', (name) => new TextEncoder().encode(name).byteLength > 200],
];

/** Why nobody should save a file under this name; undefined when all is well. */
export function whyUnsafe(name: string): string | undefined {
  const points = [...name].map((character) => character.codePointAt(0) ?? 0);
  return FAULTS.find(([, isFault]) => isFault(name, points))?.[0];
}
