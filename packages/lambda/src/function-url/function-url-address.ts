import type { IncomingMessage } from 'node:http';
import { parseTarget } from '@spillway/http';

/** Where a request of a function URL's client points. */
export interface FunctionUrlAddress {
  readonly urlId: string;
  /** Undefined when the request came by path. */
  readonly region?: string;
  /** What follows the function URL: raw, as sent, with a leading slash. */
  readonly rawPath: string;
  /** As sent, without `?`. */
  readonly rawQuery: string;
  /** Without port: the host that the client named; undefined when the request came by path. */
  readonly domainName?: string;
}

const HOST = /^(([a-z0-9]+)\.lambda-url\.([a-z0-9-]+)\.localhost)(?::\d+)?$/;
const PATH = /^\/_aws\/lambda-url\/([^/]+)(\/.*)?$/s;

/**
 * Reads `{urlId}.lambda-url.{region}.localhost/{path}`, and `/_aws/lambda-url/{urlId}/{path}` on any host.
 * Undefined when the request is not for a function URL.
 */
export function functionUrlAddress(request: IncomingMessage): FunctionUrlAddress | undefined {
  const { rawPath, rawQuery } = parseTarget(request.url ?? '/');
  const [, domainName, hostUrlId, region] = HOST.exec((request.headers.host ?? '').toLowerCase()) ?? [];
  if (domainName !== undefined && hostUrlId !== undefined && region !== undefined) {
    return { urlId: hostUrlId, region, domainName, rawPath, rawQuery };
  }
  const [, urlId, rest = '/'] = PATH.exec(rawPath) ?? [];
  return urlId === undefined ? undefined : { urlId, rawPath: rest, rawQuery };
}
