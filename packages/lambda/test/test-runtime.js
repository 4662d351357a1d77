// A runtime for tests: the bare Runtime API over node:http. The handler in index.js gets (event, invocation): it may answer by itself
// through `invocation`, or return what is posted as JSON. The first event is asked for when the module's `ready`, if it has one, has resolved.
import http from 'node:http';
import { createRequire } from 'node:module';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });

/** A request to the Runtime API that is still open for writing. */
function open(method, path, headers = {}) {
  return http.request({ hostname, port, agent, method, path: `/2018-06-01/runtime${path}`, headers });
}

/** The answer to a request: status, headers and text. */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode, headers: response.headers, text });
    });
  });
}

function call(method, path, body, headers) {
  const request = open(method, path, headers);
  const answer = answered(request);
  request.end(body);
  return answer;
}

let handler;
try {
  const module = createRequire(`${process.env.LAMBDA_TASK_ROOT}/`)('./index.js');
  await module.ready;
  handler = module.handler;
} catch (error) {
  const document = JSON.stringify({ errorType: 'Runtime.ImportModuleError', errorMessage: error.message });
  await call('POST', '/init/error', document, {
    'Lambda-Runtime-Function-Error-Type': 'Runtime.ImportModuleError',
  });
  process.exit(1);
}

for (;;) {
  const { headers, text } = await call('GET', '/invocation/next');
  const path = `/invocation/${headers['lambda-runtime-aws-request-id']}`;
  const openResponse = (more) =>
    open('POST', `${path}/response`, {
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      'Transfer-Encoding': 'chunked',
      ...more,
    });
  const result = await handler(JSON.parse(text), { path, headers, open, openResponse, answered, call });
  if (result !== undefined) await call('POST', `${path}/response`, JSON.stringify(result));
}
