import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { until } from './system.ts';

/** What Firefox's own list says of a download. */
interface FirefoxDownload {
  readonly path: string;
  readonly isSucceeded: boolean;
  readonly isFailed: boolean;
}

/** Firefox without a window, driven by Marionette: its own protocol, JSON on a socket. */
export interface Firefox {
  /** Follows a link to a download and waits for its end. */
  download(url: string): Promise<FirefoxDownload>;
  close(): Promise<void>;
}

/** @param directory of the test: profile and downloads go below it */
export async function startFirefox(program: string, directory: string): Promise<Firefox> {
  const [profile, downloads] = [join(directory, 'profile'), join(directory, 'downloads')];
  mkdirSync(profile);
  mkdirSync(downloads);
  const preferences = {
    'marionette.port': 0,
    'browser.download.folderList': 2,
    'browser.download.dir': downloads,
    'browser.download.useDownloadDir': true,
    'browser.download.always_ask_before_handling_new_types': false,
    'browser.shell.checkDefaultBrowser': false,
    'datareporting.policy.dataSubmissionEnabled': false,
  };
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--headless', '--no-remote', '--marionette', '--remote-allow-system-access', '--profile', profile];
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, HOME: directory } });
  const portFile = join(profile, 'MarionetteActivePort');
  const port = await until(async () => {
    if (child.exitCode !== null) throw new Error(`Firefox ended with ${child.exitCode}`);
    return existsSync(portFile) ? readFileSync(portFile, 'utf8') : '';
  }, /^\d+/);
  const marionette = new Marionette(connect(Number(port), '127.0.0.1'));
  await marionette.command('WebDriver:NewSession', {});
  await marionette.command('WebDriver:SetTimeouts', { script: 60_000 });
  await marionette.command('Marionette:SetContext', { value: 'chrome' });
  return {
    download: async (url) =>
      (await marionette.command('WebDriver:ExecuteAsyncScript', { script: DOWNLOAD, args: [url] })) as FirefoxDownload,
    close: () => end(child, marionette),
  };
}

async function end(child: ChildProcess, marionette: Marionette): Promise<void> {
  marionette.close();
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
}

/** In Firefox's own context: opens the URL in a tab, as a click does, and waits until its download has ended. */
const DOWNLOAD = `
const [url, resolve] = arguments;
(async () => {
  const { Downloads } = ChromeUtils.importESModule('resource://gre/modules/Downloads.sys.mjs');
  const list = await Downloads.getList(Downloads.ALL);
  const result = (download) => ({ path: download.target.path, isSucceeded: download.succeeded, isFailed: download.error !== null });
  const earlier = new Set(await list.getAll());
  const view = {
    look(download) {
      if (earlier.has(download) || download.source.url !== url || !download.stopped || !(download.succeeded || download.error)) return;
      list.removeView(view);
      resolve(result(download));
    },
    onDownloadAdded(download) { view.look(download); },
    onDownloadChanged(download) { view.look(download); },
  };
  await list.addView(view);
  const principal = Services.scriptSecurityManager.createNullPrincipal({});
  const browser = Services.wm.getMostRecentWindow('navigator:browser').gBrowser.selectedBrowser;
  browser.loadURI(Services.io.newURI(url), { triggeringPrincipal: principal });
})().catch((error) => resolve({ path: String(error), isSucceeded: false, isFailed: false }));
`;

/** Messages are `LENGTH:JSON`; a command is [0, id, name, parameters], an answer [1, id, error, result]. */
class Marionette {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #lastId = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      socket.emit('received');
    });
  }

  async command(name: string, parameters: object): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const text = JSON.stringify([0, id, name, parameters]);
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    while (true) {
      const message = await this.#message();
      // The first one is its greeting.
      if (!Array.isArray(message) || message[1] !== id) continue;
      const [, , error, result] = message as [number, number, unknown, { readonly value?: unknown }];
      if (error !== null) throw new Error(`Firefox: ${name}: ${JSON.stringify(error)}`);
      return result?.value;
    }
  }

  async #message(): Promise<unknown> {
    while (true) {
      const colon = this.#received.indexOf(':');
      const end = colon + 1 + Number(this.#received.subarray(0, Math.max(0, colon)).toString());
      if (colon > 0 && this.#received.byteLength >= end) {
        const text = this.#received.subarray(colon + 1, end).toString();
        this.#received = this.#received.subarray(end);
        return JSON.parse(text);
      }
      await once(this.#socket, 'received');
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
