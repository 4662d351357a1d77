import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './adapter-log.ts';
import type { AdapterOptions } from './adapter-options.ts';
import type { AppClient } from './app-client.ts';

const CHECK_INTERVAL_MS = 10;
const LOG_INTERVAL_MS = 2000;

/** Init of a function ends after 10 s. */
const ASYNC_INIT_MS = 9800;

/** Waits until the web app can be asked. */
export class Readiness {
  readonly #options: AdapterOptions;
  readonly #client: AppClient;
  readonly #log: Log;
  #isReady = false;

  constructor(options: AdapterOptions, client: AppClient, log: Log) {
    this.#options = options;
    this.#client = client;
    this.#log = log;
  }

  /** During init: for as long as it takes, but with async init only as long as init itself may take. */
  async atInit(): Promise<void> {
    if (!this.#options.asyncInit) return await this.#wait();
    const timeout = new AbortController();
    const isOver = delay(ASYNC_INIT_MS, false, { signal: timeout.signal }).catch(() => false);
    await this.#wait(isOver);
    timeout.abort();
  }

  /** At an invocation: what is left to wait of async init. */
  async atInvocation(): Promise<void> {
    if (!this.#isReady) await this.#wait();
  }

  /** `isOver` ends the wait, also for an app that accepts a connection and says nothing. */
  async #wait(isOver?: Promise<boolean>): Promise<void> {
    let isTooLate = false;
    void isOver?.then(() => {
      isTooLate = true;
    });
    const begin = performance.now();
    let nextLogMs = LOG_INTERVAL_MS;
    while (true) {
      if (performance.now() - begin >= nextLogMs) {
        this.#log('INFO', `app is not ready after ${nextLogMs}ms`, { url: this.#options.readiness.url.href });
        nextLogMs += LOG_INTERVAL_MS;
      }
      if (await Promise.race([this.#check(), ...(isOver ? [isOver] : [])])) {
        this.#isReady = true;
        return;
      }
      if (isTooLate) return;
      await delay(CHECK_INTERVAL_MS);
    }
  }

  #check(): Promise<boolean> {
    const { url, protocol, isHealthy } = this.#options.readiness;
    return protocol === 'http' ? this.#client.check(url, isHealthy) : accepts(url);
  }
}

function accepts(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname.replaceAll(/[[\]]/g, ''), port: Number(url.port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
