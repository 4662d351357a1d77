import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { logicalId, stackFiles, streaming, type TestRoute } from './support/stack.ts';
import { type System, startSystem, until } from './support/system.ts';

const raw = (body: string): string => `
export const handler = awslambda.streamifyResponse(async (event, responseStream) => { ${body} });
`;
const buffered = (body: string): string => `
import { setTimeout as sleep } from 'node:timers/promises';
export const handler = async (event, context) => { ${body} };
`;

const routes: readonly TestRoute[] = [
  { name: 'no-delimiter', path: '/no-delimiter', mode: 'STREAM', source: raw("responseStream.end('just text');") },
  {
    name: 'late-delimiter',
    path: '/late-delimiter',
    mode: 'STREAM',
    source: raw("responseStream.write(Buffer.alloc(20000, 32)); responseStream.end('{}\\0\\0\\0\\0\\0\\0\\0\\0x');"),
  },
  {
    name: 'bad-prelude',
    path: '/bad-prelude',
    mode: 'STREAM',
    source: raw('responseStream.end(\'{"statusCode":\\0\\0\\0\\0\\0\\0\\0\\0x\');'),
  },
  {
    name: 'array-header',
    path: '/array-header',
    mode: 'STREAM',
    source: streaming("await write('x'); stream.end();", "{ statusCode: 200, headers: { 'X-A': ['a', 'b'] } }"),
  },
  { name: 'empty-end', path: '/empty-end', mode: 'STREAM', source: streaming('stream.end();') },
  {
    name: 'throws-first',
    path: '/throws-first',
    mode: 'STREAM',
    source: raw("throw new Error('before the first byte');"),
  },
  {
    name: 'late-stream',
    path: '/late-stream',
    mode: 'STREAM',
    source: streaming("await sleep(3000); stream.end('x');"),
    timeoutInMillis: 500,
  },
  { name: 'timed-out', path: '/timed-out', mode: 'STREAM', source: streaming('await sleep(5000);'), timeoutSeconds: 1 },
  {
    name: 'out-of-memory',
    path: '/out-of-memory',
    mode: 'STREAM',
    memorySizeMb: 128,
    source: streaming('const all = []; for (;;) { all.push(Buffer.alloc(8 * 1048576, 1)); await sleep(5); }'),
  },
  {
    name: 'crossed',
    path: '/crossed',
    mode: 'STREAM',
    source: buffered("return { statusCode: 200, body: 'not a stream' };"),
  },
  {
    name: 'buffered-throws',
    path: '/buffered-throws',
    mode: 'BUFFERED',
    source: buffered("throw new RangeError('in a buffered function');"),
  },
  { name: 'buffered-shape', path: '/buffered-shape', mode: 'BUFFERED', source: buffered("return 'just text';") },
  {
    name: 'buffered-large',
    path: '/buffered-large',
    mode: 'BUFFERED',
    source: buffered("return { statusCode: 200, body: 'x'.repeat(7 * 1048576) };"),
  },
  {
    name: 'buffered-late',
    path: '/buffered-late',
    mode: 'BUFFERED',
    source: buffered('await sleep(3000); return { statusCode: 200 };'),
    timeoutInMillis: 500,
  },
  { name: 'buffered-exits', path: '/buffered-exits', mode: 'BUFFERED', source: buffered('process.exit(1);') },
  {
    name: 'throttled',
    path: '/throttled',
    mode: 'BUFFERED',
    source: buffered('return { statusCode: 200 };'),
    reservedConcurrentExecutions: 0,
  },
  { name: 'no-export', path: '/no-export', mode: 'BUFFERED', source: 'export const other = 1;' },
  { name: 'works', path: '/works', mode: 'BUFFERED', source: buffered("return { statusCode: 200, body: 'ok' };") },
];

let system: System;

beforeAll(async () => {
  system = await startSystem(stackFiles(routes));
});
afterAll(() => system?.close());

const INTERNAL = '{"message": "Internal server error"}';
const TIMED_OUT = '{"message": "Endpoint request timed out"}';

describe("API Gateway's answer when no stream begins", () => {
  it.each([
    ['no-delimiter', 500, INTERNAL],
    ['late-delimiter', 500, INTERNAL],
    ['empty-end', 500, INTERNAL],
    ['crossed', 500, INTERNAL],
    ['bad-prelude', 502, INTERNAL],
    ['array-header', 502, INTERNAL],
    ['throws-first', 502, INTERNAL],
    ['timed-out', 502, INTERNAL],
    ['out-of-memory', 502, INTERNAL],
    ['late-stream', 504, TIMED_OUT],
  ])('%s: %d', async (name, status, body) => {
    const result = await curl(system.url(`/${name}`));
    expect(result).toMatchObject({ exitCode: 0, status });
    expect(JSON.parse(result.text)).toEqual(JSON.parse(body));
    expect(result.headers.get('x-amzn-errortype')).toBe('InternalServerErrorException');
  });

  it.each([
    ['buffered-throws', 502, INTERNAL],
    ['buffered-shape', 502, INTERNAL],
    ['buffered-large', 502, INTERNAL],
    ['buffered-exits', 502, INTERNAL],
    ['no-export', 502, INTERNAL],
    ['throttled', 500, INTERNAL],
    ['buffered-late', 504, TIMED_OUT],
  ])('buffered, %s: %d', async (name, status, body) => {
    const result = await curl(system.url(`/${name}`));
    expect(result).toMatchObject({ exitCode: 0, status });
    expect(JSON.parse(result.text)).toEqual(JSON.parse(body));
  });

  it('403 for a path or a method that is not there', async () => {
    const url = system.url('/works');
    expect(await curl(`${url}/none`)).toMatchObject({
      status: 403,
      text: '{"message":"Missing Authentication Token"}',
    });
    expect(await curl(url, '--head')).toMatchObject({ status: 403 });
    expect(await curl(url.replace('/prod/', '/none/'))).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
  });

  it('413 in plain text for a request past 10 MB', async () => {
    const result = await curl(system.url('/works'), '--request', 'GET', '--data-binary', `@${process.execPath}`);
    expect(result).toMatchObject({ status: 413, text: 'HTTP content length exceeded 10485760 bytes.' });
  });
});

describe('the logs', () => {
  const executionLog = () =>
    system.logs(`API-Gateway-Execution-Logs_${system.local.stacks[0]?.restApis[0]?.restApi.id}/prod`);

  it('say what was too large and what to do', async () => {
    await curl(system.url('/buffered-large'));
    const log = await system.logsWith(logicalId('buffered-large'), /\[spillway\].*STREAM/);
    expect(log).toMatch(/\[spillway\].*(6 MB|6291556)/);
    expect(await until(executionLog, /\[spillway\].*response-streaming-invocations/)).toContain(
      'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    );
  });

  it('explain end() without a write', async () => {
    await curl(system.url('/empty-end'));
    const both = async () => `${await system.logs(logicalId('empty-end'))}${await executionLog()}`;
    await until(both, /\[spillway\].*end\(\)/);
  });

  it('tell an out-of-memory as Lambda does', async () => {
    const log = await system.logsWith(logicalId('out-of-memory'), 'REPORT');
    expect(log).toContain('signal: killed');
    expect(log).toContain('Runtime.OutOfMemory');
    expect(log).toMatch(/Max Memory Used: 128 MB/);
  });

  it('name a handler that is not exported', async () => {
    await system.logsWith(logicalId('no-export'), 'index.handler is undefined or not exported');
  });

  it('tell the terminal too', () => {
    expect(system.reported.join('\n')).toMatch(/GET \/.*buffered-large.*502/);
  });
});
