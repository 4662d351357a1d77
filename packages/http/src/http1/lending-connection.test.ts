import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { AwsError } from '@spillway/wire';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type Listener, listen } from '../listen.ts';
import { toBody } from '../to-body.ts';

let listener: Listener | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener?.close();
  listener = undefined;
});

const lends = (requestLine: string) => requestLine.startsWith('POST /lent ');

interface Read {
  readonly call: string;
  readonly body: string;
  readonly trailer: string | undefined;
}

/** A server that answers each request with what it read of it. */
async function echo(onPiece: (piece: Uint8Array) => void = () => {}): Promise<Listener> {
  listener = await listen({
    port: 0,
    lends,
    handle: async (incoming, response) => {
      let body = '';
      try {
        for await (const piece of toBody(incoming)) {
          onPiece(piece);
          body += Buffer.from(piece).toString('latin1');
        }
        const read: Read = {
          call: `${incoming.method} ${incoming.url}`,
          body,
          trailer: incoming.trailers['x-t'] as string | undefined,
        };
        response.end(`${JSON.stringify(read)}\n`);
      } catch (error) {
        response.destroy();
        broken.push((error as AwsError).code);
      }
    },
  });
  return listener;
}

const broken: string[] = [];

function open(): Socket {
  const socket = connect({ port: listener?.port ?? 0, host: '127.0.0.1' });
  sockets.push(socket);
  return socket.on('error', () => {});
}

async function answersTo(socket: Socket, count: number): Promise<Read[]> {
  let received = '';
  const answers = () => received.split('\r\n').filter((line) => line.startsWith('{"call"'));
  const parsed = () => answers().map((line) => JSON.parse(line.split('\n')[0] ?? '') as Read);
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    received += String(bytes);
    // Each ends with a line of its own.
    if (received.split('}\n').length > count) return parsed();
  }
  return parsed();
}

const chunked = (path: string, chunks: readonly string[], trailer = '') =>
  [
    `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ...chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`),
    `0\r\n${trailer === '' ? '' : `X-T: ${trailer}\r\n`}\r\n`,
  ].join('');

const withLength = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

const letters = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', ':'), maxLength: 40 });
const chunks = fc.array(
  letters.filter((letter) => letter !== ''),
  { maxLength: 5 },
);
const anyRequest = fc.oneof(
  fc.record({ path: fc.constantFrom('/lent', '/other'), chunks, trailer: fc.constantFrom('', 'end') }).map((made) => ({
    text: chunked(made.path, made.chunks, made.trailer),
    read: {
      call: `POST ${made.path}`,
      body: made.chunks.join(''),
      ...(made.trailer === '' ? {} : { trailer: made.trailer }),
    },
  })),
  fc.record({ path: fc.constantFrom('/lent', '/other'), body: letters }).map(({ path, body }) => ({
    text: withLength(path, body),
    read: { call: `POST ${path}`, body },
  })),
  chunks.map((sent) => ({
    text: chunked('/lent', sent).replace('Host: x', 'Host: x\r\nExpect: 100-continue'),
    read: { call: 'POST /lent', body: sent.join('') },
  })),
  fc.constant({ text: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', read: { call: 'GET /', body: '' } }),
);

describe('a connection that lends bodies', () => {
  it('reads them into one buffer, whatever their size', async () => {
    const buffers = new Set<ArrayBufferLike>();
    let sizeBytes = 0;
    const { port } = await echo((piece) => {
      buffers.add(piece.buffer);
      sizeBytes += piece.byteLength;
    });
    const agent = new Agent({ keepAlive: true });
    const call = request({ port, agent, host: '127.0.0.1', method: 'POST', path: '/lent' });
    const piece = Buffer.alloc(1_000_000, 'a');
    for (let count = 0; count < 16; count += 1) await new Promise((resolve) => call.write(piece, resolve));
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    expect(sizeBytes).toBe(16_000_000);
    expect(buffers.size).toBe(1);
    agent.destroy();
  });

  it('reads requests as they are, in whatever pieces they come', async () => {
    await echo();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRequest, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
        async (requests, sizes) => {
          const socket = open().setNoDelay();
          const answers = answersTo(socket, requests.length);
          let rest = Buffer.from(requests.map(({ text }) => text).join(''), 'latin1');
          for (const size of [...sizes, rest.byteLength]) {
            await new Promise((resolve) => socket.write(rest.subarray(0, size), resolve));
            rest = rest.subarray(size);
          }
          expect(await answers).toEqual(requests.map(({ read }) => read));
          socket.destroy();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('stops reading while a body waits to be read', async () => {
    let go = () => {};
    const asked = new Promise<void>((resolve) => {
      go = resolve;
    });
    let sizeBytes = 0;
    listener = await listen({
      port: 0,
      lends,
      handle: async (incoming, response) => {
        await asked;
        for await (const piece of toBody(incoming)) sizeBytes += piece.byteLength;
        response.end('}\n');
      },
    });
    const socket = open();
    socket.write('POST /lent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1000000\r\n');
    const isTaken = socket.write(Buffer.alloc(0x1000000));
    expect(isTaken).toBe(false);
    // Turns enough to read it all; what the kernel holds on both sides is less.
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(socket.writableLength).toBeGreaterThan(0);
    go();
    socket.write('\r\n0\r\n\r\n');
    await answersTo(socket, 1);
    expect(sizeBytes).toBe(0x1000000);
  });

  it('throws away what is not read once the answer is sent, and goes on with the next request', async () => {
    let count = 0;
    listener = await listen({
      port: 0,
      lends,
      handle: (incoming, response) => {
        count += 1;
        response.end(`${JSON.stringify({ call: `${incoming.method} ${incoming.url} ${count}` })}\n`);
      },
    });
    const socket = open();
    socket.write(chunked('/lent', ['a'.repeat(2_000_000)]) + chunked('/lent', ['b']));
    expect(await answersTo(socket, 2)).toEqual([{ call: 'POST /lent 1' }, { call: 'POST /lent 2' }]);
  });

  it.each([
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['sends something else than a chunk', (socket: Socket) => socket.write('\r\nno size\r\n')],
  ])('knows a body for broken when its client %s', async (_, breakOff) => {
    broken.length = 0;
    let onFirst = () => {};
    const first = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    await echo(() => onFirst());
    const socket = open();
    socket.write('POST /lent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc');
    await first;
    breakOff(socket);
    await expect.poll(() => broken).toEqual(['IncompleteBody']);
  });

  it('reads nothing into the buffer before all bodies that lie in it were taken', async () => {
    const isChanged: boolean[] = [];
    let takeFirst = () => {};
    const mayTakeFirst = new Promise<void>((resolve) => {
      takeFirst = resolve;
    });
    let onSecond = () => {};
    const second = new Promise<void>((resolve) => {
      onSecond = resolve;
    });
    listener = await listen({
      port: 0,
      lends,
      handle: async (incoming, response) => {
        const isFirst = incoming.headers['x-second'] === undefined;
        if (!isFirst) onSecond();
        for await (const piece of toBody(incoming)) {
          const copy = new Uint8Array(piece);
          await (isFirst ? mayTakeFirst : undefined);
          isChanged.push(Buffer.compare(piece, copy) !== 0);
        }
        response.end(`${JSON.stringify({ call: 'POST' })}\n`);
      },
    });
    const socket = open();
    const last = chunked('/lent', ['b'.repeat(1000)]).replace('Host: x', 'Host: x\r\nX-Second: x');
    const headEnd = last.indexOf('\r\n\r\n') + 4;
    socket.write(chunked('/lent', ['a'.repeat(1000)]) + last.slice(0, headEnd));
    await second;
    socket.write(last.slice(headEnd));
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    takeFirst();
    await answersTo(socket, 2);
    expect(isChanged).toEqual([false, false]);
  });

  it('gives the rest to who has begun to read it, also when the answer is sent', async () => {
    let sizeBytes = 0;
    let onEnd = () => {};
    const ended = new Promise<void>((resolve) => {
      onEnd = resolve;
    });
    listener = await listen({
      port: 0,
      lends,
      handle: async (incoming, response) => {
        for await (const piece of toBody(incoming)) {
          sizeBytes += piece.byteLength;
          if (!response.writableEnded) await new Promise<void>((resolve) => response.end('}\n', resolve));
        }
        onEnd();
      },
    });
    const socket = open().resume();
    socket.write(chunked('/lent', ['a'.repeat(2_000_000)]));
    await ended;
    expect(sizeBytes).toBe(2_000_000);
  });

  it('is closed by the server behind an answer to a client that wants it so, even if that never closes it', async () => {
    await echo();
    let onClose = () => {};
    const closed = new Promise<void>((resolve) => {
      onClose = resolve;
    });
    listener?.server.on('request', ({ socket }: IncomingMessage) => socket.on('close', onClose));
    const socket = connect({ port: listener?.port ?? 0, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    socket.write(chunked('/lent', ['a']).replace('Host: x', 'Host: x\r\nConnection: close'));
    expect(await answersTo(socket, 1)).toHaveLength(1);
    await closed;
  });

  it('is counted by the server, which is closed when its connections are', async () => {
    let closed = 0;
    listener = await listen({
      port: 0,
      lends,
      handle: ({ socket }) => socket.on('close', () => (closed += 1)),
    });
    const { server } = listener;
    const asked = once(server, 'request');
    open().write(withLength('/other', ''));
    await asked;
    const count = new Promise((resolve) => server.getConnections((_, connections) => resolve(connections)));
    expect(await count).toBe(1);
    await listener.close();
    expect(closed).toBe(1);
  });

  it.each([
    ['empty lines before it', `\r\n\r\n${chunked('/lent', ['abc'])}`],
    ['sizes with many zeros', chunked('/lent', ['abc']).replace('3\r\n', `${'0'.repeat(20)}3\r\n`)],
    ['HTTP/1.0', chunked('/lent', ['abc']).replace('1.1', '1.0')],
  ])('reads a request with %s', async (_, text) => {
    await echo();
    const socket = open();
    socket.write(text);
    expect(await answersTo(socket, 1)).toEqual([{ call: 'POST /lent', body: 'abc' }]);
  });

  it.each([
    ['a request line', 'no request at all\r\n\r\n'],
    ['a request without Host', chunked('/lent', ['a']).replace('Host: x\r\n', '')],
    ['a size', chunked('/lent', ['abc']).replace('3\r\n', 'three\r\n')],
    ['more bytes than a size says', chunked('/lent', ['abc']).replace('3\r\n', '2\r\n')],
    ['a header', 'GET / HTTP/1.1\r\nHost: x\r\n b\r\n\r\n'],
    ['two lengths', 'POST /lent HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a length beside chunks', chunked('/lent', ['a']).replace('Host: x', 'Host: x\r\nContent-Length: 1')],
    ['what follows a lent body', `${chunked('/lent', ['a'])}no request at all\r\n\r\n`],
  ])('leaves it to Node.js to refuse %s', async (_, text) => {
    await echo();
    const socket = open();
    socket.write(text);
    let received = '';
    for await (const bytes of socket) received += String(bytes);
    expect(received).toContain('HTTP/1.1 400 Bad Request');
  });

  it.each([
    ['100-continue', 'HTTP/1.1 100 Continue'],
    ['something', 'HTTP/1.1 417 Expectation Failed'],
  ])('leaves a request that expects %s to Node.js, and what follows it', async (expectation, answer) => {
    await echo();
    const socket = open();
    socket.write(chunked('/lent', ['a']).replace('Host: x', `Host: x\r\nExpect: ${expectation}`));
    socket.write(chunked('/lent', ['b']));
    let received = '';
    for await (const bytes of socket) {
      received += String(bytes);
      if (received.includes('"b"')) break;
    }
    expect(received).toContain(answer);
    expect(received).toContain('"body":"b"');
  });
});
