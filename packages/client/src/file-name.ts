/** Longest name that file systems hold: 255 bytes on Linux. */
const MAX_NAME_BYTES = 255;
/** Room for what stands behind the name while the download goes on. */
const RESERVED_BYTES = '.part.json.new'.length;

/**
 * Written as escapes, so that nobody has to trust what an editor shows: control characters; invisible ones, among them those that
 * turn the direction of text around (`exe.fdp` would be read as `pdf.exe`), but for the two joiners that scripts and emoji need; lone
 * surrogates; line separators; what Windows does not allow.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029<>:"/\\|?*]/gu;
/** Reserved with any extension. https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?=[ .]|$)/i;

/**
 * Makes one component of a path out of a name that somebody else chose: the last part of it, without what leaves the directory,
 * hides the file, shows another extension than it has, or does not fit a file system. `download` when nothing is left.
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).findLast((part) => part.trim() !== '') ?? '';
  const safe = last
    .normalize('NFC')
    .replace(UNSAFE, '_')
    .trim()
    .replace(/^\.+/, '_')
    .replace(/[. ]+$/, '')
    .replace(WINDOWS_DEVICE, '_$&');
  return /^_*$/.test(safe) ? 'download' : shortened(safe);
}

/** What goes is the end of the name before its extension. */
function shortened(name: string): string {
  const limitBytes = MAX_NAME_BYTES - RESERVED_BYTES;
  if (byteLength(name) <= limitBytes) return name;
  const extension = /\.[\w-]{1,16}$/.exec(name)?.[0] ?? '';
  let stem = '';
  let sizeBytes = extension.length;
  for (const character of name.slice(0, name.length - extension.length)) {
    sizeBytes += byteLength(character);
    if (sizeBytes > limitBytes) break;
    stem += character;
  }
  return stem.replace(/[. ]+$/, '') + extension;
}

const byteLength = (text: string) => new TextEncoder().encode(text).byteLength;

/** The last part of a URL's path, decoded once. */
export function urlFileName(url: string): string {
  const segment = new URL(url).pathname.split('/').findLast((part) => part !== '') ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
