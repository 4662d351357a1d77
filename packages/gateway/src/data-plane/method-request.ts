import type { IncomingMessage } from 'node:http';
import { percentDecode, toBody } from '@spillway/http';
import { AwsError, concatBytes, type Limits } from '@spillway/wire';
import type { ExecuteApiAddress } from './execute-api-address.ts';
import { ExecutionError } from './execution-error.ts';
import { type HeaderList, headerPairs, headerValue } from './headers.ts';

/** A client's request before its body was read. */
export interface MethodRequestHead extends ExecuteApiAddress {
  /** The one to route by: `X-HTTP-Method-Override` changes it. */
  readonly httpMethod: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
  readonly headers: HeaderList;
  /** Decoded, `+` as a blank, in the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly sourceIp: string;
  /** The port that the client spoke to. */
  readonly port: number;
}

/** API Gateway never streams a request: its body is whole, and small. */
export interface MethodRequest extends MethodRequestHead {
  readonly body: Uint8Array;
}

export function methodRequestHead(request: IncomingMessage, address: ExecuteApiAddress): MethodRequestHead {
  const headers = headerPairs(request.rawHeaders);
  const override = headerValue(headers, 'x-http-method-override');
  return {
    ...address,
    httpMethod: (override || request.method || 'GET').toUpperCase(),
    protocol: `HTTP/${request.httpVersion}`,
    headers,
    query: decodeQuery(address.rawQuery),
    sourceIp: (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    port: request.socket.localPort ?? 80,
  };
}

function decodeQuery(rawQuery: string): MethodRequestHead['query'] {
  const decode = (text: string) => percentDecode(text.replaceAll('+', ' '));
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      return [decode(name), decode(rest.join('='))] as const;
    });
}

/**
 * Reads the request's body.
 * @throws ExecutionError `requestHeaderTooLarge` or `requestTooLarge`, before anything is read if its Content-Length says so.
 */
export async function readMethodRequest(
  request: IncomingMessage,
  head: MethodRequestHead,
  limits: Limits,
): Promise<MethodRequest> {
  const headerBytes = head.headers.reduce((sum, [, value]) => sum + value.length, 0);
  if (headerBytes > limits.gatewayRequestHeaderBytes) throw new ExecutionError('requestHeaderTooLarge');
  if (Number(request.headers['content-length'] ?? 0) > limits.gatewayRequestBytes) {
    throw new ExecutionError('requestTooLarge', { detail: tooLarge(limits) });
  }
  return { ...head, body: await readBody(request, limits) };
}

/** What comes after the limit is read and thrown away: a client must have sent all before it looks at the answer. */
async function readBody(request: IncomingMessage, limits: Limits): Promise<Uint8Array> {
  const source = toBody(request);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  while (true) {
    const { done, value } = await source.next().catch(clientBrokeOff);
    if (done) return concatBytes(chunks, sizeBytes);
    sizeBytes += value.byteLength;
    if (sizeBytes > limits.gatewayRequestBytes) {
      void discard(source);
      throw new ExecutionError('requestTooLarge', { detail: tooLarge(limits) });
    }
    // Not slice(), which does not copy a Buffer.
    chunks.push(new Uint8Array(value));
  }
}

const tooLarge = (limits: Limits) => `the request body is over ${limits.gatewayRequestBytes} bytes`;

function clientBrokeOff(cause: unknown): never {
  if (cause instanceof AwsError) throw new ExecutionError('requestCutOff', { cause });
  throw cause;
}

async function discard(source: AsyncGenerator<Uint8Array>): Promise<void> {
  try {
    while (!(await source.next()).done);
  } catch {
    // The client left: nothing more to discard.
  }
}
