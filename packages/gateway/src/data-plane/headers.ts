import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { HttpResponse } from '@spillway/http';
import type { AuthorizationType } from '@spillway/wire';

/** In the order sent; a name may stand several times, its case is kept. */
export type HeaderList = HttpResponse['headers'];

/** What API Gateway does with a header: rename it to `x-amzn-Remapped-{name}`, or drop it. What is not named passes. */
type HeaderRules = Readonly<Record<string, 'remap' | 'drop'>>;

/**
 * Responses of Lambda and HTTP proxies. Documented are more remapped names; recorded for proxies are these four, x-amzn-RequestId, and,
 * by many users, WWW-Authenticate.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
const PROXY_RESPONSE: HeaderRules = {
  connection: 'remap',
  'content-length': 'remap',
  date: 'remap',
  server: 'remap',
  'www-authenticate': 'remap',
  'x-amzn-requestid': 'remap',
  'keep-alive': 'drop',
  expect: 'drop',
  host: 'drop',
  'proxy-authenticate': 'drop',
  te: 'drop',
  trailer: 'drop',
  'transfer-encoding': 'drop',
  upgrade: 'drop',
  via: 'drop',
};

const REQUEST: HeaderRules = {
  connection: 'drop',
  'content-length': 'drop',
  'content-md5': 'drop',
  expect: 'drop',
  'keep-alive': 'drop',
  'max-forwards': 'drop',
  'proxy-authenticate': 'drop',
  server: 'drop',
  te: 'drop',
  trailer: 'drop',
  'transfer-encoding': 'drop',
  upgrade: 'drop',
  'www-authenticate': 'drop',
};

const HTTP_PROXY_REQUEST: HeaderRules = { ...REQUEST, 'content-encoding': 'drop', host: 'drop', via: 'drop' };

export const proxyResponseHeaders = (headers: HeaderList): HeaderList => apply(PROXY_RESPONSE, headers);
export const lambdaRequestHeaders = (headers: HeaderList, authorizationType: AuthorizationType): HeaderList =>
  apply(REQUEST, withoutSignature(headers, authorizationType));
export const httpProxyRequestHeaders = (headers: HeaderList, authorizationType: AuthorizationType): HeaderList =>
  apply(HTTP_PROXY_REQUEST, withoutSignature(headers, authorizationType));

/** `Authorization` ends here if it was for API Gateway itself, or could be taken for a signature of the caller's by whoever is next. */
function withoutSignature(headers: HeaderList, authorizationType: AuthorizationType): HeaderList {
  const isSigned = (headerValue(headers, 'authorization') ?? '').startsWith('AWS4-HMAC-SHA256');
  return isSigned || authorizationType === 'AWS_IAM' ? withoutHeader(headers, 'authorization') : headers;
}

function apply(rules: HeaderRules, headers: HeaderList): HeaderList {
  return headers.flatMap(([name, value]) => {
    const rule = rules[name.toLowerCase()];
    if (rule === 'drop') return [];
    return [[rule === 'remap' ? `x-amzn-Remapped-${name}` : name, value] as const];
  });
}

/** The last value of a header, whatever its case. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  return headers.findLast(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
}

/** Leaves out every header of that name, whatever its case. */
export function withoutHeader(headers: HeaderList, name: string): HeaderList {
  return headers.filter(([given]) => given.toLowerCase() !== name);
}

/** API Gateway's own default for every integration response that has no Content-Type. */
export function withContentType(headers: HeaderList): HeaderList {
  return headerValue(headers, 'content-type') === undefined
    ? [...headers, ['Content-Type', 'application/json']]
    : headers;
}

/** `rawHeaders` of Node as pairs. */
export function headerPairs(rawHeaders: readonly string[]): HeaderList {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  return pairs;
}

/** Why HTTP cannot carry this header; undefined when it can. */
export function headerFault(name: string, value: string): string | undefined {
  try {
    validateHeaderName(name);
  } catch {
    return `${JSON.stringify(name)} is no name of a header`;
  }
  try {
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return `the value of header ${JSON.stringify(name)} holds a line break or a character beyond Latin-1 (encode it; a file name as filename*=UTF-8''...)`;
  }
}
