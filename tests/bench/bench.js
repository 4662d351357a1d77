// npm run bench [-- RUNS [SIZE_MIB]]: one large file through the whole path, against two baselines, in turn, in one run.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [runs = 5, sizeMib = 1024] = process.argv.slice(2).map(Number);
const gigabytes = (sizeMib * 1_048_576) / 1e9;
const CLOCK_TICKS_PER_SECOND = 100;

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

async function makeFile() {
  const path = join(directory, 'object.bin');
  const block = randomBytes(1_048_576);
  const blocks = (function* () {
    for (let index = 0; index < sizeMib; index += 1) yield block;
  })();
  await pipeline(Readable.from(blocks), createWriteStream(path));
  return path;
}

async function startSpillway(file) {
  const args = [
    here('../../packages/cli/bin/spillway.js'),
    'start',
    '--limits',
    'off',
    '--port',
    '0',
    '--template',
    here('template.yaml'),
  ];
  const { match, pid } = await startServer(process.execPath, args, /GET (\S+)\{key\+\}[\s\S]*^Ready on/m);
  await putObject(new URL('/bench-objects/object.bin', match), file);
  return { url: `${match}object.bin`, pids: [pid] };
}

async function putObject(url, file) {
  const headers = {
    Authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    'Content-Length': sizeMib * 1_048_576,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  };
  const put = request(url, { method: 'PUT', headers });
  const answered = new Promise((resolve, reject) => put.on('response', resolve).on('error', reject));
  await pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), put);
  const response = await answered;
  response.resume();
  if (response.statusCode !== 200) throw new Error(`PutObject answered ${response.statusCode}`);
}

async function startPlain(file) {
  const { match, pid } = await startServer(
    process.execPath,
    [here('plain-server.js'), 'all', file, here('plain-function.js')],
    /(http:\S+)/,
  );
  return { url: match, pids: [pid] };
}

async function startPlainApart(file) {
  const files = await startServer(process.execPath, [here('plain-server.js'), 'files', file], /(http:\S+)/);
  const gateway = await startServer(
    process.execPath,
    [here('plain-server.js'), 'gateway', files.match, here('plain-function.js')],
    /(http:\S+)/,
  );
  return { url: gateway.match, pids: [files.pid, gateway.pid] };
}

/** Three nginx in a row, as in docs/performance.md. */
async function startNginx() {
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

async function freePort() {
  const { createServer } = await import('node:net');
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

/** A process and all below it. */
function family(pid) {
  const below = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...below.flatMap(family)];
}

function usage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  const script = command.find((part) => /\.m?js$/.test(part)) ?? command[0] ?? '';
  return {
    name: basename(script).split(' ')[0],
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND,
    peakMib: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
  };
}

const processes = (pids) => new Map(pids.flatMap(family).map((pid) => [pid, usage(pid)]));

/** One download by curl: MB/s, and CPU seconds by process. */
async function download({ url, pids }) {
  const before = processes(pids);
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    `curl --silent --show-error --fail --output /dev/null --write-out '%{size_download} %{time_total} %{time_starttransfer}\\n' '${url}' && times`,
  ]);
  const [line = '', , childTimes = ''] = stdout.split('\n');
  const [sizeBytes, seconds, firstByteSeconds] = line.split(' ').map(Number);
  if (sizeBytes !== sizeMib * 1_048_576) throw new Error(`${url} gave ${sizeBytes} bytes`);
  const curlSeconds = [...childTimes.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  );
  const cpu = [...processes(pids)].map(([pid, { name, cpuSeconds, peakMib }]) => ({
    name,
    peakMib,
    cpuSeconds: cpuSeconds - (before.get(pid)?.cpuSeconds ?? 0),
  }));
  return {
    mbPerSecond: sizeBytes / 1e6 / seconds,
    firstByteSeconds,
    cpu: [...cpu, { name: 'curl', cpuSeconds: curlSeconds, peakMib: 0 }],
  };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const sum = (values) => values.reduce((total, value) => total + value, 0);

function row(name, results, baseline) {
  const speed = median(results.map(({ mbPerSecond }) => mbPerSecond));
  const ratio = median(results.map(({ mbPerSecond }, index) => mbPerSecond / baseline[index].mbPerSecond));
  const cpu = median(results.map((result) => sum(result.cpu.map(({ cpuSeconds }) => cpuSeconds)) / gigabytes));
  const firstByte = median(results.map(({ firstByteSeconds }) => firstByteSeconds * 1000));
  const names = [...new Set(results.at(-1).cpu.map((part) => part.name))];
  const detail = names.map((part) => {
    const ofPart = (result) => result.cpu.filter((one) => one.name === part);
    const cpuSeconds = median(results.map((result) => sum(ofPart(result).map((one) => one.cpuSeconds)) / gigabytes));
    const peaks = ofPart(results.at(-1)).map(({ peakMib }) => peakMib.toFixed(0));
    return `${part} ${cpuSeconds.toFixed(2)} s/GB${part === 'curl' ? '' : `, ${peaks.join(' + ')} MiB`}`;
  });
  return `| ${name} | ${speed.toFixed(0)} | ${ratio.toFixed(2)} | ${cpu.toFixed(2)} | ${firstByte.toFixed(1)} | ${detail.join('; ')} |`;
}

async function main() {
  const file = await makeFile();
  const contenders = {
    'Spillway, --limits off': await startSpillway(file),
    'plain Node pipes, one server process': await startPlain(file),
    'plain Node pipes, file server of its own': await startPlainApart(file),
  };
  const nginx = await startNginx();
  if (nginx === undefined) console.log('nginx is not installed: its yardstick is left out.');
  else contenders['nginx -> nginx -> nginx -> curl'] = nginx;
  for (const contender of Object.values(contenders)) await download(contender);
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const [name, contender] of Object.entries(contenders)) results[name].push(await download(contender));
  }
  console.log(
    `${sizeMib} MiB by curl, medians of ${runs} interleaved runs; ${cpus().length} cores, Node ${process.versions.node}\n`,
  );
  console.log('| path | MB/s | of plain pipes | CPU s/GB | first byte ms | by process: CPU, peak RSS |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  const baseline = results['plain Node pipes, one server process'];
  for (const [name, result] of Object.entries(results)) console.log(row(name, result, baseline));
}

await main();
process.exit(0);
