// What npm run bench measures: servers that give the same file.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const directory = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
const children = [];
process.on('exit', () => {
  for (const child of children) child.kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a server and resolves to the first text in its output that matches. */
function startServer(command, args, pattern) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const match = pattern.exec(output);
      if (match) resolve({ match: match[1], pid: child.pid });
    });
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${output}`)));
  });
}

export async function makeFile(sizeMib) {
  const path = join(directory, 'object.bin');
  const block = randomBytes(1_048_576);
  const blocks = (function* () {
    for (let index = 0; index < sizeMib; index += 1) yield block;
  })();
  await pipeline(Readable.from(blocks), createWriteStream(path));
  return path;
}

const MODES = ['start', '--limits', 'off', '--port', '0', '--template'];

/** Spillway with a template whose only GET route ends in `{key+}`, and the file in its bucket. */
export async function startSpillway(file, template, bucketName) {
  const bin = here('../../packages/cli/bin/spillway.js');
  const { match, pid } = await startServer(bin, [...MODES, here(template)], /GET (\S+)\{key\+\}[\s\S]*^Ready on/m);
  await putObject(new URL(`/${bucketName}/object.bin`, match), file);
  return { url: `${match}object.bin`, pids: [pid], origin: new URL(match).origin };
}

async function putObject(url, file) {
  const headers = {
    Authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    'Content-Length': statSync(file).size,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  };
  const put = request(url, { method: 'PUT', headers });
  const answered = new Promise((resolve, reject) => put.on('response', resolve).on('error', reject));
  await pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), put);
  const response = await answered;
  response.resume();
  if (response.statusCode !== 200) throw new Error(`PutObject answered ${response.statusCode}`);
}

export async function startPlain(file) {
  const { match, pid } = await startServer(
    process.execPath,
    [here('plain-server.js'), 'all', file, here('plain-function.js')],
    /(http:\S+)/,
  );
  return { url: match, pids: [pid] };
}

export async function startPlainApart(file) {
  const files = await startServer(process.execPath, [here('plain-server.js'), 'files', file], /(http:\S+)/);
  const gateway = await startServer(
    process.execPath,
    [here('plain-server.js'), 'gateway', files.match, here('plain-function.js')],
    /(http:\S+)/,
  );
  return { url: gateway.match, pids: [files.pid, gateway.pid] };
}

/** Three nginx in a row, as in docs/performance.md. */
export async function startNginx() {
  if (!existsSync('/usr/sbin/nginx')) return undefined;
  const ports = [await freePort(), await freePort(), await freePort()];
  const proxy = (port) =>
    `location / { proxy_pass http://127.0.0.1:${port}; proxy_http_version 1.1; proxy_buffering off; proxy_buffer_size 256k; proxy_buffers 8 256k; proxy_busy_buffers_size 512k; }`;
  const locations = [`location / { root ${directory}; sendfile on; }`, proxy(ports[0]), proxy(ports[1])];
  const pids = [];
  for (const [index, location] of locations.entries()) {
    const prefix = join(directory, `nginx-${index}`);
    const conf = `daemon off; pid ${prefix}.pid; error_log stderr crit; worker_processes 1; ${process.getuid() === 0 ? 'user root;' : ''}
events {} http { access_log off; client_body_temp_path ${prefix}-b; proxy_temp_path ${prefix}-p; fastcgi_temp_path ${prefix}-f; uwsgi_temp_path ${prefix}-u; scgi_temp_path ${prefix}-s;
server { listen 127.0.0.1:${ports[index]}; ${location} } }`;
    writeFileSync(`${prefix}.conf`, conf);
    const child = spawn('/usr/sbin/nginx', ['-c', `${prefix}.conf`, '-p', directory], { stdio: 'inherit' });
    children.push(child);
    pids.push(child.pid);
    await untilListening(ports[index]);
  }
  return { url: `http://127.0.0.1:${ports[2]}/object.bin`, pids };
}

/** A web server of the examples without Lambda around it, relaying the object of a Spillway that runs. */
export async function startDirectly(script, bucketName, origin) {
  const port = await freePort();
  const env = {
    ...process.env,
    PORT: String(port),
    AWS_LWA_PORT: String(port),
    BUCKET_NAME: bucketName,
    AWS_ENDPOINT_URL_S3: origin,
  };
  const child = spawn('python3', ['-u', here(script)], { stdio: ['ignore', 'ignore', 'inherit'], env });
  children.push(child);
  await untilListening(port);
  return { url: `http://127.0.0.1:${port}/download/object.bin`, pids: [child.pid] };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function untilListening(port) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const isUp = await fetch(`http://127.0.0.1:${port}/none`).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nothing listens on port ${port}`);
}
