import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Listener, listen } from './index.ts';

let listener: Listener | undefined;

afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

describe('listen', () => {
  it('names the port that is in use, and another way', async () => {
    listener = await listen({ port: 0, handle: () => {} });
    await expect(listen({ port: listener.port, handle: () => {} })).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(new RegExp(`Port ${listener.port}.*in use.*--port 0`)),
    });
  });

  it('is on loopback alone', async () => {
    listener = await listen({ port: 0, handle: () => {} });
    expect(listener.server.address()).toMatchObject({ address: '127.0.0.1' });
  });

  it('goes on when a connection could not be accepted', async () => {
    listener = await listen({ port: 0, handle: (_, response) => response.end() });
    const { server, port } = listener;
    for (const _ of [1, 2]) expect(() => server.emit('error', new Error('accept EMFILE'))).not.toThrow();
    const [response] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(200);
  });
});
