import { afterEach, expect, test } from 'vitest';
import { streamOf } from './testing/fake-invoker.ts';
import {
  lambda,
  type ServedGateway,
  type ServeOptions,
  serveGateway,
  streamingLambda,
} from './testing/served-gateway.ts';

let served: ServedGateway | undefined;
const serve = async (options: ServeOptions) => {
  served = await serveGateway(options);
  return served;
};
afterEach(() => served?.close());

test('a buffered function answers through a stage', async () => {
  const gateway = await serve({
    routes: { 'GET /hello': lambda('hello') },
    functions: { hello: { result: () => ({ statusCode: 201, headers: { 'X-Own': 'yes' }, body: 'hi' }) } },
  });
  const { status, headers, body } = await gateway.get('/hello');
  expect({ status, body: body.toString() }).toEqual({ status: 201, body: 'hi' });
  expect(headers).toMatchObject({ 'x-own': 'yes', 'content-type': 'application/json', 'content-length': '2' });
  expect(headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers['x-amz-apigw-id']).toMatch(/^[\w+/]{15}=$/);
  expect(headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
  expect(gateway.reports).toEqual([]);
});

test('a streaming function answers through a stage', async () => {
  const gateway = await serve({
    routes: { 'GET /{key+}': streamingLambda('download') },
    functions: {
      download: {
        stream: () => streamOf({ statusCode: 200, headers: { 'Content-Type': 'text/plain' } }, 'one ', 'two'),
      },
    },
  });
  const { status, headers, body } = await gateway.get('/some/key');
  expect({ status, body: body.toString() }).toEqual({ status: 200, body: 'one two' });
  expect(headers).toMatchObject({ 'content-type': 'text/plain', 'transfer-encoding': 'chunked' });
});
