import { AdapterCrash } from '../adapter-crash.ts';
import { type HeaderMap, isVisibleAscii } from './header-map.ts';

export type QueryMap = ReadonlyMap<string, readonly string[]>;

/** In the form of HTML's forms: a space is `+`. */
export function queryString(query: QueryMap): string {
  const pairs = [...query].flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
  return new URLSearchParams(pairs).toString();
}

/** What a load balancer passes on undecoded is decoded here, as a whole, and read again. */
export function decodedQuery(query: QueryMap): QueryMap {
  const decoded = new Map<string, string[]>();
  // The ampersand keeps a question mark that the first name begins with.
  for (const [name, value] of new URLSearchParams(`&${percentDecoded(queryString(query))}`)) {
    decoded.set(name, [...(decoded.get(name) ?? []), value]);
  }
  return decoded;
}

/** Escapes that are no UTF-8 become U+FFFD, what is no escape stays. */
function percentDecoded(text: string): string {
  const bytes = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

export interface UriParts {
  readonly path: string;
  /** Single-valued: they alone say which host was asked for. */
  readonly headers: HeaderMap;
  readonly domainName?: string | null;
  /** Encoded, without question mark. */
  readonly query: string;
}

/**
 * The query that the app is asked with: the event's, behind one that the path may hold; undefined is none.
 * @throws AdapterCrash when the host is none, or the query holds a space or one of `"<>`.
 */
export function uriQuery({ path, headers, domainName, query }: UriParts): string | undefined {
  const hostHeader = headers.get('host')?.[0];
  const host = hostHeader !== undefined && isVisibleAscii(hostHeader) ? hostHeader : domainName;
  const base = host === undefined || host === null ? relative(path) : absolute(path, host, headers);
  const [uri = ''] = (query === '' ? base : `${base}?${query}`).split('#', 1);
  const mark = uri.indexOf('?');
  if (mark === -1) return undefined;
  const asked = uri.slice(mark + 1);
  if (FORBIDDEN_IN_QUERY.test(asked)) throw new AdapterCrash(`failed to build request: ${uri}`);
  return asked;
}

/** By AWS's HTTP library; few clients send it unencoded. */
const FORBIDDEN_IN_QUERY = /[^!$-;=?-\u{10ffff}]/u;

const relative = (path: string) => parse(`http://localhost${path}`).pathname;

function absolute(path: string, host: string, headers: HeaderMap): string {
  const scheme = headers.get('x-forwarded-proto')?.[0] ?? 'https';
  return parse(`${scheme}://${host}${path}`).href;
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw new AdapterCrash(`The event's host or path makes no URL: ${url}`);
  return new URL(url);
}
