import { PassThrough } from 'node:stream';
import { encodePrelude, type Prelude, splitPrelude } from '@spillway/wire';
import { afterEach, expect, test, vi } from 'vitest';
import { createDownloadHandler } from './create-download-handler.ts';
import type { ApiGatewayEvent } from './download-request.ts';
import { StoreError } from './object-store/object-store.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { contextOf, eventOf } from './testing/requests.ts';

/** As Lambda's: the prelude goes out with the first write, and with no other call. */
const awslambda = {
  streamifyResponse: <Handler>(handler: Handler) => handler,
  HttpResponseStream: {
    from(stream: PassThrough, prelude: Prelude) {
      const write = stream.write.bind(stream) as (
        chunk: Uint8Array,
        encoding?: undefined,
        done?: () => void,
      ) => boolean;
      let isFirst = true;
      return Object.assign(stream, {
        write: (chunk: Uint8Array, _: undefined, done: () => void) => {
          if (isFirst) write(encodePrelude(prelude));
          isFirst = false;
          return write(chunk, undefined, done);
        },
      });
    },
  },
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What an invocation writes, and what it logs. */
async function invoke(store: MemoryStore, event: ApiGatewayEvent) {
  vi.stubGlobal('awslambda', awslambda);
  // Powertools then logs by the console that a test can see.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  const lines: string[] = [];
  vi.spyOn(console, 'info').mockImplementation((line) => void lines.push(line));
  vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  const stream = new PassThrough();
  const handler = createDownloadHandler({ store, patience: { backoffMs: 1, resumeTimeoutMs: 20 } });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const error = await handler(event, stream as never, contextOf({})).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { preludeText, payload } = await splitPrelude(
    (async function* () {
      yield* chunks;
    })(),
    16_384,
  );
  const body: Uint8Array[] = [];
  for await (const chunk of payload) body.push(chunk);
  return { prelude: JSON.parse(preludeText) as Prelude, body: Buffer.concat(body).toString(), error, lines, stream };
}

const object = () => new MemoryStore(Buffer.from('0123456789'), { eTag: '"a"' });

test('an answer is a prelude and a body, and the stream is ended', async () => {
  const { prelude, body, error, stream } = await invoke(object(), eventOf({ headers: { range: 'bytes=2-4' } }));
  expect({ prelude, body, error }).toMatchObject({ prelude: { statusCode: 206 }, body: '234', error: undefined });
  expect(stream.writableFinished).toBe(true);
});

test.each([
  ['HEAD', eventOf({ method: 'HEAD' }), 200],
  ['304', eventOf({ headers: { 'if-none-match': '*' } }), 304],
  ['HEAD of nothing', eventOf({ method: 'HEAD', key: '..' }), 404],
])('%s has no body, and yet its prelude is sent', async (_, event, status) => {
  expect(await invoke(object(), event)).toMatchObject({ prelude: { statusCode: status }, body: '' });
});

test('a body that breaks is an error of the invocation, and the log says why', async () => {
  const store = object();
  const get = store.get.bind(store);
  store.get = async (read) => {
    const open = await get(read);
    const body = (async function* () {
      yield Buffer.from('012');
      throw new StoreError('unavailable', 'gone');
    })();
    return store.reads.length === 1 ? { ...open, body } : Promise.reject(new StoreError('changed', 'other'));
  };
  const { error, lines, stream } = await invoke(store, eventOf({}));
  expect(error).toMatchObject({ name: 'BrokenResponse', reason: 'changed' });
  expect(stream.writableEnded).toBe(false);
  const line = lines.map((text) => JSON.parse(text) as Record<string, unknown>).find(({ level }) => level === 'ERROR');
  expect(line).toMatchObject({ outcome: 'broken', breakReason: 'changed', sentBytes: 3, resumes: 1, status: 200 });
});

test('an event that is none is answered, too', async () => {
  expect(await invoke(object(), {} as never)).toMatchObject({ prelude: { statusCode: 405 } });
});

test("a function URL's event names the object by its path", async () => {
  const event = { rawPath: '/a/%E8%AB%8B.txt', headers: {}, requestContext: { http: { method: 'HEAD' } } };
  const { prelude } = await invoke(object(), event);
  expect(prelude).toMatchObject({ statusCode: 200 });
  expect(prelude.headers?.['Content-Disposition']).toContain("UTF-8''%E8%AB%8B.txt");
});

test('outside of Lambda it says what to call', () => {
  expect(() => createDownloadHandler({ store: object() })).toThrow('respond()');
});

test('a client that leaves ends a read that the store itself would never end', async () => {
  const store = object();
  const get = store.get.bind(store);
  const returned = vi.fn(() => new Promise<never>(() => {}));
  let asked: () => void = () => {};
  const reading = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const silence = () => {
    asked();
    return new Promise<never>(() => {});
  };
  store.get = async (read) => {
    const chunks = { next: silence, return: returned };
    return { ...(await get(read)), body: { [Symbol.asyncIterator]: () => chunks } };
  };
  vi.stubGlobal('awslambda', awslambda);
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  for (const name of ['info', 'error', 'log'] as const) vi.spyOn(console, name).mockImplementation(() => {});
  const stream = new PassThrough();
  stream.resume();
  const answer = createDownloadHandler({ store })(eventOf({}), stream as never, contextOf({}));
  answer.catch(() => {});
  await reading;
  stream.destroy();
  await expect(answer).rejects.toThrow('closed');
  expect(returned).toHaveBeenCalledOnce();
});

test('a client that leaves before the first byte leaves no object open', async () => {
  const store = object();
  const get = store.get.bind(store);
  const returned = vi.fn();
  store.get = async (read) => {
    const open = await get(read);
    const chunks = { next: () => Promise.reject(new Error('nobody asked')), return: returned };
    return { ...open, body: { [Symbol.asyncIterator]: () => chunks } };
  };
  vi.stubGlobal('awslambda', awslambda);
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  for (const name of ['info', 'error', 'log'] as const) vi.spyOn(console, name).mockImplementation(() => {});
  const stream = new PassThrough({ highWaterMark: 1 });
  const answer = createDownloadHandler({ store })(eventOf({}), stream as never, contextOf({}));
  stream.destroy();
  await expect(answer).rejects.toThrow('closed');
  expect(returned).toHaveBeenCalledOnce();
});
