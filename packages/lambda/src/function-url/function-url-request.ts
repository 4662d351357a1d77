import type { IncomingMessage } from 'node:http';
import { toBody } from '@spillway/http';
import { type Limits, readWhole } from '@spillway/wire';
import type { FunctionUrlAddress } from './function-url-address.ts';

/** A client's request, whole: a function URL never streams what it takes. */
export interface FunctionUrlRequest {
  readonly address: FunctionUrlAddress;
  readonly method: string;
  /** In lower case, in the order sent; those that stand several times joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly sourceIp: string;
  /** The port that the client spoke to. */
  readonly port: number;
  /** `HTTP/1.1` */
  readonly protocol: string;
  readonly receivedAtMs: number;
  /** UUID: the invocation's, and the client's `x-amzn-RequestId`. */
  readonly requestId: string;
}

/** @throws AwsError `RequestEntityTooLargeException`, `IncompleteBody`. */
export async function readFunctionUrlRequest(
  request: IncomingMessage,
  address: FunctionUrlAddress,
  requestId: string,
  { lambdaRequestBytes }: Limits,
): Promise<FunctionUrlRequest> {
  return {
    address,
    requestId,
    receivedAtMs: Date.now(),
    method: request.method ?? 'GET',
    headers: headersOf(request),
    sourceIp: (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    port: request.socket.localPort ?? 80,
    protocol: `HTTP/${request.httpVersion}`,
    body: await readWhole(toBody(request), lambdaRequestBytes, 'RequestEntityTooLargeException'),
  };
}

function headersOf({ rawHeaders }: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const before = headers.get(name);
    const value = rawHeaders[index + 1] ?? '';
    // Cookies are a list of their own kind. https://www.rfc-editor.org/rfc/rfc6265#section-5.4
    const joint = name === 'cookie' ? '; ' : ',';
    headers.set(name, before === undefined ? value : `${before}${joint}${value}`);
  }
  return headers;
}
