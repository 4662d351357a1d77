import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2';
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Finding } from '@spillway/client/node';

/** So much is asked for: enough that a stream has several frames. */
const RANGE = 'bytes=0-65535';
const ADVICE =
  'clients that speak HTTP/2, as curl does, take such an end for a broken download: try --http1.1, and report it to AWS';

/**
 * Asks what the endpoint speaks, and fetches a range over HTTP/2 when it does: streams were seen that end well over HTTP/1.1 and are
 * broken off over HTTP/2, though all bytes came.
 */
export async function checkHttpVersion(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Finding> {
  const { protocol } = new URL(url);
  if (protocol === 'http:') {
    return { verdict: 'skip', seen: 'HTTP/1.1 without TLS; clients agree on HTTP/2 within TLS only, as AWS has it' };
  }
  try {
    const socket = await openTls(new URL(url), signal);
    if (socket.alpnProtocol === 'h2') return await overHttp2(url, headers, socket, signal);
    socket.destroy();
    return { verdict: 'pass', seen: 'HTTP/1.1; the server offers no HTTP/2' };
  } catch (error) {
    signal.throwIfAborted();
    return { verdict: 'fail', seen: `over HTTP/2: ${messageOf(error)}`, advice: ADVICE };
  }
}

/** What an aborted wait says is its cause. */
function messageOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

async function openTls({ hostname, port }: URL, signal: AbortSignal): Promise<TLSSocket> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connectTls({
    host,
    port: Number(port || 443),
    ALPNProtocols: ['h2', 'http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
  });
  await once(socket, 'secureConnect', { signal });
  return socket;
}

async function overHttp2(
  url: string,
  headers: Readonly<Record<string, string>>,
  socket: TLSSocket,
  signal: AbortSignal,
): Promise<Finding> {
  const { origin, pathname, search } = new URL(url);
  const session: ClientHttp2Session = connectHttp2(origin, { createConnection: () => socket });
  const failure = new AbortController();
  session.on('error', (error) => failure.abort(error));
  try {
    const stream = session.request({ ...headers, ':path': pathname + search, range: RANGE });
    const { status, sizeBytes } = await read(stream, AbortSignal.any([signal, failure.signal]));
    return {
      verdict: 'pass',
      seen: `HTTP/2 and HTTP/1.1; a range over HTTP/2 (status ${status}, ${sizeBytes} bytes) ended well`,
    };
  } finally {
    session.destroy();
  }
}

/** The range, or as much of a server without ranges. @throws when the stream breaks */
async function read(stream: ClientHttp2Stream, signal: AbortSignal): Promise<{ status: number; sizeBytes: number }> {
  const [head] = (await once(stream, 'response', { signal })) as [Readonly<Record<string, string | number>>];
  const told = Number(head['content-length'] ?? Number.NaN);
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    signal.throwIfAborted();
    sizeBytes += chunk.byteLength;
    if (head[':status'] === 200 && sizeBytes > 65_536) return { status: 200, sizeBytes };
  }
  // A lost connection ends the body like a whole one, but for the code.
  if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) throw new Error(`reset with code ${stream.rstCode}`);
  if (told >= 0 && told !== sizeBytes) throw new Error(`${sizeBytes} bytes came, Content-Length says ${told}`);
  return { status: Number(head[':status']), sizeBytes };
}
