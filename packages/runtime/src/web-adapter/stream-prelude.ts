import { type HeaderMap, isVisibleAscii } from './event/header-map.ts';

const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/**
 * The prelude of a streamed response, JSON. A header with several values is an array among the strings; a value that is not visible
 * ASCII is left out, which makes an empty array of a lone one.
 */
export function streamPrelude(status: number, headers: HeaderMap): string {
  const { 'set-cookie': cookies = [], ...others } = Object.fromEntries(headers);
  const shown = Object.entries(others).map(([name, values]) => [name, oneOrArray(values)]);
  return JSON.stringify({
    statusCode: status,
    headers: { 'content-type': DEFAULT_CONTENT_TYPE, ...Object.fromEntries(shown) },
    cookies: cookies.map((cookie) => Buffer.from(cookie, 'latin1').toString()),
  });
}

function oneOrArray(values: readonly string[]): string | readonly string[] {
  const readable = values.filter(isVisibleAscii);
  const [first] = readable;
  return values.length === 1 && first !== undefined ? first : readable;
}
