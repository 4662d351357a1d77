// Every case for a web server behind Lambda Web Adapter: the path says which.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const LARGE_CHUNKS = 1024;
const CHUNK_BYTES = 65_536;

const json = (response, value) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value));

const streamed = (write) => async (_, response) => {
  response.writeHead(201, { 'Content-Type': 'text/plain', 'X-Kind': 'streamed', 'Set-Cookie': 'a=1' });
  await write(response);
};

/** Waits until the test lets go on. */
const wait = async () => {
  const [host, port] = process.env.GATE.split(':');
  await once(connect(Number(port), host).resume(), 'close');
};

const cases = {
  '/': (_, response) => response.end('ready'),
  '/echo': async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://app');
    const body = await text(request);
    json(response, {
      httpMethod: request.method,
      path: pathname,
      queryStringParameters: { q: searchParams.get('q') },
      body,
    });
  },
  // AWS_LWA_ERROR_STATUS_CODES makes an error of the function of it.
  '/error': (_, response) => response.writeHead(500).end('refused: 無理'),
  '/early': (_, response) => response.writeHead(500).end('refused: 無理'),
  '/context': (request, response) => {
    const call = JSON.parse(request.headers['x-amzn-lambda-context']);
    const { env_config: config } = call;
    json(response, {
      requestId: call.request_id,
      invokedFunctionArn: call.invoked_function_arn,
      remainingMs: call.deadline - Date.now(),
      functionName: config.function_name,
      functionVersion: config.version,
      memoryLimitInMB: String(config.memory),
      logGroupName: config.log_group,
      logStreamName: config.log_stream,
      traceId: call.xray_trace_id,
      region: process.env.AWS_REGION,
      taskRoot: process.env.LAMBDA_TASK_ROOT,
      own: process.env.OWN,
    });
  },
  '/stream': streamed(async (response) => {
    response.write('first ');
    await wait();
    response.end('last');
  }),
  '/broken': streamed(async (response) => {
    response.write('first ');
    await wait();
    response.destroy();
  }),
  '/large': streamed(async (response) => {
    for (let index = 0; index < LARGE_CHUNKS; index += 1) {
      if (!response.write(Buffer.alloc(CHUNK_BYTES, index % 251))) await once(response, 'drain');
    }
    response.end();
  }),
};

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://app');
  void cases[pathname]?.(request, response);
}).listen(Number(process.env.PORT), '127.0.0.1');
