import type { ServerResponse } from 'node:http';
import { type Body, bodyOf, exactly } from '@spillway/wire';
import { continueCallbacks } from './to-body.ts';

/** A response on its way out. Header names keep their case; a name may stand several times. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Body;
}

export interface SendResult {
  /** Body bytes handed to the socket. */
  readonly sentBytes: number;
  /** False when the client left before the end. */
  readonly complete: boolean;
}

/**
 * Sends head and body. The head goes out at once, each chunk as it comes; the next one is asked for when the socket took this one.
 * A body with a `Content-Length` must have exactly that many bytes; with none (0), the head waits for its end. An abort of `signal` cuts the connection at once, also while the
 * client does not read.
 * @throws the body's error or the signal's reason, after the connection was cut, so that no client takes what it has for the whole.
 */
export async function send(
  response: ServerResponse,
  { status, headers, body }: HttpResponse,
  signal?: AbortSignal,
): Promise<SendResult> {
  const isBodiless = response.req.method === 'HEAD' || body === undefined || hasNoBody(status);
  const isEmpty = Number(contentLength(headers)) === 0;
  // A client has the whole of an empty body with the head: whether it is empty must be known before.
  if (!isBodiless && isEmpty) for await (const _ of exactly(0, body));
  if (response.destroyed) return { sentBytes: 0, complete: false };
  // A client that was not told to go on may send its body all the same, or not: what comes next on this connection can't be known.
  if (continueCallbacks.has(response.req)) response.shouldKeepAlive = false;
  response.writeHead(status, headers.flat());
  if (isBodiless || isEmpty) return { sentBytes: 0, complete: await end(response) };
  // Not flushHeaders(), which writes header bytes above 0x7F as UTF-8, so as two each.
  response.write(NOTHING);
  // Node holds a first write back for a moment; a body that fails at once would take the head with it.
  response.socket?.uncork();
  const onAbort = () => cut(response, headers);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const sentBytes = await relay(response, framed(headers, body));
    const complete = await end(response);
    if (!complete) signal?.throwIfAborted();
    return { sentBytes, complete };
  } catch (error) {
    cut(response, headers);
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A response whose body is at hand. */
export function sendBytes(
  response: ServerResponse,
  status: number,
  headers: HttpResponse['headers'],
  bytes: Uint8Array,
): Promise<SendResult> {
  const length = ['Content-Length', String(bytes.byteLength)] as const;
  return send(response, { status, headers: [...headers, length], body: bodyOf(bytes) });
}

/**
 * Ends the connection in a way that no client takes for the end of the body. Without a length the connection is reset where a mere end of it
 * would do: where only the close ends the body (HTTP/1.0), and within a chunk (wget then exits with 0).
 */
function cut(response: ServerResponse, headers: HttpResponse['headers']): void {
  const { socket } = response;
  const mayLookWhole = !response.chunkedEncoding || (socket?.writableLength ?? 0) > 0;
  // Node's resetAndDestroy() sends FIN before RST, which a client takes for a good end; this makes destroy() send RST alone.
  if (socket !== null && contentLength(headers) === undefined && mayLookWhole) {
    Object.assign(socket, { resetAndClosing: true });
  }
  response.destroy();
}

/** Aborted when the client leaves before the response has ended. */
export function clientSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new ClientLeft());
  });
  return controller.signal;
}

/** The reason of `clientSignal`. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft';
  override readonly message = 'The client closed the connection before the end of the response.';
}

const NOTHING = new Uint8Array();

const hasNoBody = (status: number) => status === 204 || status === 304;

const contentLength = (headers: HttpResponse['headers']) =>
  headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1];

function framed(headers: HttpResponse['headers'], body: Body): Body {
  const length = contentLength(headers);
  return length === undefined ? body : exactly(Number(length), body);
}

async function relay(response: ServerResponse, body: Body): Promise<number> {
  let sentBytes = 0;
  let settle: (() => void) | undefined;
  response.once('close', () => settle?.());
  for await (const chunk of body) {
    if (chunk.byteLength === 0) continue;
    await new Promise<void>((resolve) => {
      settle = resolve;
      response.write(chunk, () => resolve());
    });
    if (response.destroyed) break;
    sentBytes += chunk.byteLength;
  }
  return sentBytes;
}

function end(response: ServerResponse): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    response.once('close', () => resolve(response.writableFinished));
    response.end(() => resolve(true));
  });
}
