import type { IncomingMessage } from 'node:http';

/** A request's target as sent: nothing decoded, nothing normalised. */
export interface RequestTarget {
  /** Starts with `/`. */
  readonly rawPath: string;
  /** Without `?`; empty when there is none. */
  readonly rawQuery: string;
  /** In the order sent, percent-decoded, `+` kept. A pair without `=` has an empty value. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

export function requestTarget(request: IncomingMessage): RequestTarget {
  return parseTarget(request.url ?? '/');
}

/** Reads origin-form (`/path?query`) and absolute-form (`http://host/path?query`) targets. */
export function parseTarget(target: string): RequestTarget {
  const originForm = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '');
  const mark = originForm.indexOf('?');
  const rawPath = (mark < 0 ? originForm : originForm.slice(0, mark)) || '/';
  const rawQuery = mark < 0 ? '' : originForm.slice(mark + 1);
  return { rawPath: rawPath.startsWith('/') ? rawPath : `/${rawPath}`, rawQuery, query: parseQuery(rawQuery) };
}

function parseQuery(rawQuery: string): RequestTarget['query'] {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0) return [percentDecode(pair), ''] as const;
      return [percentDecode(pair.slice(0, equals)), percentDecode(pair.slice(equals + 1))] as const;
    });
}

/** Decodes `%XX` as UTF-8; what is not a valid escape stays as it is. */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString());
  }
}
