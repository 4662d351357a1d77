import { once } from 'node:events';
import { createServer } from 'node:net';
import type { FunctionConfiguration } from '@spillway/wire';
import { type PortUse, templatePort, WebPort } from './web-port.ts';

/** Below the ports that systems give to outgoing connections. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/**
 * The ports of one web app's environments. On Lambda each environment has a network of its own; here they share one, so each has a port
 * of its own. An app that listens on the template's port all the same gets that one, and one environment at a time.
 */
export class WebPorts {
  readonly #configuration: FunctionConfiguration;
  #use: PortUse | undefined;
  #finding: Promise<unknown> | undefined;

  constructor(configuration: FunctionConfiguration) {
    this.#configuration = configuration;
  }

  /** The app takes no other port than the template's. */
  get isFixed(): boolean {
    return this.#use === 'fixed';
  }

  /** For the function's log. */
  get fixedNote(): string {
    const port = templatePort(this.#configuration);
    return (
      `The web app listens on port ${port} instead of the one in PORT, so it gets one environment at a time here and requests wait for ` +
      'each other; on Lambda each environment has a network of its own. Let it listen on the port that the variable PORT names.'
    );
  }

  /** The port of the next environment. Waits while the first one shows how the app takes it. */
  async open(): Promise<WebPort> {
    while (this.#use === undefined && this.#finding) await this.#finding;
    if (this.#use === 'fixed') return new WebPort(this.#configuration, templatePort(this.#configuration));
    if (this.#use === 'given') return this.#openFree();
    const opening = this.#openFree();
    // From this very moment others wait.
    this.#finding = opening
      .then((port) => this.#learn(port))
      .finally(() => {
        this.#finding = undefined;
      });
    return opening;
  }

  /** Settles when there is no more to wait for; an app that shows later how it takes its port is still heard. */
  async #learn({ use, shown }: WebPort): Promise<void> {
    const learnt = use.then((known) => {
      this.#use ??= known;
    });
    await Promise.race([learnt, shown]);
  }

  async #openFree(): Promise<WebPort> {
    const port = await freePort();
    const note =
      `PORT=${port} and AWS_LWA_PORT=${port} here, in place of ${templatePort(this.#configuration)}: environments share one network, so each ` +
      'has a port of its own. On Lambda each has a network of its own, and the port that the template says.';
    return new WebPort(this.#configuration, port, [note]);
  }
}

const given = new Set<number>();

async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (given.has(port) && given.size < PORTS) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
