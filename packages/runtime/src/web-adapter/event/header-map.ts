/** By lower-case name. A value has one character for each byte. */
export type HeaderMap = Map<string, string[]>;

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FORBIDDEN_IN_VALUE = /[^\t\x20-\x7e\x80-\u{10ffff}]/u;

export const isHeaderName = (name: string): boolean => NAME.test(name);

/** The bytes of `text` in UTF-8, as a header value; undefined when HTTP forbids it. */
export function headerValue(text: string): string | undefined {
  return FORBIDDEN_IN_VALUE.test(text) ? undefined : Buffer.from(text).toString('latin1');
}

/** Of a header's value: whether it can be read as text. */
export const isVisibleAscii = (value: string): boolean => /^[\t\x20-\x7e]*$/.test(value);

/** The headers of a response as they came, without those in `dropped`. */
export function headerMap(rawHeaders: readonly string[], dropped: readonly string[]): HeaderMap {
  const map: HeaderMap = new Map();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (!dropped.includes(name)) append(map, name, rawHeaders[index + 1] ?? '');
  }
  return map;
}

export function append(map: HeaderMap, name: string, value: string): void {
  const values = map.get(name);
  if (values) values.push(value);
  else map.set(name, [value]);
}
