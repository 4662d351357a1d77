// Every case for Node.js, whichever client runs it: /var/runtime's own or AWS's package.
import { once } from 'node:events';
import { connect } from 'node:net';

const LARGE_CHUNKS = 1024;
const CHUNK_BYTES = 65_536;

class Refused extends Error {
  name = 'Refused';
}

const refused = () => new Refused('refused: 無理');

const json = (value) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});

export const echo = async (event) => json(event);

export const error = async () => {
  throw refused();
};

export const context = async (_, call) => {
  const variable = process.env;
  return json({
    requestId: call.awsRequestId,
    invokedFunctionArn: call.invokedFunctionArn,
    remainingMs: call.getRemainingTimeInMillis(),
    functionName: call.functionName,
    functionVersion: call.functionVersion,
    memoryLimitInMB: call.memoryLimitInMB,
    logGroupName: call.logGroupName,
    logStreamName: call.logStreamName,
    traceId: variable._X_AMZN_TRACE_ID,
    region: variable.AWS_REGION,
    taskRoot: variable.LAMBDA_TASK_ROOT,
    own: variable.OWN,
  });
};

/** Waits until the test lets go on. */
const wait = async () => {
  const [host, port] = process.env.GATE.split(':');
  await once(connect(Number(port), host).resume(), 'close');
};

const { streamifyResponse, HttpResponseStream } = globalThis.awslambda;

const streamed = (write) =>
  streamifyResponse(async (_, responseStream) => {
    const headers = { 'Content-Type': 'text/plain', 'X-Kind': 'streamed' };
    await write(HttpResponseStream.from(responseStream, { statusCode: 201, headers, cookies: ['a=1'] }));
  });

export const stream = streamed(async (sink) => {
  sink.write('first ');
  await wait();
  sink.end('last');
});

export const broken = streamed(async (sink) => {
  sink.write('first ');
  await wait();
  throw refused();
});

export const early = streamed(async () => {
  throw refused();
});

export const large = streamed(async (sink) => {
  for (let index = 0; index < LARGE_CHUNKS; index += 1) {
    if (!sink.write(Buffer.alloc(CHUNK_BYTES, index % 251))) await once(sink, 'drain');
  }
  sink.end();
});
