import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { ListeningSocket } from '../listening-sockets.ts';

/** The first of `ports` on which something listens that, on Linux, is among `sockets`, which are only looked for then. */
export async function listeningPort(
  ports: readonly number[],
  sockets: () => readonly ListeningSocket[],
): Promise<number | undefined> {
  if (process.platform !== 'linux') return firstThatAccepts(ports);
  const tables = await socketTables();
  const taken = ports.filter((port) => hasListener(tables, port));
  if (taken.length === 0) return undefined;
  const own = new Set(sockets().map(({ port }) => port));
  return taken.find((port) => own.has(port));
}

async function firstThatAccepts(ports: readonly number[]): Promise<number | undefined> {
  for (const port of ports) if (await accepts(port)) return port;
  return undefined;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isAccepted: boolean) => {
      socket.destroy();
      resolve(isAccepted);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

let reading: Promise<string> | undefined;

/** Of all processes. They take the kernel milliseconds: who looks at the same time looks at the same ones, and nothing stands still. */
function socketTables(): Promise<string> {
  reading ??= Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'latin1').catch(() => '')))
    .then((tables) => tables.join(''))
    .finally(() => {
      reading = undefined;
    });
  return reading;
}

/** Local port, whatever remote address, state LISTEN. */
const hasListener = (tables: string, port: number): boolean =>
  new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F:]+ 0A `).test(tables);
