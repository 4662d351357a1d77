/** An HTTP endpoint. The path stays as written: a URL parser would resolve `..` and change escapes. */
export interface HttpUri {
  readonly protocol: 'http:' | 'https:';
  /** With the port, if one is written. */
  readonly host: string;
  readonly path: string;
  /** Without `?`. */
  readonly rawQuery: string;
}

export function parseHttpUri(uri: string): HttpUri | undefined {
  const [, scheme, host, path = '', rawQuery = ''] = /^(https?):\/\/([^/?#\s]+)([^?#]*)(?:\?([^#]*))?/i.exec(uri) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  return { protocol: scheme.toLowerCase() === 'https' ? 'https:' : 'http:', host, path: path || '/', rawQuery };
}
