import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { UsageError } from '@spillway/wire';
import { LendingConnection, type LendingConnectionOptions } from './http1/lending-connection.ts';
import { continueCallbacks, lentBodies } from './to-body.ts';

export interface ListenOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Of one request, all its headers together, in bytes. */
  readonly maxHeaderBytes?: number;
  /** For bodies so large that they should not pass through Node's parser: whether the one behind this request line goes around it. */
  readonly lends?: LendingConnectionOptions['lends'];
}

export interface Listener {
  readonly port: number;
  readonly server: Server;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Loopback only: nothing here may be reached from another machine. */
export const LOOPBACK_ADDRESS = '127.0.0.1';

/**
 * Listens on loopback. A body sent with `Expect: 100-continue` is asked for only when it is read.
 * @throws UsageError when the port is taken or may not be used.
 */
export async function listen({ port, handle, maxHeaderBytes = 65_536, lends }: ListenOptions): Promise<Listener> {
  // No time limits of Node's own: requestTimeout would cut long uploads, keepAliveTimeout reset runtime clients between invocations.
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: 0,
    headersTimeout: 60_000,
    keepAliveTimeout: 0,
    noDelay: true,
  });
  if (lends !== undefined) lendBodies(server, { maxHeaderBytes, lends });
  const openResponses = new WeakMap<Socket, Set<ServerResponse>>();
  const receive = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const responses = openResponses.get(socket) ?? closingWith(socket);
    openResponses.set(socket, responses);
    responses.add(response);
    response.once('close', () => responses.delete(response));
    handle(request, response);
  };
  server.on('request', receive);
  server.on('checkContinue', (request, response) => {
    continueCallbacks.set(request, () => response.writeContinue());
    receive(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    // Later ones are about one connection that could not be accepted (no file descriptor is left): the client sees it, the server goes on.
    server.on('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen({ port, host: LOOPBACK_ADDRESS, backlog: 1024 }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The server's connections are such that lend the bodies of requests: `toBody()` has them. */
function lendBodies(server: Server, options: LendingConnectionOptions): void {
  const [serve] = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (accepted) => serve?.call(server, new LendingConnection(accepted, options)));
  server.on('request', ({ socket }: { socket: unknown }, response: ServerResponse) => {
    const body = socket instanceof LendingConnection ? socket.takeBody() : undefined;
    if (body === undefined) return;
    lentBodies.set(response.req, body);
    // As Node.js does with what nobody has read.
    response.once('finish', () => body.isRead || body.discard());
  });
}

/**
 * The responses to be closed when `socket` is. A client may send requests before it has the answers; their responses wait for the socket, and
 * Node forgets those that still wait when it closes: who writes to one, or listens for its end, would do so for ever.
 */
function closingWith(socket: Socket): Set<ServerResponse> {
  const responses = new Set<ServerResponse>();
  socket.once('close', () => {
    for (const response of responses) {
      if (response.socket !== null) continue;
      response.destroy();
      response.emit('close');
    }
  });
  return responses;
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new UsageError(
      `Port ${port} on ${LOOPBACK_ADDRESS} is in use. Stop what listens there, or choose another port: --port 0 takes any free one.`,
      { cause: error },
    );
  }
  if (error.code === 'EACCES') {
    return new UsageError(`Port ${port} may not be used by this user. Choose one above 1023 with --port.`, {
      cause: error,
    });
  }
  return error;
}
