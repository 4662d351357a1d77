import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { FunctionConfiguration } from '@spillway/wire';
import type { ListeningSocket } from '../listening-sockets.ts';
import { listeningPort } from './listening.ts';

/** The first looks follow each other so fast, ms. Who has been looked for in vain for long is looked for less often. */
const POLL_INTERVAL_MS = 50;
const MAX_POLL_INTERVAL_MS = 1000;
/** Of the time that it takes the app to listen, this is the most that the looks add. */
const POLL_SHARE = 0.05;
/** Of the time that a look itself took, which on a large machine is some, the pause after it is this many times. */
const PAUSES = 4;

/** How a web app takes the port that it is given: it listens there, or on the template's all the same. */
export type PortUse = 'given' | 'fixed';

/** The port that the web adapter and the web app agree on, by the template. */
export function templatePort({ environment }: FunctionConfiguration): number {
  const port = Number(environment['AWS_LWA_PORT'] ?? environment['PORT'] ?? 8080);
  return Number.isInteger(port) ? port : 8080;
}

/** Looks that are under way. */
interface Watch {
  /** Of the environment's processes. */
  readonly sockets: () => readonly ListeningSocket[];
  readonly startedAtMs: number;
}

/** The port of one environment of a web app, in place of the template's. */
export class WebPort {
  readonly port: number;
  /** For the function's log. */
  readonly notes: readonly string[];
  /** Settles when it is clear how the app takes its port, however late; undefined when the environment ended before. */
  readonly use: Promise<PortUse | undefined>;
  /** Settles with `use`, or when it is not worth waiting for any longer. */
  readonly shown: Promise<unknown>;
  readonly #configuration: FunctionConfiguration;
  readonly #templatePort: number;
  #settle: (use: PortUse | undefined) => void = () => {};
  #giveUp: () => void = () => {};
  #watch: Watch | undefined;
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
    const givenUp = new Promise<void>((resolve) => {
      this.#giveUp = resolve;
    });
    this.shown = Promise.race([this.use, givenUp]);
  }

  /** Stronger than the template's. */
  get variables(): Readonly<Record<string, string>> {
    const { environment } = this.#configuration;
    const readiness = ['AWS_LWA_READINESS_CHECK_PORT', 'READINESS_CHECK_PORT'].filter(
      (name) => environment[name] === String(this.#templatePort),
    );
    return Object.fromEntries(['PORT', 'AWS_LWA_PORT', ...readiness].map((name) => [name, String(this.port)]));
  }

  /** Looks where the app listens, until that is clear or `rest()` is called. `sockets`: of its environment's processes. */
  watch(sockets: () => readonly ListeningSocket[]): void {
    this.#stop();
    if (this.#isDone) return;
    this.#watch = { sockets, startedAtMs: performance.now() };
    this.#lookLater(this.#watch);
  }

  /** Looks once more; who waits to know how the app takes its port need wait no longer then. Nothing is done until the next `watch()`. */
  async rest(): Promise<void> {
    const watch = this.#watch;
    this.#stop();
    if (watch && !this.#isDone) await this.#look(watch);
    if (!this.#forwarder) this.#giveUp();
  }

  close(): void {
    this.#isDone = true;
    this.#stop();
    this.#settle(undefined);
    this.#forwarder?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#watch = undefined;
  }

  #lookLater(watch: Watch, lookMs = 0): void {
    const share = (performance.now() - watch.startedAtMs) * POLL_SHARE;
    const waitMs = Math.min(Math.max(share, lookMs * PAUSES, POLL_INTERVAL_MS), MAX_POLL_INTERVAL_MS);
    this.#timer = setTimeout(() => void this.#lookOn(watch), waitMs);
  }

  async #lookOn(watch: Watch): Promise<void> {
    const startedAtMs = performance.now();
    await this.#look(watch);
    if (!this.#isDone && this.#watch === watch) this.#lookLater(watch, performance.now() - startedAtMs);
  }

  async #look({ sockets }: Watch): Promise<void> {
    // Without a free file descriptor nobody can look: the next look may.
    const port = await listeningPort([this.port, this.#templatePort], sockets).catch(() => undefined);
    if (this.#isDone || port === undefined) return;
    this.#isDone = true;
    if (port === this.port) this.#settle('given');
    else this.#forward();
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
    this.#forwarder.on('error', () => this.#settle(undefined));
    this.#forwarder.listen(this.port, '127.0.0.1', () => this.#settle('fixed'));
  }
}
