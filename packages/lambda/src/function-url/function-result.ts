import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { HttpResponse } from '@spillway/http';

type Headers = HttpResponse['headers'];
type JsonObject = Readonly<Record<string, unknown>>;

/** Status and headers as a function gave them, not yet renamed. */
export interface ResultHead {
  readonly status: number;
  readonly headers: Headers;
}

/** What a function gave is no answer of HTTP: the client sees a 502. The message says why. */
export class BadResult extends Error {
  override readonly name = 'BadResult';
}

/**
 * Reads what a function returned, BUFFERED: a response of payload format 2.0, or anything else, which is the body.
 * @throws BadResult
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 */
export function readFunctionResult(payload: Uint8Array): ResultHead & { readonly body: Uint8Array } {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
  const result = parsed(text, 'the response');
  if (!isObject(result) || result['statusCode'] === undefined) {
    return { status: 200, headers: [], body: Buffer.from(typeof result === 'string' ? result : text) };
  }
  return { ...headOf(result), body: bodyOf(result) };
}

/** Reads what stands before the delimiter of a stream. @throws BadResult */
export function readPrelude(text: string): ResultHead {
  const prelude = parsed(text, 'what stands before the eight NUL bytes');
  if (!isObject(prelude)) throw new BadResult(`what stands before the eight NUL bytes is ${excerpt(text)}, no object`);
  return headOf(prelude);
}

function headOf({ statusCode, headers, cookies }: JsonObject): ResultHead {
  if (!isNothing(headers) && !isObject(headers)) throw new BadResult('headers is no object');
  if (!isNothing(cookies) && !Array.isArray(cookies)) throw new BadResult('cookies is no list');
  const given = Object.entries(headers ?? {}).flatMap(([name, value]) => headerValues(name, value));
  const set = (cookies ?? []).map((cookie: unknown) => ['Set-Cookie', textOf('cookies', cookie)] as const);
  for (const [name, value] of [...given, ...set]) assertCarried(name, value);
  return { status: statusOf(statusCode), headers: [...given, ...set] };
}

/** A list is what Lambda Web Adapter makes of a header that stands several times. */
function headerValues(name: string, value: unknown): Headers {
  if (isNothing(value)) return [];
  return (Array.isArray(value) ? value : [value]).map((each: unknown) => [name, textOf(`headers.${name}`, each)]);
}

function statusOf(statusCode: unknown): number {
  if (isNothing(statusCode)) return 200;
  const text = typeof statusCode === 'string' || typeof statusCode === 'number' ? String(statusCode) : '';
  if (/^[2-5]\d\d$/.test(text)) return Number(text);
  throw new BadResult(`statusCode is ${excerpt(JSON.stringify(statusCode))}`);
}

function bodyOf({ body, isBase64Encoded }: JsonObject): Uint8Array {
  if (isNothing(body)) return new Uint8Array();
  const text = typeof body === 'object' ? JSON.stringify(body) : String(body);
  return Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8');
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new BadResult(`${name} is ${excerpt(JSON.stringify(value))}, not a string`);
}

function assertCarried(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw new BadResult(`HTTP cannot carry the header ${excerpt(JSON.stringify(name))} with its value`);
  }
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadResult(`${what} is ${excerpt(text)}, no JSON`);
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;
const excerpt = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}...` : text);
