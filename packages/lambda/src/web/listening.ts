import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { ListeningSocket } from '../listening-sockets.ts';

/** Whether something listens on the port and, on Linux, is among `sockets`, which are only looked for then. */
export async function isListening(port: number, sockets: () => readonly ListeningSocket[]): Promise<boolean> {
  if (process.platform !== 'linux') return accepts(port);
  return hasListener(port) && sockets().some((socket) => socket.port === port);
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

/** Of any process. Local port, whatever remote address, state LISTEN. */
function hasListener(port: number): boolean {
  const line = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F:]+ 0A `);
  return ['/proc/net/tcp', '/proc/net/tcp6'].some((path) => line.test(read(path)));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
