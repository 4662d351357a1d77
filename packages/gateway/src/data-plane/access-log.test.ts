import { FunctionError } from '@spillway/wire';
import { afterEach, expect, test } from 'vitest';
import { streamOf } from '../testing/fake-invoker.ts';
import { lambda, type ServedGateway, serveGateway, streamingLambda } from '../testing/served-gateway.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const FIELDS = [
  'requestId',
  'httpMethod',
  'resourcePath',
  'status',
  'responseLength',
  'integration.responseTransferMode',
  'integration.timeToAllHeaders',
  'integration.timeToFirstContent',
  'integration.latency',
  'integration.status',
  'integrationStatus',
  'integration.error',
  'error.messageString',
  'error.responseType',
  'authorizer.principalId',
  'identity.sourceIp',
];

const serve = async () => {
  const error = new FunctionError('Error', '{"errorMessage":"boom"}');
  const fail = () => {
    throw error;
  };
  served = await serveGateway({
    routes: { 'GET /s': streamingLambda('s'), 'GET /b': lambda('b'), 'GET /fails': lambda('fails') },
    functions: {
      s: { stream: () => streamOf({ statusCode: 206 }, 'four') },
      b: { result: () => ({ body: 'abc' }) },
      fails: { result: fail },
    },
    stage: {
      accessLogSettings: {
        destinationArn: 'arn:aws:logs:eu-west-1:000000000000:log-group:access:*',
        format: FIELDS.map((field) => `$context.${field}`).join(' '),
      },
    },
  });
  return served;
};

const accessLines = async (count: number) => {
  const lines = () => served?.logs.filter(({ group }) => group === 'access').map(({ message }) => message) ?? [];
  await expect.poll(() => lines().length).toBe(count);
  return lines();
};

test('every request writes one line; what is not set is a dash', async () => {
  const gateway = await serve();
  for (const path of ['/s', '/b', '/fails', '/nowhere']) await gateway.get(path);
  const [streamed, buffered, failed, unrouted] = await accessLines(4);
  const id = '[0-9a-f-]{36}';
  expect(streamed).toMatch(new RegExp(`^${id} GET /s 206 4 STREAMED \\d+ \\d+ \\d+ 206 200 - - - - 127.0.0.1$`));
  expect(buffered).toMatch(new RegExp(`^${id} GET /b 200 3 BUFFERED \\d+ \\d+ \\d+ 200 200 - - - - 127.0.0.1$`));
  expect(failed).toMatch(
    new RegExp(
      `^${id} GET /fails 502 36 BUFFERED - - \\d+ - 200 Lambda Customer Function Error:boom "Internal server error" INTEGRATION_FAILURE - 127.0.0.1$`,
    ),
  );
  expect(unrouted).toMatch(
    new RegExp(
      `^${id} GET - 403 \\d+ - - - - - - - "Missing Authentication Token" MISSING_AUTHENTICATION_TOKEN - 127.0.0.1$`,
    ),
  );
});
