import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oneBufferSocket } from './one-buffer-socket.ts';

const SENT = Buffer.alloc(300_000, 'abcdefg');

let server: Server;
let client: Socket;
let accepted: Socket;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepting = once(server, 'connection') as Promise<[Socket]>;
  client = connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1' });
  [accepted] = await accepting;
});
afterEach(async () => {
  client.destroy();
  accepted.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** As a Node.js whose handles can't be lent a buffer. */
function withoutUserBuffer(): void {
  Object.defineProperty(Reflect.get(accepted, '_handle'), 'useUserBuffer', { value: undefined });
}

describe.each([
  ['into one buffer', () => {}, true],
  ['into many, where Node.js lends none', withoutUserBuffer, false],
] as const)('an accepted connection is read %s', (_, prepare, isOne) => {
  it('piece by piece, each when it is asked for', async () => {
    prepare();
    const read: Buffer[] = [];
    const buffers = new Set<ArrayBufferLike>();
    const socket = oneBufferSocket(accepted, 65_536, (bytes) => {
      read.push(Buffer.from(bytes));
      buffers.add(bytes.buffer);
      setImmediate(() => socket.resume());
      return false;
    });
    socket.resume();
    client.end(SENT);
    await once(socket, 'end');
    expect(Buffer.concat(read).equals(SENT)).toBe(true);
    expect(buffers.size === 1).toBe(isOne);
    socket.end('answer');
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(String(answer)).toBe('answer');
    socket.destroy();
  });

  it('and is counted by its server until it is closed', async () => {
    prepare();
    const socket = oneBufferSocket(accepted, 65_536, () => true);
    const count = () => new Promise((resolve) => server.getConnections((_error, connections) => resolve(connections)));
    expect(await count()).toBe(1);
    socket.destroy();
    await once(client.resume(), 'close');
    await expect.poll(count).toBe(0);
  });
});
