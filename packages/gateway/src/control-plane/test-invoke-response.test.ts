import { AWS_LIMITS, type Body } from '@spillway/wire';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Exchange, exchangeOf } from '../data-plane/exchange.ts';
import { bytes, untilAborted } from '../testing/fake-invoker.ts';
import { streamingLambda } from '../testing/served-gateway.ts';
import { bufferResponse } from './test-invoke-response.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const HEAD: Exchange['head'] = {
  apiId: 'a',
  stageName: 's',
  rawPath: '/',
  rawQuery: '',
  domainName: 'd',
  httpMethod: 'GET',
  protocol: 'HTTP/1.1',
  headers: [],
  query: [],
  sourceIp: '',
  port: 0,
};

function streaming() {
  const ends = new AbortController();
  const exchange = exchangeOf(HEAD, AWS_LIMITS, ends.signal);
  const resource = { id: 'r', path: '/', methods: {} };
  const method = { httpMethod: 'GET', authorizationType: 'NONE', requestParameters: {} } as const;
  exchange.route = { resource, method, integration: streamingLambda('f'), pathParameters: {} };
  return { exchange, signal: ends.signal, end: () => ends.abort(new Error('ended')) };
}

test('without a status after 35 seconds it is 0', async () => {
  const { exchange, signal, end } = streaming();
  const answer = bufferResponse(exchange, untilAborted(signal), end);
  vi.advanceTimersByTime(34_999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await answer).toMatchObject({ status: 0, body: '', headers: {}, log: '' });
});

test('a body that is longer than 35 seconds ends where it is', async () => {
  const { exchange, signal, end } = streaming();
  let hasWaited = () => {};
  const waiting = new Promise<void>((resolve) => {
    hasWaited = resolve;
  });
  async function* slow(): Body {
    yield bytes('first');
    hasWaited();
    await untilAborted(signal);
  }
  const answer = bufferResponse(exchange, Promise.resolve({ status: 200, headers: [], body: slow() }), end);
  await waiting;
  vi.advanceTimersByTime(35_000);
  expect(await answer).toMatchObject({ status: 200, body: 'first' });
});
