import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { FunctionConfiguration } from '@spillway/wire';
import type { ListeningSocket } from '../listening-sockets.ts';
import { isListening } from './listening.ts';

const POLL_INTERVAL_MS = 50;

/** How a web app takes the port that it is given: it listens there, or on the template's all the same. */
export type PortUse = 'given' | 'fixed';

/** The port that the web adapter and the web app agree on, by the template. */
export function templatePort({ environment }: FunctionConfiguration): number {
  const port = Number(environment['AWS_LWA_PORT'] ?? environment['PORT'] ?? 8080);
  return Number.isInteger(port) ? port : 8080;
}

/** The port of one environment of a web app, in place of the template's. */
export class WebPort {
  readonly port: number;
  /** For the function's log. */
  readonly notes: readonly string[];
  /** Settles when it is clear how the app takes its port; undefined when the environment ended before. */
  readonly use: Promise<PortUse | undefined>;
  readonly #configuration: FunctionConfiguration;
  readonly #templatePort: number;
  #settle: (use: PortUse | undefined) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #isDone = false;
  #forwarder: Server | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(configuration: FunctionConfiguration, port: number, notes: readonly string[] = []) {
    this.#configuration = configuration;
    this.port = port;
    this.notes = notes;
    this.#templatePort = templatePort(configuration);
    this.#isDone = port === this.#templatePort;
    this.use = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Stronger than the template's. */
  get variables(): Readonly<Record<string, string>> {
    const { environment } = this.#configuration;
    const readiness = ['AWS_LWA_READINESS_CHECK_PORT', 'READINESS_CHECK_PORT'].filter(
      (name) => environment[name] === String(this.#templatePort),
    );
    return Object.fromEntries(['PORT', 'AWS_LWA_PORT', ...readiness].map((name) => [name, String(this.port)]));
  }

  /** Looks where the app listens, until that is clear. `sockets`: of its environment's processes. */
  watch(sockets: () => readonly ListeningSocket[]): void {
    clearTimeout(this.#timer);
    if (!this.#isDone) this.#timer = setTimeout(() => void this.#look(sockets), POLL_INTERVAL_MS);
  }

  /** Who waits to know how the app takes its port need wait no longer. */
  giveUp(): void {
    this.#settle(undefined);
  }

  close(): void {
    this.#isDone = true;
    clearTimeout(this.#timer);
    this.giveUp();
    this.#forwarder?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #look(sockets: () => readonly ListeningSocket[]): Promise<void> {
    const isGiven = await isListening(this.port, sockets);
    const isFixed = !isGiven && (await isListening(this.#templatePort, sockets));
    if (this.#isDone) return;
    this.#isDone = isGiven || isFixed;
    if (isGiven) this.#settle('given');
    else if (isFixed) this.#forward();
    else this.watch(sockets);
  }

  /** The adapter has been told our port already: what it sends there goes to where the app is. */
  #forward(): void {
    this.#forwarder = createServer({ allowHalfOpen: true }, (socket) => {
      const app = connect({ port: this.#templatePort, host: '127.0.0.1', allowHalfOpen: true });
      for (const each of [socket, app]) {
        this.#sockets.add(each);
        each.once('close', () => this.#sockets.delete(each));
      }
      pipeline(socket, app, socket, () => {});
    });
    this.#forwarder.on('error', () => {});
    this.#forwarder.listen(this.port, '127.0.0.1', () => this.#settle('fixed'));
  }
}
