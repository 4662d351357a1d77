import { ExecutionError } from './execution-error.ts';
import type { FailureName } from './failures.ts';
import { type HeaderList, headerFault, proxyResponseHeaders, withContentType } from './headers.ts';

/** Status and headers as a function gave them, not yet remapped. */
export interface ProxyHead {
  readonly status: number;
  readonly headers: HeaderList;
}

/** A function's result in BUFFERED mode. */
export interface ProxyResponse extends ProxyHead {
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads the result of a function behind a BUFFERED integration, as tolerant as API Gateway is: scalars stand for texts, null for nothing.
 * @throws ExecutionError `malformedResponse` (502).
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
 */
export function readProxyResponse(text: string): ProxyResponse {
  const reader = new ResponseReader('malformedResponse', scalarText);
  const result = reader.object(text, ['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);
  const { body, isBase64Encoded } = result;
  return {
    ...reader.head(result),
    body: isNothing(body) ? '' : reader.text('body', body),
    isBase64Encoded: reader.boolean('isBase64Encoded', isBase64Encoded),
  };
}

/**
 * Reads the metadata of a stream: `headers` are single strings, `multiValueHeaders` lists, each cookie one Set-Cookie.
 * @throws ExecutionError `malformedMetadata` (502).
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export function readMetadata(text: string): ProxyHead {
  const reader = new ResponseReader('malformedMetadata', (value) => (typeof value === 'string' ? value : undefined));
  const metadata = reader.object(text, ['statusCode', 'headers', 'multiValueHeaders', 'cookies']);
  const { status, headers } = reader.head(metadata);
  const cookies = reader.list('cookies', metadata['cookies'] ?? []).map((cookie) => ['Set-Cookie', cookie] as const);
  return { status, headers: [...headers, ...cookies] };
}

/** What is sent: remapped, with the default Content-Type. */
export const sentHeaders = (headers: HeaderList): HeaderList => withContentType(proxyResponseHeaders(headers));

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;
const scalarText = (value: unknown) =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;

class ResponseReader {
  readonly #failure: FailureName;
  readonly #textOf: (value: unknown) => string | undefined;

  constructor(failure: FailureName, textOf: (value: unknown) => string | undefined) {
    this.#failure = failure;
    this.#textOf = textOf;
  }

  object(text: string, keys: readonly string[]): JsonObject {
    const value = this.#parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#fault(`the response is ${excerpt(text)}, not a JSON object`);
    }
    const unknown = Object.keys(value).find((key) => !keys.includes(key));
    if (unknown !== undefined) throw this.#fault(`the key ${JSON.stringify(unknown)} is not allowed`);
    return value as JsonObject;
  }

  head({ statusCode, headers, multiValueHeaders }: JsonObject): ProxyHead {
    const multi = this.#entries('multiValueHeaders', multiValueHeaders).flatMap(([name, values]) =>
      this.list(`multiValueHeaders.${name}`, values).map((value) => [name, value] as const),
    );
    const single = this.#entries('headers', headers)
      .filter(([, value]) => !isNothing(value))
      .map(([name, value]) => [name, this.text(`headers.${name}`, value)] as const);
    return { status: this.#status(statusCode), headers: this.#carried(merge(multi, single)) };
  }

  list(name: string, value: unknown): string[] {
    if (!Array.isArray(value)) throw this.#fault(`${name} is not a list`);
    return value.map((item, index) => this.text(`${name}[${index}]`, item));
  }

  text(name: string, value: unknown): string {
    const text = this.#textOf(value);
    if (text === undefined) throw this.#fault(`${name} is ${excerpt(JSON.stringify(value))}, not a string`);
    return text;
  }

  boolean(name: string, value: unknown): boolean {
    if (isNothing(value) || value === false || value === 'false') return false;
    if (value === true || value === 'true') return true;
    throw this.#fault(`${name} is ${excerpt(JSON.stringify(value))}, not a boolean`);
  }

  #entries(name: string, value: unknown): [string, unknown][] {
    if (isNothing(value)) return [];
    if (typeof value !== 'object' || Array.isArray(value)) throw this.#fault(`${name} is not an object`);
    return Object.entries(value);
  }

  #status(statusCode: unknown): number {
    if (isNothing(statusCode)) return 200;
    const text = typeof statusCode === 'string' || typeof statusCode === 'number' ? String(statusCode) : '';
    if (!/^[2-5]\d\d$/.test(text)) throw this.#fault(`statusCode is ${excerpt(JSON.stringify(statusCode))}`);
    return Number(text);
  }

  #carried(headers: HeaderList): HeaderList {
    for (const [name, value] of headers) {
      const fault = headerFault(name, value);
      if (fault !== undefined) throw this.#fault(fault);
    }
    return headers;
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#fault(`${excerpt(text)} is not JSON`);
    }
  }

  #fault(detail: string): ExecutionError {
    return new ExecutionError(this.#failure, { detail });
  }
}

/** Both maps, the multi-value one first and naming the header; a pair that stands in both is sent once. */
function merge(multi: HeaderList, single: HeaderList): HeaderList {
  const nameOf = (name: string) => multi.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[0] ?? name;
  const added = single
    .map(([name, value]) => [nameOf(name), value] as const)
    .filter(([name, value]) => !multi.some((pair) => pair[0] === name && pair[1] === value));
  return [...multi, ...added];
}

const excerpt = (text: string | undefined) =>
  text === undefined ? 'missing' : text.length > 80 ? `${text.slice(0, 80)}...` : text;
