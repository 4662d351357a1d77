import { UsageError } from '@spillway/wire';

/** @throws UsageError */
export function urlOption(command: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new UsageError(`${command} takes an http or https URL, not ${JSON.stringify(text)}.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      "a URL with user and password is not supported. Use --header 'Authorization: Basic ...' in its place.",
    );
  }
  return url.href;
}

/** @throws UsageError */
export function headerOption(command: string, text: string): [string, string] {
  const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/s.exec(text) ?? [];
  // The value is not repeated: it may be a secret.
  if (name === '' || /[\r\n\0]/.test(value)) {
    throw new UsageError("--header takes 'Name: value', a header's name and its value on one line.");
  }
  if (OWN_HEADERS.has(name.toLowerCase())) {
    throw new UsageError(`--header ${name}: ${command} sets this header itself, for ranges and their conditions.`);
  }
  return [name, value];
}

const OWN_HEADERS = new Set([
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
]);

/** In lower case. @throws UsageError */
export function sha256Option(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new UsageError('--sha256 takes 64 hexadecimal digits, as sha256sum prints them.');
}

/** @throws UsageError */
export function wholeOption(option: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${option} takes a whole number from ${least} on, not ${JSON.stringify(text)}.`);
}
