import { STATUS_CODES } from 'node:http';
import { decodeText, textEncoding } from './body-text.ts';
import type { HeaderMap } from './event/header-map.ts';
import type { EventKind } from './event/http-event.ts';

/** What the app answered, whole. */
export interface AppResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: Buffer;
}

/**
 * The answer that the maker of the event wants, as JSON. The body is text where its type says so, base64 otherwise.
 * @throws Error when a header is no UTF-8: AWS's adapter ends then.
 */
export function bufferedResponse(kind: EventKind, response: AppResponse): Buffer {
  return Buffer.from(JSON.stringify(ANSWERS[kind](response)));
}

const ANSWERS: Readonly<Record<EventKind, (response: AppResponse) => unknown>> = {
  'api-gateway-v1': (response) => ({
    statusCode: response.status,
    // Empty, since API Gateway would join both.
    headers: {},
    multiValueHeaders: allValues(response.headers),
    ...encodedBody(response),
  }),
  'api-gateway-v2': (response) => {
    const { 'set-cookie': cookies = [], ...headers } = allValues(response.headers);
    return {
      statusCode: response.status,
      headers: firstOf(headers),
      multiValueHeaders: {},
      ...encodedBody(response),
      cookies,
    };
  },
  'application-load-balancer': (response) => {
    const multiValueHeaders = allValues(response.headers);
    return {
      statusCode: response.status,
      statusDescription: `${response.status} ${reason(response.status)}`,
      headers: firstOf(multiValueHeaders),
      multiValueHeaders,
      ...encodedBody(response),
    };
  },
  'pass-through': (response) => {
    const encoding = textEncoding(response.headers);
    return encoding === undefined ? null : jsonOrNull(decodeText(response.body, encoding));
  },
};

type Values = Readonly<Record<string, readonly string[]>>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const allValues = (headers: HeaderMap): Values =>
  Object.fromEntries(
    [...headers].map(([name, values]) => [name, values.map((value) => utf8.decode(Buffer.from(value, 'latin1')))]),
  );

const firstOf = (headers: Values) =>
  Object.fromEntries(Object.entries(headers).map(([name, [first]]) => [name, first]));

function encodedBody({ headers, body }: AppResponse) {
  const encoding = textEncoding(headers);
  return encoding === undefined
    ? { body: body.toString('base64'), isBase64Encoded: true }
    : { body: decodeText(body, encoding), isBase64Encoded: false };
}

/** Where Node.js's words are not those of AWS's adapter. */
const OTHER_REASONS: Readonly<Record<number, string>> = { 418: "I'm a teapot", 509: '' };

const reason = (status: number) => OTHER_REASONS[status] ?? STATUS_CODES[status] ?? '';

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
