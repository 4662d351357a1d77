import type { IncomingMessage } from 'node:http';
import type { HttpResponse } from '@spillway/http';
import type { FunctionUrlCors } from '@spillway/wire';

type Headers = HttpResponse['headers'];

/** Whether Lambda answers it itself, whatever the authorisation. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** Without the headers of CORS when the origin is not allowed. */
export function preflightResponse(cors: FunctionUrlCors, origin: string): HttpResponse {
  const headers = originHeaders(cors, origin);
  const { allowMethods = [], allowHeaders = [], maxAge } = cors;
  const more: Headers = [
    ...list('Access-Control-Allow-Methods', allowMethods),
    ...list('Access-Control-Allow-Headers', allowHeaders),
    ...(maxAge === undefined ? [] : [['Access-Control-Max-Age', String(maxAge)] as const]),
  ];
  return { status: 200, headers: [...headers, ...(headers.length === 0 ? [] : more), ['Content-Length', '0']] };
}

/** What is configured stands in place of what the function says. */
export function withCors(headers: Headers, cors: FunctionUrlCors | undefined, origin: string | undefined): Headers {
  if (cors === undefined) return headers;
  const own = headers.filter(([name]) => !/^access-control-/i.test(name));
  const allowed = origin === undefined ? [] : originHeaders(cors, origin);
  return [
    ...own,
    ...allowed,
    ...(allowed.length === 0 ? [] : list('Access-Control-Expose-Headers', cors.exposeHeaders)),
  ];
}

function originHeaders({ allowOrigins = [], allowCredentials = false }: FunctionUrlCors, origin: string): Headers {
  const isAny = allowOrigins.includes('*');
  if (!isAny && !allowOrigins.includes(origin)) return [];
  if (isAny && !allowCredentials) return [['Access-Control-Allow-Origin', '*']];
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Vary', 'Origin'],
    ...(allowCredentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
  ];
}

const list = (name: string, values: readonly string[] = []): Headers =>
  values.length === 0 ? [] : [[name, values.join(',')]];
