import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Where a handler waits, by connecting, until the test lets it go on. */
export interface Gate {
  /** Host and port. */
  readonly address: string;
  /** Lets the one go on that waits, or that comes next. */
  open(): Promise<void>;
  close(): void;
}

export async function openGate(): Promise<Gate> {
  const waiting: Socket[] = [];
  const server = createServer((socket) => {
    // A handler that was ended resets its connection.
    socket.on('error', () => {});
    waiting.push(socket);
    server.emit('waiting');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: async () => {
      if (waiting.length === 0) await once(server, 'waiting');
      waiting.shift()?.end();
    },
    close: () => {
      server.close();
      for (const socket of waiting) socket.destroy();
    },
  };
}
