import { execFile } from 'node:child_process';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type Body, encodePrelude, FunctionError } from '@spillway/wire';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { bytes, streamOf, untilAborted } from '../../testing/fake-invoker.ts';
import {
  API_ID,
  type ServedGateway,
  type ServeOptions,
  serveGateway,
  streamingLambda,
} from '../../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

type Stream = NonNullable<NonNullable<ServeOptions['functions']>[string]['stream']>;
const serve = async (stream: Stream, options: Partial<ServeOptions> = {}) => {
  served = await serveGateway({ routes: { 'ANY /': streamingLambda('f') }, functions: { f: { stream } }, ...options });
  return served;
};
const INTERNAL = '{"message": "Internal server error"}';

async function* inPieces(whole: Uint8Array, cuts: readonly number[]): Body {
  const sorted = [...new Set(cuts.map((cut) => cut % (whole.byteLength + 1)))].sort((left, right) => left - right);
  for (const [index, cut] of [0, ...sorted].entries()) yield whole.subarray(cut, sorted[index] ?? whole.byteLength);
}

test('the prelude may arrive in any pieces', async () => {
  let cuts: readonly number[] = [];
  const payload = Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2);
  const whole = Buffer.concat([encodePrelude({ statusCode: 202, headers: { a: 'b' } }), payload]);
  const gateway = await serve(() => inPieces(whole, cuts));
  const check = async (given: readonly number[]) => {
    cuts = given;
    const { status, headers, body, cut } = await gateway.get('/');
    expect({ status, a: headers['a'], body, cut }).toEqual({
      status: 202,
      a: 'b',
      body: Buffer.from(payload),
      cut: false,
    });
  };
  await check(Array.from(whole.keys()));
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(whole.byteLength)), check), { numRuns: 50 });
});

test('headers, multi-value headers and cookies', async () => {
  const prelude = {
    headers: { 'X-One': '1', 'x-two': 'b' },
    multiValueHeaders: { 'X-Two': ['a', 'b'] },
    cookies: ['c=1', 'd=2; Path=/'],
  };
  const gateway = await serve(() => streamOf(prelude, 'x'));
  const { status, headers } = await gateway.get('/');
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'x-one': '1',
    'x-two': 'a, b',
    'set-cookie': ['c=1', 'd=2; Path=/'],
    'content-type': 'application/json',
    'transfer-encoding': 'chunked',
  });
});

test.each([
  ['{"headers":{"a":["b"]}}'],
  ['{"headers":{"a":1}}'],
  ['{"multiValueHeaders":{"a":"b"}}'],
  ['{"cookies":"a=b"}'],
  ['{"statusCode":"ok"}'],
  ['{"body":"x"}'],
  ['{"headers":{"Content-Length":"many"}}'],
  ['{"multiValueHeaders":{"Content-Length":["1","2"]}}'],
  ['{"statusCode":99}'],
  ['{"statusCode":101}'],
  ['{"statusCode":700}'],
  ['{"headers":{"a":"b\\r\\nc: d"}}'],
  ['{"headers":{"a":"日本"}}'],
  ['{"headers":{"a b":"c"}}'],
  ['[]'],
  ['{'],
  [''],
])('metadata %s is 502', async (metadata) => {
  const gateway = await serve(() => inPieces(Buffer.concat([bytes(metadata), new Uint8Array(8), bytes('x')]), []));
  const { status, body } = await gateway.get('/');
  expect({ status, body: body.toString() }).toEqual({ status: 502, body: INTERNAL });
  expect(gateway.reports[0]).toMatch(/^GET \/test\/ -> 502: .*The metadata before the eight NUL bytes/);
});

test('no delimiter, or one beyond 16 KB, is 500; one that ends there is well', async () => {
  const padding = (sizeBytes: number) => {
    const open = '{"headers":{"a":"';
    return `${open}${'x'.repeat(sizeBytes - open.length - 3)}"}}`;
  };
  let text = '{"statusCode":200}';
  const gateway = await serve(() => inPieces(Buffer.concat([bytes(text)]), []));
  const missing = await gateway.get('/');
  expect({ status: missing.status, body: missing.body.toString() }).toEqual({ status: 500, body: INTERNAL });
  expect(gateway.reports[0]).toContain('HttpResponseStream.from');
  const nul = '\0'.repeat(8);
  text = padding(16_384 - 8 + 1) + nul;
  expect((await gateway.get('/')).status).toBe(500);
  text = `${padding(10_000)}${' '.repeat(6376)}${nul}`;
  expect((await gateway.get('/')).status).toBe(200);
});

test('a Content-Length frames the response; one byte less or more breaks the connection', async () => {
  let chunks: string[] = [];
  const gateway = await serve(() => streamOf({ headers: { 'Content-Length': '6' } }, ...chunks));
  for (const [given, cut] of [
    [['abc', 'def'], false],
    [['abc', 'de'], true],
    [['abc', 'def', 'g'], true],
    [[], true],
  ] as const) {
    chunks = [...given];
    const answer = await gateway.get('/');
    expect(answer.headers['content-length']).toBe('6');
    expect(answer.headers).not.toHaveProperty('x-amzn-remapped-content-length');
    expect(answer.cut).toBe(cut);
    expect(answer.body.byteLength === 6).toBe(!cut);
  }
  await expect.poll(() => gateway.reports.length).toBe(3);
  expect(gateway.reports[0]).toContain('Content-Length');
});

const failing = (error: Error): Stream =>
  async function* () {
    yield* streamOf({ statusCode: 200 }, 'some bytes');
    throw error;
  };

test('a body announced as empty that has bytes, or fails, is 502', async () => {
  const prelude = { headers: { 'Content-Length': '0' } };
  let chunks: string[] = ['x'];
  const gateway = await serve(() => streamOf(prelude, ...chunks));
  expect(await gateway.get('/')).toMatchObject({ status: 502, body: Buffer.from(INTERNAL) });
  chunks = [];
  expect(await gateway.get('/')).toMatchObject({ status: 200, body: Buffer.alloc(0), cut: false });
});

test('an error after the head cuts the connection, and the log says why', async () => {
  const gateway = await serve(failing(new FunctionError('Oops', '{"errorType":"Oops","errorMessage":"half way"}')));
  const { status, cut, body } = await gateway.get('/');
  expect({ status, cut, body: body.toString() }).toEqual({ status: 200, cut: true, body: 'some bytes' });
  await expect
    .poll(() => gateway.reports)
    .toEqual([
      'GET /test/ -> 200: connection cut after 10 bytes: Oops: half way. See the log of the function: npx spillway logs f.',
    ]);
});

test("a stream over Lambda's limit is cut with the advice for streams", async () => {
  const payload = '{"errorMessage":"Response payload size exceeded maximum allowed payload size (209715200 bytes)."}';
  const gateway = await serve(failing(new FunctionError('Function.ResponseSizeTooLarge', payload)));
  expect((await gateway.get('/')).cut).toBe(true);
  await expect
    .poll(() => gateway.reports)
    .toEqual([expect.stringContaining('Lambda streams 200 MB per response at most')]);
});

test('curl ends non-zero for a stream that broke off', async () => {
  const gateway = await serve(failing(new Error('gone')));
  const exitCode = await new Promise((resolve) => {
    execFile('curl', ['-sS', gateway.url], (error) => resolve(error?.code));
  });
  expect(exitCode).toBe(18);
});

test('HEAD and 204 are sent without body, and the function is let go', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  let statusCode = 200;
  const gateway = await serve(async function* ({ signal }) {
    signals.push(signal);
    yield* streamOf({ statusCode, headers: { 'Content-Length': '1000' } });
    await untilAborted(signal);
  });
  const head = await gateway.get('/', { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, cut: false, headers: { 'content-length': '1000' } });
  statusCode = 204;
  const empty = await gateway.get('/');
  expect(empty).toMatchObject({ status: 204, cut: false });
  await expect.poll(() => signals.map((signal) => signal?.aborted)).toEqual([true, true]);
  expect(gateway.reports).toEqual([]);
});

test('the head goes out before the body, each chunk before the next', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const gateway = await serve(async function* () {
    yield* streamOf({ statusCode: 200 });
    await released;
    yield bytes('late');
  });
  const response = await fetch(gateway.url);
  expect(response.status).toBe(200);
  release();
  expect(await response.text()).toBe('late');
});

test('a client that leaves stops the reading, and is no failure', async () => {
  let ended = false;
  let produced = 0;
  const gateway = await serve(async function* ({ signal }) {
    try {
      yield* streamOf({ statusCode: 200 });
      while (!signal?.aborted) {
        produced += 1;
        yield new Uint8Array(65_536);
      }
    } finally {
      ended = true;
    }
  });
  await new Promise<void>((resolve) => {
    const request = httpRequest(gateway.url, { agent: false }, (response) => {
      response.once('data', () => {
        request.destroy();
        resolve();
      });
    }).on('error', () => {});
    request.end();
  });
  await expect.poll(() => ended).toBe(true);
  expect(produced).toBeGreaterThan(0);
  expect(gateway.reports).toEqual([]);
});

test('a client that does not read holds back the function', async () => {
  let produced = 0;
  const gateway = await serve(async function* () {
    yield* streamOf({ statusCode: 200 });
    for (; produced < 4096; produced += 1) yield new Uint8Array(65_536);
  });
  const response = await new Promise<{ destroy(): void }>((resolve) => {
    httpRequest(gateway.url, { agent: false }, (incoming) => resolve(incoming.on('error', () => {}).pause())).end();
  });
  let before = -1;
  await expect
    .poll(
      () => {
        const isStill = produced === before;
        before = produced;
        return isStill && produced > 0;
      },
      { interval: 200 },
    )
    .toBe(true);
  expect(produced).toBeLessThan(1024);
  response.destroy();
});

const silentAfter = (...chunks: string[]): Stream =>
  async function* ({ signal }) {
    if (chunks.length > 0) yield* streamOf({ statusCode: 200 }, ...chunks);
    await untilAborted(signal);
  };

test.each([
  ['REGIONAL', 'regionalStreamIdleTimeoutMs'],
  ['PRIVATE', 'privateStreamIdleTimeoutMs'],
  ['EDGE', 'edgeStreamIdleTimeoutMs'],
] as const)('the idle timeout of a %s endpoint', async (endpointType, limit) => {
  const options = { limits: { [limit]: 50 }, restApi: { endpointType } };
  const before = await serve(silentAfter(), options);
  const unanswered = await before.get('/');
  expect(unanswered.status).toBe(504);
  expect(unanswered.body.toString()).toBe('{"message": "Endpoint request timed out"}');
  await before.close();
  const after = await serve(silentAfter('x'), options);
  expect(await after.get('/')).toMatchObject({ status: 200, cut: true, body: Buffer.from('x') });
  await expect.poll(() => after.reports).toEqual([expect.stringContaining('silent for 50 ms')]);
});

test('another endpoint type counts at once', async () => {
  const gateway = await serve(silentAfter('x'), {
    limits: { edgeStreamIdleTimeoutMs: 50 },
    restApi: { endpointType: 'REGIONAL' },
  });
  const patchOperations = [{ op: 'replace', path: '/endpointConfiguration/types/REGIONAL', value: 'EDGE' }];
  const update = { method: 'PATCH', target: `/restapis/${API_ID}`, body: JSON.stringify({ patchOperations }) };
  expect((await gateway.get('', update)).status).toBe(200);
  expect(await gateway.get('/')).toMatchObject({ status: 200, cut: true });
});

async function* ticking(signal: AbortSignal | undefined): Body {
  yield* streamOf({ statusCode: 200 });
  while (!signal?.aborted) {
    yield bytes('tick');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw signal.reason;
}

test.each([
  ['timeoutInMillis', { timeoutInMillis: 60 }, {}],
  ['the default of a stream', {}, { streamIntegrationTimeoutMs: 60 }],
  ['the end of every stream', { timeoutInMillis: 900_000 }, { streamMaxDurationMs: 60 }],
])('%s holds for the whole stream', async (_, integration, limits) => {
  const routes = { 'GET /': streamingLambda('f', integration) };
  const gateway = await serve(({ signal }) => ticking(signal), { routes, limits });
  expect(await gateway.get('/')).toMatchObject({ status: 200, cut: true });
  await expect.poll(() => gateway.reports).toEqual([expect.stringContaining('not done after 60 ms')]);
  expect(gateway.logs.map(({ message }) => message).join('\n')).toContain('Execution failed due to a timeout error');
});

test('a time limit also cuts a client that does not read', async () => {
  let reason: unknown;
  const routes = { 'GET /': streamingLambda('f', { timeoutInMillis: 200 }) };
  const gateway = await serve(
    async function* ({ signal }) {
      signal?.addEventListener('abort', () => {
        reason = signal.reason;
      });
      yield* streamOf({ statusCode: 200 });
      while (true) yield new Uint8Array(65_536);
    },
    { routes },
  );
  const response = await new Promise<IncomingMessage>((resolve) => {
    // The cut may reach the request as well as its response.
    httpRequest(gateway.url, { agent: false }, (incoming) => resolve(incoming.pause()))
      .on('error', () => {})
      .end();
  });
  const ending = new Promise((resolve) => response.once('error', resolve));
  await expect.poll(() => gateway.reports.length).toBe(1);
  expect(reason).toMatchObject({ failure: 'streamTimeout' });
  response.resume();
  expect(await ending).toMatchObject({ message: 'aborted' });
});

test('with the end of streams lifted, the integration timeout holds for the head alone', async () => {
  const limits = { streamMaxDurationMs: Number.POSITIVE_INFINITY, streamIntegrationTimeoutMs: 50 };
  let silent = false;
  const gateway = await serve(
    async function* ({ signal }) {
      if (silent) await untilAborted(signal);
      yield* streamOf({ statusCode: 200 });
      await new Promise((resolve) => setTimeout(resolve, 150));
      yield bytes('done');
    },
    { limits },
  );
  expect(await gateway.get('/')).toMatchObject({ status: 200, cut: false, body: Buffer.from('done') });
  silent = true;
  expect((await gateway.get('/')).status).toBe(504);
});

test('after the burst a stream is paced', async () => {
  const limits = { gatewayStreamBurstBytes: 1000, gatewayStreamBytesPerSecond: 8000 };
  const gateway = await serve(() => streamOf({ statusCode: 200 }, new Uint8Array(4000)), { limits });
  const startedAt = performance.now();
  const { body } = await gateway.get('/');
  expect(body.byteLength).toBe(4000);
  // 3000 bytes at 8000 a second are 375 ms; the first step of the bucket may be near its end.
  expect(performance.now() - startedAt).toBeGreaterThan(240);
});
