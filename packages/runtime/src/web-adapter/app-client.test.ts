import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppClient } from './app-client.ts';
import type { AppRequest } from './app-request.ts';

let server: Server | undefined;
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  sockets.clear();
});

/** An app that hands each connection and each piece that came on it to `onData`. */
async function app(onData: (socket: Socket, text: string) => void): Promise<AppClient> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', (bytes) => onData(socket, bytes.toString('latin1')));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return new AppClient(new URL(`http://127.0.0.1:${port}`));
}

const get = (target = '/'): AppRequest => ({ method: 'GET', target, headers: new Map(), body: Buffer.alloc(0) });

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  let whole = '';
  for await (const piece of body) whole += Buffer.from(piece).toString('latin1');
  return whole;
}

describe('AppClient', () => {
  it('sends what it is given, and nothing that a header could add', async () => {
    const seen: string[] = [];
    const client = await app((socket, request) => {
      seen.push(request);
      socket.write('HTTP/1.1 204 OK\r\n\r\n');
    });
    await client.send({ ...get('/a?b'), headers: new Map([['x-a', ['1', '2']]]), body: Buffer.from('hi') });
    expect(seen.join('')).toMatch(
      /^GET \/a\?b HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 2\r\n\r\nhi$/,
    );
    await expect(client.send({ ...get(), headers: new Map([['x-a', ['1\r\nevil: 1']]]) })).rejects.toThrow(TypeError);
    await expect(client.send(get('/a b'))).rejects.toThrow(TypeError);
    await expect(client.send({ ...get(), method: 'GET / ' })).rejects.toThrow(TypeError);
  });

  it('keeps the connection for the next request, when the app does', async () => {
    const client = await app((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    expect(await text((await client.send(get())).body)).toBe('hi');
    expect(await text((await client.send(get())).body)).toBe('hi');
    expect(sockets.size).toBe(1);
  });

  it('makes another one when the app closed it', async () => {
    const client = await app((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    expect(await text((await client.send(get())).body)).toBe('hi');
    await new Promise((resolve) => [...sockets][0]?.once('close', resolve));
    expect(await text((await client.send(get())).body)).toBe('hi');
    expect(sockets.size).toBe(2);
  });

  it('reads no more of a body than its reader takes, and all of it in the end', async () => {
    const sizeBytes = 64 * 1_048_576;
    const block = Buffer.alloc(1_048_576, 'x');
    let handedOver = 0;
    const client = await app((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${sizeBytes}\r\n\r\n`);
      const more = () => {
        while (handedOver < sizeBytes) {
          handedOver += block.byteLength;
          if (!socket.write(block)) return;
        }
      };
      socket.on('drain', more);
      more();
    });
    const body = (await client.send(get())).body[Symbol.asyncIterator]();
    let readBytes = (await body.next()).value?.byteLength ?? 0;
    const stalled = handedOver;
    // A turn of the event loop on both sides would let an eager reader go on.
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(handedOver - stalled).toBeLessThan(sizeBytes / 2);
    for (let next = await body.next(); !next.done; next = await body.next()) readBytes += next.value.byteLength;
    expect(readBytes).toBe(sizeBytes);
  });

  it.each([
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('says that a body broke off when the app %s in mid stream', async (_, leave) => {
    const client = await app((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe', () => leave(socket));
    });
    await expect(client.send(get()).then(({ body }) => text(body))).rejects.toThrow();
  });

  it('takes the end of a connection for the end of a body that has no other, and no reset', async () => {
    const started = (leave: (socket: Socket) => void) =>
      app((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\nhalf of it', () => leave(socket));
      });
    const reset = await started(() => {});
    const { body } = await reset.send(get());
    const pending = text(body);
    for (const socket of sockets) socket.resetAndDestroy();
    await expect(pending).rejects.toThrow();
    await new Promise((resolve) => server?.close(resolve));
    const ended = await started((socket) => socket.end());
    expect(await text((await ended.send(get())).body)).toBe('half of it');
  });

  it('takes nothing that comes behind an answer for the next one', async () => {
    let requests = 0;
    const client = await app((socket) => {
      requests += 1;
      if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-');
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood');
    });
    expect(await text((await client.send(get())).body)).toBe('hi');
    expect(await text((await client.send(get())).body)).toBe('good');
    expect(sockets.size).toBe(2);
  });

  it('frames a body in one way, whatever the event says', async () => {
    const seen: string[] = [];
    const client = await app((socket, request) => {
      seen.push(request);
      socket.write('HTTP/1.1 204 OK\r\n\r\n');
    });
    const headers = new Map([
      ['content-length', ['1']],
      ['transfer-encoding', ['identity']],
    ]);
    await client.send({ ...get(), headers, body: Buffer.from('hi') });
    expect(seen.join('')).toMatch(
      /^GET \/ HTTP\/1\.1\r\nhost: [\d.:]+\r\ntransfer-encoding: identity, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/,
    );
  });

  it.each([
    ['closes', (socket: Socket) => socket.end()],
    ['answers something else', (socket: Socket) => socket.write('SSH-2.0-x\r\n')],
  ])('names the phase when the app %s before it answers', async (_, answer) => {
    const client = await app(answer);
    await expect(client.send(get())).rejects.toThrow('client error (SendRequest)');
  });

  it('names the phase when nobody listens', async () => {
    const client = await app(() => {});
    await new Promise((resolve) => server?.close(resolve));
    await expect(client.send(get())).rejects.toThrow('client error (Connect)');
  });

  it('closes the connection of an answer that nobody wants to its end', async () => {
    const client = await app((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'));
    const response = await client.send(get());
    const closed = new Promise((resolve) => [...sockets][0]?.once('close', resolve));
    response.destroy();
    await closed;
  });
});
