import {
  CreateResourceCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  TestInvokeMethodCommand,
  type TestInvokeMethodCommandInput,
} from '@aws-sdk/client-api-gateway';
import { afterAll, expect, test } from 'vitest';
import { invocations, refusal, startedControlPlane, streamingInvocations } from '../../test/started-control-plane.ts';
import { bytes, streamOf } from '../testing/fake-invoker.ts';

let hasEnded = false;

async function* endless() {
  try {
    while (true) yield bytes('x'.repeat(100_000));
  } finally {
    hasEnded = true;
  }
}

const answer = () => ({ statusCode: 201, multiValueHeaders: { 'X-Own': ['a', 'b'] }, body: 'hi' });
const plane = await startedControlPlane({
  functions: {
    f: { result: answer },
    broken: { result: () => ({ wrong: true }) },
    streamed: {
      stream: async function* () {
        yield* streamOf({ statusCode: 206 });
        yield* endless();
      },
    },
  },
});
afterAll(() => plane.close());

const { restApiId, resourceId: parentId } = await plane.createRestApi();
const made = await plane.client.send(new CreateResourceCommand({ restApiId, parentId, pathPart: '{key+}' }));
const at = { restApiId, resourceId: made.id, httpMethod: 'ANY' };
await plane.client.send(new PutMethodCommand({ ...at, authorizationType: 'AWS_IAM', apiKeyRequired: true }));

async function invoke(uri: string, input: Partial<TestInvokeMethodCommandInput> = {}) {
  const responseTransferMode = uri.endsWith('streaming-invocations') ? 'STREAM' : 'BUFFERED';
  const proxy = { type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri, responseTransferMode } as const;
  await plane.client.send(new PutIntegrationCommand({ ...at, ...proxy }));
  return await plane.client.send(new TestInvokeMethodCommand({ ...at, ...input }));
}

test('runs the method as it stands: no deployment, no authorization, no API key', async () => {
  const answer = await invoke(invocations('f'), {
    pathWithQueryString: '/a/b?q=1',
    body: 'ü',
    headers: { 'X-A': '1' },
    stageVariables: { v: 'w' },
  });
  expect(answer).toMatchObject({
    status: 201,
    body: 'hi',
    headers: { 'X-Own': 'b', 'Content-Type': 'application/json' },
    multiValueHeaders: { 'X-Own': ['a', 'b'] },
    latency: expect.any(Number),
  });
  expect(Object.keys(answer.headers ?? {}).map((name) => name.toLowerCase())).not.toContain('content-length');
  expect(answer.log).toMatch(/^Execution log for request [0-9a-f-]{36}\n/);
  expect(answer.log).toMatch(/ UTC \d{4} : Method completed with status: 201\n$/);
  expect(plane.invoker.event).toMatchObject({
    path: '/a/b',
    pathParameters: { key: 'a/b' },
    queryStringParameters: { q: '1' },
    headers: { 'X-A': '1' },
    body: 'ü',
    stageVariables: { v: 'w' },
    requestContext: { stage: 'test-invoke-stage' },
  });
});

test('a failure is an answer, its reason in the log', async () => {
  expect(await invoke(invocations('broken'))).toMatchObject({
    status: 502,
    body: '{"message": "Internal server error"}',
    log: expect.stringContaining('Malformed Lambda proxy response'),
  });
});

test('a stream is buffered up to 1 MB, then left; it has no log', async () => {
  const { status, body, log } = await invoke(streamingInvocations('streamed'));
  expect([status, body?.length, log]).toEqual([206, 1_048_576, '']);
  expect(hasEnded).toBe(true);
});

test('refused', async () => {
  const call = (input: Partial<TestInvokeMethodCommandInput>) =>
    plane.client.send(new TestInvokeMethodCommand({ ...at, ...input }));
  expect(await refusal(call({ httpMethod: 'GET' }))).toContain('Invalid Method identifier specified');
  expect(await refusal(call({ clientCertificateId: 'x' }))).toContain('clientCertificateId is not supported here');
});
