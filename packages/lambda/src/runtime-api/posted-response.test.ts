import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type Listener, listen } from '@spillway/http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostedResponse } from './posted-response.ts';

const PIECE_BYTES = 262_144;
const REASON = new Error('the function timed out');

let listener: Listener;
let agent: Agent;
let onPosted: (posted: PostedResponse) => void = () => {};

beforeEach(async () => {
  agent = new Agent({ keepAlive: true });
  listener = await listen({
    port: 0,
    lends: () => true,
    handle: (incoming, response) => {
      const posted = new PostedResponse(incoming);
      onPosted(posted);
      void posted.ended.then((whole) => response.end(String(whole)));
    },
  });
});
afterEach(async () => {
  agent.destroy();
  await listener.close();
});

/** A runtime that writes on and on, each piece of another letter; and what it posts. */
async function post(): Promise<{ call: ClientRequest; posted: PostedResponse }> {
  const call = request({ port: listener.port, host: '127.0.0.1', agent, method: 'POST', path: '/response' });
  call.on('error', () => {});
  const posted = new Promise<PostedResponse>((resolve) => {
    onPosted = resolve;
  });
  for (let letter = 0x61; letter < 0x61 + 26; letter += 1) call.write(Buffer.alloc(PIECE_BYTES, letter));
  return { call, posted: await posted };
}

/** Turns of the event loop, enough to read it all. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 300; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function firstChunk(posted: PostedResponse): Promise<Uint8Array> {
  const { value } = await posted.next();
  return value;
}

async function answerTo(call: ClientRequest): Promise<string> {
  const [response] = (await once(call.end(), 'response')) as [IncomingMessage];
  let text = '';
  for await (const bytes of response) text += String(bytes);
  return text;
}

describe('a posted response that nobody reads on', () => {
  it('leaves a chunk to its reader when the function fails, and is thrown away when that asks for the next one', async () => {
    const { call, posted } = await post();
    const chunk = await firstChunk(posted);
    const copy = new Uint8Array(chunk);
    posted.breakOff(REASON);
    await turns();
    expect(Buffer.compare(chunk, copy)).toBe(0);
    expect(call.writableLength).toBeGreaterThan(0);
    await expect(posted.next()).rejects.toBe(REASON);
    expect(await answerTo(call)).toBe('true');
  });

  it.each([
    ['returns', (posted: PostedResponse) => posted.return()],
    ['wants no more', (posted: PostedResponse) => posted.abandon(undefined)],
  ])('is thrown away when the reader of a failed function %s', async (_, leave) => {
    const { call, posted } = await post();
    await firstChunk(posted);
    posted.breakOff(REASON);
    await leave(posted);
    expect(await answerTo(call)).toBe('true');
    await expect(posted.next()).rejects.toBe(REASON);
  });

  it('is thrown away at once when the reader waits, or has not begun', async () => {
    const waiting = await post();
    const reading = (async () => {
      for await (const _ of waiting.posted);
    })();
    await turns();
    waiting.posted.breakOff(REASON);
    await expect(reading).rejects.toBe(REASON);
    const unread = await post();
    unread.posted.breakOff(REASON);
    expect(await answerTo(unread.call)).toBe('true');
    expect(await answerTo(waiting.call)).toBe('true');
  });

  it('is at its end when the connection is, whatever its reader does', async () => {
    const { call, posted } = await post();
    const chunk = await firstChunk(posted);
    const copy = new Uint8Array(chunk);
    posted.breakOff(REASON);
    call.destroy();
    listener.server.closeAllConnections();
    expect(await posted.ended).toBe(false);
    expect(Buffer.compare(chunk, copy)).toBe(0);
  });

  it('adds no listener to its connection that stays', async () => {
    for (let count = 0; count < 12; count += 1) {
      const { call, posted } = await post();
      await firstChunk(posted);
      posted.breakOff(REASON);
      await expect(posted.next()).rejects.toBe(REASON);
      expect(await answerTo(call)).toBe('true');
    }
    const connections: number[] = [];
    listener.server.on('request', ({ socket }: IncomingMessage) => connections.push(socket.listenerCount('close')));
    const { call, posted } = await post();
    await posted.return();
    expect(await answerTo(call)).toBe('true');
    expect(connections[0]).toBeLessThan(10);
  });
});
