import { percentDecode } from '@spillway/http';
import { ACCOUNT_ID } from '@spillway/wire';
import type { FunctionUrlRequest } from './function-url-request.ts';

/** Who signed a request to a function URL with AWS_IAM. */
export interface IamCaller {
  readonly accessKeyId: string;
}

/** Of the connection, and what a client cannot say of itself. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Bodies that are given as text. All others are base64, forms too. */
const TEXT_TYPES = /^text\/|^application\/(?:[\w.-]+\+)?(?:json|xml|javascript)$/;

/**
 * The event of a function URL, payload format 2.0.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload
 */
export function functionUrlEvent(
  request: FunctionUrlRequest,
  region: string,
  traceId: string,
  caller?: IamCaller,
): object {
  const { address, headers } = request;
  const cookies = (headers.get('cookie') ?? '').split(/;\s*/).filter((cookie) => cookie !== '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: address.rawPath,
    rawQueryString: address.rawQuery,
    ...(cookies.length > 0 && { cookies }),
    headers: eventHeaders(request, traceId),
    ...queryStringParameters(address.rawQuery),
    requestContext: requestContext(request, region, caller),
    ...eventBody(request),
  };
}

function eventHeaders({ headers, sourceIp, port }: FunctionUrlRequest, traceId: string): Record<string, string> {
  return {
    ...Object.fromEntries([...headers].filter(([name]) => !NOT_PASSED_ON.has(name))),
    'x-amzn-trace-id': traceId,
    'x-forwarded-for': [headers.get('x-forwarded-for'), sourceIp].filter(Boolean).join(', '),
    'x-forwarded-port': String(port),
    'x-forwarded-proto': 'http',
  };
}

/** Left out without a query; the values of one name joined by a comma. */
function queryStringParameters(rawQuery: string): { readonly queryStringParameters?: Record<string, string> } {
  const values = new Map<string, string>();
  for (const pair of rawQuery.split('&').filter((part) => part !== '')) {
    const [name = '', ...rest] = pair.split('=').map((part) => percentDecode(part.replaceAll('+', ' ')));
    const before = values.get(name);
    values.set(name, [...(before === undefined ? [] : [before]), rest.join('=')].join(','));
  }
  return values.size === 0 ? {} : { queryStringParameters: Object.fromEntries(values) };
}

function requestContext(request: FunctionUrlRequest, region: string, caller: IamCaller | undefined): object {
  const { address, headers, method, protocol, sourceIp, requestId, receivedAtMs } = request;
  return {
    accountId: caller === undefined ? 'anonymous' : ACCOUNT_ID,
    apiId: address.urlId,
    ...(caller && { authentication: null, authorizer: { iam: iamOf(caller) } }),
    domainName: address.domainName ?? `${address.urlId}.lambda-url.${region}.localhost`,
    domainPrefix: address.urlId,
    http: { method, path: address.rawPath, protocol, sourceIp, userAgent: headers.get('user-agent') ?? '' },
    requestId,
    routeKey: '$default',
    stage: '$default',
    time: requestTime(receivedAtMs),
    timeEpoch: receivedAtMs,
  };
}

/** Every caller is the account itself. */
const iamOf = ({ accessKeyId }: IamCaller) => ({
  accessKey: accessKeyId,
  accountId: ACCOUNT_ID,
  callerId: ACCOUNT_ID,
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: `arn:aws:iam::${ACCOUNT_ID}:root`,
  userId: ACCOUNT_ID,
});

function eventBody({ body, headers }: FunctionUrlRequest): object {
  if (body.byteLength === 0) return { isBase64Encoded: false };
  const mediaType = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isBase64Encoded = headers.has('content-encoding') || !TEXT_TYPES.test(mediaType);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

/** `04/Mar/2020:19:15:17 +0000` */
function requestTime(timestampMs: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(timestampMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
