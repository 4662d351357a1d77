import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { get, request } from 'node:http';
import { connect } from 'node:net';
import { type Body, bodyOf } from '@spillway/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientLeft, clientSignal, type Listener, listen, send, toBody } from './index.ts';

let listener: Listener | undefined;

afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<unknown>,
): Promise<number> {
  listener = await listen({ port: 0, handle: (incoming, response) => void handle(incoming, response).catch(() => {}) });
  return listener.port;
}

const encode = (text: string) => new TextEncoder().encode(text);

async function* failingAfter(...chunks: readonly string[]): Body {
  for (const chunk of chunks) yield encode(chunk);
  throw new Error('the source failed');
}

/** All that arrives on a plain socket until it is closed. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk;
  });
  socket.write(text);
  await once(socket, 'close');
  return received;
}

describe('send', () => {
  it('sends head and first chunk before the body ends', async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    async function* body(): Body {
      yield encode('first');
      await finished;
      yield encode('last');
    }
    const port = await serve((_, response) => send(response, { status: 200, headers: [], body: body() }));
    const [response] = (await once(get({ port }), 'response')) as [IncomingMessage];
    const chunks = response[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe('first');
    finish();
    expect(String((await chunks.next()).value)).toBe('last');
    expect((await chunks.next()).done).toBe(true);
  });

  it('sends the bytes of a header as they are', async () => {
    const name = Buffer.from('日本').toString('latin1');
    const port = await serve((_, response) =>
      send(response, { status: 200, headers: [['X-Name', name]], body: bodyOf(encode('body')) }),
    );
    expect(await raw(port, 'GET / HTTP/1.0\r\n\r\n')).toContain(`X-Name: ${name}\r\n`);
  });

  it('sends the head of a body that fails at once', async () => {
    const port = await serve((_, response) =>
      send(response, { status: 200, headers: [['Content-Length', '6']], body: bodyOf() }).catch(() => {}),
    );
    expect(await raw(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n')).toContain('HTTP/1.1 200 OK');
  });

  it('keeps case and repeats of header names', async () => {
    const headers = [
      ['X-MiXed', 'a'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ] as const;
    const port = await serve((_, response) => send(response, { status: 200, headers, body: bodyOf() }));
    const [response] = (await once(get({ port }), 'response')) as [IncomingMessage];
    response.resume();
    expect(response.rawHeaders.join('|')).toContain('X-MiXed|a|Set-Cookie|a=1|Set-Cookie|b=2');
  });

  it.each([
    ['shorter', '10', bodyOf(encode('12345'))],
    ['longer', '10', bodyOf(encode('1234567890'), encode('1'))],
    ['failing behind its last byte', '10', failingAfter('1234567890')],
  ])('cuts the connection when a body with a length is %s', async (_, length, body) => {
    const port = await serve((_request, response) =>
      send(response, { status: 200, headers: [['Content-Length', length]], body }),
    );
    const text = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [, received = ''] = text.split('\r\n\r\n');
    expect(received.length).toBeLessThan(10);
  });

  it('sends no final chunk when a body without a length fails', async () => {
    const port = await serve((_, response) => send(response, { status: 200, headers: [], body: failingAfter('part') }));
    const text = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(text).toContain('part');
    expect(text).not.toContain('0\r\n\r\n');
  });

  it('resets the connection where only the close would end the body', async () => {
    let fail = () => {};
    const failed = new Promise<void>((resolve) => {
      fail = resolve;
    });
    async function* body(): Body {
      yield encode('part');
      await failed;
      throw new Error('the source failed');
    }
    const port = await serve((_, response) => send(response, { status: 200, headers: [], body: body() }));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.0\r\n\r\n');
    // libuv takes a reset for an end when it arrives together with data.
    await once(socket, 'data');
    const error = once(socket, 'error');
    fail();
    expect(await error).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it.each([
    ['longer', bodyOf(encode('1'))],
    ['failing', failingAfter()],
  ])('sends no head when a body of length 0 is %s', async (_, body) => {
    const port = await serve((_request, response) =>
      send(response, { status: 200, headers: [['Content-Length', '0']], body }).catch(() => response.destroy()),
    );
    expect(await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
  });

  it('resets the connection when it is cut within a chunk', async () => {
    const controller = new AbortController();
    const port = await serve((_, response) =>
      send(response, { status: 200, headers: [], body: bodyOf(new Uint8Array(16_777_216)) }, controller.signal),
    );
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.pause();
    const ending = once(socket, 'error');
    controller.abort(new Error('enough'));
    socket.resume();
    expect(await ending).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('ends the connection when the client still waits to send its body', async () => {
    const port = await serve((_, response) => send(response, { status: 403, headers: [], body: bodyOf() }));
    const head = 'PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n';
    expect(await raw(port, head)).toMatch(/^HTTP\/1.1 403 .*^Connection: close/ms);
  });

  it('lets go of an answer that waits behind another when the client leaves', async () => {
    const results: unknown[] = [];
    const signals: AbortSignal[] = [];
    async function* silentUntil(signal: AbortSignal): Body {
      yield encode('x');
      await once(signal, 'abort');
      throw signal.reason;
    }
    const port = await serve(async (_, response) => {
      const signal = clientSignal(response);
      signals.push(signal);
      const body = signals.length === 1 ? silentUntil(signal) : bodyOf(encode('y'));
      results.push(await send(response, { status: 200, headers: [], body }).catch((error: unknown) => error));
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    await expect.poll(() => signals.length).toBe(2);
    socket.destroy();
    await expect.poll(() => results.length).toBe(2);
    expect(results).toContainEqual({ sentBytes: 0, complete: false });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('says how much a client that left had got, and stops asking', async () => {
    let asked = 0;
    let result: unknown;
    let settled = () => {};
    const done = new Promise<void>((resolve) => {
      settled = resolve;
    });
    async function* endless(): Body {
      while (true) {
        asked += 1;
        yield new Uint8Array(65_536);
      }
    }
    const port = await serve(async (_, response) => {
      result = await send(response, { status: 200, headers: [], body: endless() });
      settled();
    });
    const [response] = (await once(get({ port }), 'response')) as [IncomingMessage];
    await once(response, 'data');
    response.destroy();
    await done;
    expect(result).toMatchObject({ complete: false });
    expect(asked).toBeLessThan(1000);
  });

  it('asks for no more than the socket takes', async () => {
    let asked = 0;
    async function* endless(): Body {
      while (true) {
        asked += 1;
        yield new Uint8Array(1_048_576);
      }
    }
    const port = await serve((_, response) => send(response, { status: 200, headers: [], body: endless() }));
    const [response] = (await once(get({ port }), 'response')) as [IncomingMessage];
    response.pause();
    let seen = -1;
    while (seen !== asked) {
      seen = asked;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(asked).toBeLessThan(32);
    response.destroy();
  });
});

describe('clientSignal', () => {
  it('is aborted when the client leaves before the end', async () => {
    let signal: AbortSignal | undefined;
    const port = await serve(async (_, response) => {
      signal = clientSignal(response);
      response.write('x');
    });
    const [response] = (await once(get({ port }), 'response')) as [IncomingMessage];
    await once(response, 'data');
    response.destroy();
    await once(signal as AbortSignal, 'abort');
    expect(signal?.reason).toBeInstanceOf(ClientLeft);
  });
});

describe('toBody', () => {
  it('asks for a body sent with Expect: 100-continue only when it is read', async () => {
    const seen: string[] = [];
    const port = await serve(async (incoming, response) => {
      if (incoming.url === '/read')
        for await (const chunk of toBody(incoming)) seen.push(Buffer.from(chunk).toString());
      response.end('done');
    });
    const outcome = async (path: string) => {
      const call = request({ port, path, method: 'PUT', headers: { Expect: '100-continue', 'Content-Length': 4 } });
      let continued = false;
      call.on('continue', () => {
        continued = true;
        call.end('body');
      });
      call.flushHeaders();
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      response.resume();
      call.destroy();
      return continued;
    };
    expect(await outcome('/refuse')).toBe(false);
    expect(await outcome('/read')).toBe(true);
    expect(seen).toEqual(['body']);
  });

  it('fails when the client breaks off', async () => {
    let failure: unknown;
    let settled = () => {};
    const done = new Promise<void>((resolve) => {
      settled = resolve;
    });
    const port = await serve(async (incoming) => {
      try {
        for await (const _ of toBody(incoming));
      } catch (error) {
        failure = error;
      }
      settled();
    });
    const socket = connect(port, '127.0.0.1');
    socket.end('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345');
    await done;
    expect(failure).toMatchObject({ code: 'IncompleteBody' });
  });

  it('fails with the reason of its signal', async () => {
    const controller = new AbortController();
    let failure: unknown;
    let settled = () => {};
    const done = new Promise<void>((resolve) => {
      settled = resolve;
    });
    const port = await serve(async (incoming) => {
      try {
        for await (const _ of toBody(incoming, { signal: controller.signal })) controller.abort(new Error('enough'));
      } catch (error) {
        failure = error;
      }
      settled();
    });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345');
    await done;
    expect(failure).toMatchObject({ message: 'enough' });
    socket.destroy();
  });
});
