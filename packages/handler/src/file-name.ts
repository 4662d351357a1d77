// Written as escapes, so that nobody has to trust what an editor shows. Control characters; invisible ones, among them those that turn
// the direction of text around (`exe.fdp` would be read as `pdf.exe`), but for the two joiners that scripts and emoji need; lone
// surrogates; line separators; noncharacters; what Windows does not allow.
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufdd0-\ufdef\ufffe\uffff<>:"/\\|?*]/gu;
/** Reserved with any extension. https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?=[ .]|$)/i;
/** File systems hold 255 bytes; what clients append (`.part`, ` (1)`) must fit, too. */
const MAX_NAME_BYTES = 200;
const NAMELESS = 'download';

/**
 * A name that every file system takes and that shows what it is: the last part of `path`, with `_` for each character that could
 * do harm. Never empty, never hidden, never more than 200 bytes of UTF-8.
 */
export function fileName(path: string): string {
  const last = path.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  const safe = last.replace(UNSAFE, '_').replace(/^[. ]+/, '_');
  return withoutTail(shortened(undeviced(withoutTail(safe)))) || NAMELESS;
}

/** Windows drops them, so that another name would come out. */
const withoutTail = (name: string) => name.replace(/[. \u00a0\u3000]+$/u, '');

const undeviced = (name: string) => name.replace(WINDOWS_DEVICE, '_$&');

/** What goes is the end of the name before its extension, whole characters at a time. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const extension = /\.[\w-]{1,16}$/.exec(name)?.[0] ?? '';
  let roomBytes = MAX_NAME_BYTES - extension.length;
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    roomBytes -= Buffer.byteLength(character);
    if (roomBytes < 0) break;
    stem += character;
  }
  return stem + extension;
}
