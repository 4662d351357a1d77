// Node.js's way to AWS's S3 hosts, in every Node.js process of a function that has such a host in its code. NODE_OPTIONS loads it ahead: CommonJS
// without packages, since that is loaded in every kind of process and worker thread, and soonest. A TLS connection that is about to be made to
// S3 asks the server whether the bucket is local. If so it goes to the server, which has a certificate for the name, by the run's own
// authority; if not, it goes where it would have gone. Nothing else changes.
// Covered: all that connects by node:tls, so https, http2, fetch, the SDK and most libraries; worker threads and child processes too.
// Not covered: a connection whose caller made its own secure context, which says whom it trusts.
const { readFileSync } = require('node:fs') as typeof import('node:fs');
const { syncBuiltinESMExports } = require('node:module') as typeof import('node:module');
const { connect: connectTcp, Socket } = require('node:net') as typeof import('node:net');
const tls = require('node:tls') as typeof import('node:tls');

type SecureContext = import('node:tls').SecureContext;
type TLSSocket = import('node:tls').TLSSocket;

const S3_HOST = /^(?:.+\.)?s3(?:\.dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-\d+)?\.amazonaws\.com$/i;
const LOOPBACK_ADDRESS = '127.0.0.1';

/** Of a connection that may be led to the server. */
const MAY_BE_LOCAL = Symbol('spillway.mayBeLocal');

type Options = import('node:tls').ConnectionOptions & { readonly [MAY_BE_LOCAL]?: boolean };
/** What Node.js's own tls.connect() calls of it. */
type Connecting = Omit<TLSSocket, 'connecting'> & { connecting: boolean; setServername(name: string): void };
type Connect = (this: Connecting, ...parameters: [options: Options, onConnect?: () => void]) => Connecting;

interface Server {
  readonly port: number;
  readonly authorization: string;
  /** The first label of the server name. */
  readonly credential: string;
}

const { SPILLWAY_AWS_HOSTS: proxyUrl, SPILLWAY_AWS_HOSTS_CA: authorityPath } = process.env;
if (proxyUrl !== undefined && authorityPath !== undefined) install(new URL(proxyUrl), authorityPath);

function install({ port, username, password }: URL, authorityPath: string): void {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  leadToServer({ port: Number(port), authorization, credential: password });
  trust(() => readFileSync(authorityPath, 'utf8'));
}

/** Connections to S3 trust the authority, besides whom they trusted. */
function trust(readAuthority: () => string): void {
  const connect = tls.connect as (...parameters: unknown[]) => TLSSocket;
  let byDefault: SecureContext | undefined;
  const secureContext = (options: Options): SecureContext => {
    const own = hasOwnTrust(options) ? tls.createSecureContext(withAuthority(options, readAuthority())) : undefined;
    byDefault ??= own === undefined ? tls.createSecureContext(withAuthority({}, readAuthority())) : undefined;
    return own ?? (byDefault as SecureContext);
  };
  const patched = (...parameters: unknown[]): TLSSocket => {
    const { options, callback } = readParameters(parameters);
    const hostName = options.socket ? (options.servername ?? options.host) : options.host;
    const isPlain = options.secureContext || options.path || (!options.socket && Number(options.port) !== 443);
    if (isPlain || hostName === undefined || !S3_HOST.test(hostName)) return connect(...parameters);
    const trusting = { ...options, secureContext: secureContext(options), [MAY_BE_LOCAL]: !options.socket };
    return callback === undefined ? connect(trusting) : connect(trusting, callback);
  };
  Object.assign(tls, { connect: patched });
  syncBuiltinESMExports();
}

/** `connect(options)`, `connect(port, host, options)` and what is between, each with a callback or without. */
function readParameters(parameters: readonly unknown[]): { options: Options; callback: unknown } {
  const callback = parameters.find((parameter) => typeof parameter === 'function');
  const options = parameters.find((parameter) => typeof parameter === 'object' && parameter !== null) as Options;
  const [port, host] = parameters;
  if (typeof port === 'object') return { options: options ?? {}, callback };
  return { options: { ...options, port: Number(port), ...(typeof host === 'string' && { host }) }, callback };
}

/** What makes a context another one than Node.js's own. */
const CONTEXT_OPTIONS = [
  'ca',
  'cert',
  'key',
  'pfx',
  'crl',
  'ciphers',
  'minVersion',
  'maxVersion',
  'secureProtocol',
  'secureOptions',
  'sigalgs',
  'ecdhCurve',
  'dhparam',
  'sessionIdContext',
  'allowPartialTrustChain',
];

const hasOwnTrust = (options: Options) =>
  CONTEXT_OPTIONS.some((name) => (options as Readonly<Record<string, unknown>>)[name] != null);

function withAuthority(options: Options, authority: string): Options {
  return { ...options, ca: [options.ca ?? [...tls.rootCertificates], authority].flat() };
}

/** A connection waits for the server's word before it is made. */
function leadToServer(server: Server): void {
  const connect = Socket.prototype.connect as unknown as Connect;
  const patched: Connect = function (this: Connecting, ...parameters) {
    const [options, onConnect] = parameters;
    if (options?.[MAY_BE_LOCAL] !== true) return connect.apply(this, parameters);
    const hostName = options.host ?? '';
    // Who writes now waits for the connection.
    this.connecting = true;
    ask(server, hostName, (localPort) => {
      if (this.destroyed) return;
      if (localPort !== undefined) this.setServername(`${server.credential}.${hostName}`);
      const there = localPort === undefined ? options : { host: LOOPBACK_ADDRESS, port: localPort };
      connect.call(this, there, onConnect);
    });
    return this;
  };
  Object.defineProperty(tls.TLSSocket.prototype, 'connect', { value: patched, writable: true, configurable: true });
}

/** Tells the port of the server's that stands for `hostName`; undefined when none does, or the server is gone. */
function ask({ port, authorization }: Server, hostName: string, answer: (localPort: number | undefined) => void): void {
  let text = '';
  const socket = connectTcp({ port, host: LOOPBACK_ADDRESS });
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    const [, localPort] = /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n(\d+)$/.exec(text) ?? [];
    answer(localPort === undefined ? undefined : Number(localPort));
  });
  socket.write(
    `GET /${hostName} HTTP/1.1\r\nHost: ${LOOPBACK_ADDRESS}:${port}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
  );
}
