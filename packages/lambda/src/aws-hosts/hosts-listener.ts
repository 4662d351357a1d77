import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { type Listener, LOOPBACK_ADDRESS, listen, sendBytes } from '@spillway/http';
import type { Guest, Guests } from './guests.ts';
import { reset } from './reset.ts';
import { type S3Host, s3Host } from './s3-host.ts';
import { ESTABLISHED, readAuthority, refuse, tunnel } from './tunnel.ts';

export interface HostsListenerOptions {
  readonly guests: Guests;
  /** Whether a connection to the host is to end here. */
  readonly isOurs: (host: S3Host) => boolean;
  readonly secureContext: (domain: string) => Promise<SecureContext>;
  /** Never rejects. */
  readonly handle: (request: HostRequest) => Promise<void>;
}

/** A request that came to a host of S3 over TLS. */
export interface HostRequest {
  readonly guest: Guest;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Breaks the connection off, so that nobody takes what there is for the whole. */
  readonly reset: () => void;
}

type Visit = Pick<HostRequest, 'guest' | 'reset'>;

/** Of a client that says nothing. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

const HTTPS_PORT = 443;

/**
 * Where environments reach AWS's hosts, on loopback. At one port an HTTP proxy: CONNECT to a host of S3 that is ours ends here, in TLS; all
 * others are tunnelled. GET asks whether a host is ours; if so, the answer is the other port, where TLS begins at once and a guest's
 * credential is the first label of the server name. Nobody is served without a credential.
 */
export class HostsListener {
  readonly #options: HostsListenerOptions;
  readonly #sockets = new Set<Socket>();
  /** By secure connection. */
  readonly #visits = new WeakMap<Socket, Visit>();
  readonly #tlsServer: Server;
  #proxy: Listener | undefined;

  private constructor(options: HostsListenerOptions) {
    this.#options = options;
    this.#tlsServer = createServer({ noDelay: true }, (socket) => this.#terminateNamed(socket));
  }

  static async open(options: HostsListenerOptions): Promise<HostsListener> {
    const listener = new HostsListener(options);
    await listener.#open();
    return listener;
  }

  /** Of the proxy. */
  get port(): number {
    return this.#proxy?.port ?? 0;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#tlsServer.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([this.#proxy?.close(), closed]);
  }

  async #open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#tlsServer.on('error', reject);
      this.#tlsServer.listen({ port: 0, host: LOOPBACK_ADDRESS, backlog: 1024 }, resolve);
    });
    this.#proxy = await listen({ port: 0, handle: (request, response) => this.#handle(request, response) });
    this.#proxy.server.on('connect', (request, socket, head) => this.#connect(request, socket as Socket, head));
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const visit = this.#visits.get(request.socket);
    if (visit !== undefined) void this.#options.handle({ ...visit, request, response });
    else this.#answerQuestion(request, response);
  }

  /** `GET /HOST`: the port where TLS begins for a host that is ours, 404 for others. */
  #answerQuestion(request: IncomingMessage, response: ServerResponse): void {
    const guest = this.#options.guests.withAuthorization(request.headers.authorization);
    const host = s3Host((request.url ?? '').slice(1));
    const isOurs = guest !== undefined && host !== undefined && this.#options.isOurs(host);
    const { port } = this.#tlsServer.address() as AddressInfo;
    const status = isOurs ? 200 : guest === undefined ? 401 : 404;
    void sendBytes(response, status, [], Buffer.from(isOurs ? String(port) : ''));
  }

  #connect(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#keep(socket);
    const guest = this.#options.guests.withAuthorization(request.headers['proxy-authorization']);
    const authority = readAuthority(request.url ?? '');
    if (guest === undefined) {
      refuse(socket, '407 Proxy Authentication Required', 'Proxy-Authenticate: Basic realm="Spillway"\r\n');
    } else if (authority === undefined) {
      refuse(socket, '400 Bad Request');
    } else {
      const host = authority.port === HTTPS_PORT ? s3Host(authority.hostName) : undefined;
      if (host !== undefined && this.#options.isOurs(host))
        this.#terminateConnected(guest, host, socket, head).catch(() => reset(socket));
      else tunnel(socket, head, authority);
    }
  }

  async #terminateConnected(guest: Guest, { domain }: S3Host, socket: Socket, head: Buffer): Promise<void> {
    const secureContext = await this.#options.secureContext(domain);
    if (socket.destroyed) return;
    socket.write(ESTABLISHED);
    if (head.byteLength > 0) socket.unshift(head);
    const secured = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
    this.#serve(socket, secured, () => guest);
  }

  #terminateNamed(socket: Socket): void {
    this.#keep(socket);
    let guest: Guest | undefined;
    const SNICallback = (serverName: string, callback: (error: Error | null, context?: SecureContext) => void) => {
      const [, credential = '', hostName = ''] = /^([^.]*)\.(.*)$/.exec(serverName) ?? [];
      guest = this.#options.guests.withCredential(credential);
      const host = s3Host(hostName);
      if (guest === undefined || host === undefined) return callback(new Error('No guest.'));
      this.#options.secureContext(host.domain).then((context) => callback(null, context), callback);
    };
    const secured = new TLSSocket(socket, { isServer: true, SNICallback, ALPNProtocols: ['http/1.1'] });
    this.#serve(socket, secured, () => guest);
  }

  /** Takes requests from a connection once it is secure. */
  #serve(socket: Socket, secured: TLSSocket, guestOf: () => Guest | undefined): void {
    const giveUp = () => secured.destroy();
    secured.setTimeout(HANDSHAKE_TIMEOUT_MS, giveUp);
    // A client that does not trust us, or leaves.
    secured.on('error', giveUp);
    secured.once('secure', () => {
      const guest = guestOf();
      if (guest === undefined) {
        secured.destroy();
        return;
      }
      secured.setTimeout(0, giveUp);
      this.#visits.set(secured, { guest, reset: () => reset(socket) });
      this.#proxy?.server.emit('connection', secured);
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // Whoever leaves is seen by those who read and write.
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
