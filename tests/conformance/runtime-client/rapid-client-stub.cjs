// Stands in for `rapid-client.node`, the native part of AWS's aws-lambda-ric 3.3.0, which needs a C++ toolchain: loaded with `node -r`.
// Same as the real one: `next` waits without holding up Node.js, `done` and `error` return only when they were answered.
// Missing: the X-Ray cause is sent as a header only when there is one, as libcurl does; HTTP is Node's, not libcurl's.
const { spawnSync } = require('node:child_process');
const http = require('node:http');
const Module = require('node:module');

const [host, port] = process.env['AWS_LAMBDA_RUNTIME_API'].split(':');
const base = '/2018-06-01/runtime/invocation/';
const NAMES = [
  'deadline-ms',
  'aws-request-id',
  'trace-id',
  'invoked-function-arn',
  'client-context',
  'cognito-identity',
  'aws-tenant-id',
].map((name) => `lambda-runtime-${name}`);

const next = () =>
  new Promise((resolve, reject) => {
    const call = http.get({ host, port, path: `${base}next`, agent: false }, (answer) => {
      let bodyJson = '';
      answer.setEncoding('utf8').on('data', (text) => {
        bodyJson += text;
      });
      answer.on('end', () => {
        if (answer.statusCode !== 200) reject(new Error(`Failed to get next invocation, error ${answer.statusCode}`));
        const headers = NAMES.filter((name) => answer.headers[name]).map((name) => [name, answer.headers[name]]);
        resolve({ bodyJson, headers: Object.fromEntries(headers) });
      });
    });
    call.on('error', reject);
  });

// Posts what it reads, in a process of its own, so that the caller can wait for it.
const POST = `
const http = require('node:http');
const [host, port, path, cause] = process.argv.slice(1);
const body = require('node:fs').readFileSync(0);
const headers = { 'content-type': 'application/json', 'content-length': body.length };
if (cause) headers['lambda-runtime-function-xray-error-cause'] = cause;
http.request({ host, port, path, method: 'POST', headers }, (answer) => {
  process.stdout.write(String(answer.statusCode));
  answer.resume();
}).end(body);
`;

function post(path, body, cause) {
  const { stdout } = spawnSync(process.execPath, ['-e', POST, host, port, base + path, cause], { input: body });
  const status = Number(stdout.toString());
  if (status >= 200 && status < 300) return;
  const text = `LAMBDA_RUNTIME Failed to post handler success response. Http response code: ${status}.`;
  process.stdout.write(`[ERROR] [${Date.now()}] ${text}\n`);
}

function requireStrings(...values) {
  if (!values.every((value) => typeof value === 'string')) throw new TypeError('Wrong arguments');
}

const client = {
  initializeClient: () => {},
  next,
  done: (requestId, body) => {
    requireStrings(requestId, body);
    post(`${requestId}/response`, body, '');
  },
  error: (requestId, body, cause) => {
    requireStrings(requestId, body, cause);
    post(`${requestId}/error`, body, cause);
  },
};

const load = Module._load;
Module._load = (request, ...rest) => (request === './rapid-client.node' ? client : load(request, ...rest));
