// node tests/bench/aws-hosts.js [RUNS [SIZE_MIB]]: what it costs to answer AWS's own S3 hosts, with and without, in one run. Part of npm run bench.
import { utimesSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { routesOf, startLocal } from '../../packages/local/dist/index.js';
import { LIFTED_LIMITS } from '../../packages/wire/dist/index.js';
import { download } from './measure.js';

const TEMPLATE = fileURLToPath(new URL('aws-hosts/template.yaml', import.meta.url));
const BUCKET = 'bench-hosts';

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function startServer(awsHosts, sizeBytes) {
  const local = await startLocal({ templates: [TEMPLATE], port: 0, limits: LIFTED_LIMITS, awsHosts });
  const block = Buffer.alloc(1_048_576, 1);
  const blocks = async function* (count) {
    for (let index = 0; index < count; index += 1) yield block;
  };
  await local.putObject({ bucketName: BUCKET, key: 'small', body: blocks(1) });
  await local.putObject({ bucketName: BUCKET, key: 'large', body: blocks(sizeBytes / block.byteLength) });
  const routes = routesOf(local.stacks[0], local.port);
  const routeOf = (name) => routes.find(({ resourcePath }) => resourcePath === `/${name}/{key+}`);
  return { local, url: (name, key) => routeOf(name).url.replace('{key+}', key) };
}

async function logOf({ local }, functionName) {
  const response = await fetch(local.url, {
    method: 'POST',
    headers: { 'X-Amz-Target': 'Logs_20140328.FilterLogEvents', 'Content-Type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ logGroupName: `/aws/lambda/${functionName}` }),
  });
  const { events = [] } = await response.json();
  return events.map(({ message }) => message).join('');
}

/** A cold start's init, and the time to the end of 1 MiB from there, ms. A file that was touched is new code. */
async function coldStart(server, name) {
  const functionName = `${name[0].toUpperCase()}${name.slice(1)}Function`;
  const now = new Date();
  utimesSync(fileURLToPath(new URL(`aws-hosts/${name}/index.mjs`, import.meta.url)), now, now);
  const before = (await logOf(server, functionName).catch(() => '')).split('Init Duration').length;
  const startedMs = performance.now();
  const response = await fetch(server.url(name, 'small'));
  const { byteLength } = await response.arrayBuffer();
  const totalMs = performance.now() - startedMs;
  if (response.status !== 200 || byteLength !== 1_048_576) throw new Error(`${name} answered ${response.status}`);
  while (true) {
    const parts = (await logOf(server, functionName)).split('Init Duration: ');
    if (parts.length > before) return { initMs: Number.parseFloat(parts.at(-1)), totalMs };
  }
}

/** Prints one table. */
export async function benchAwsHosts(runs, sizeMib) {
  const sizeBytes = sizeMib * 1_048_576;
  const [withHosts, without] = [await startServer('local', sizeBytes), await startServer('off', sizeBytes)];
  const contenders = {
    'an https address of AWS in the code': [withHosts, 'hosts'],
    'the local endpoint in its place': [withHosts, 'endpoint'],
    'the same, --aws-hosts off': [without, 'endpoint'],
    'the SDK, no address': [withHosts, 'sdk'],
    'the same, --aws-hosts off ': [without, 'sdk'],
  };
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const [title, [server, name]] of Object.entries(contenders)) {
      const cold = await coldStart(server, name);
      const { mbPerSecond } = await download({ url: server.url(name, 'large'), pids: [process.pid] }, sizeBytes);
      // The first run fills caches.
      if (run > 0) results[title].push({ ...cold, mbPerSecond });
    }
  }
  await Promise.all([withHosts.local.close(), without.local.close()]);
  console.log(
    `\nAWS's S3 hosts answered by the local store: medians of ${runs} interleaved runs, ${sizeMib} MiB by curl; ${cpus().length} cores, Node ${process.versions.node}\n`,
  );
  console.log('| function | init ms | cold start to 1 MiB ms | MB/s |');
  console.log('| --- | --- | --- | --- |');
  for (const [title, rows] of Object.entries(results)) {
    const of = (name) => median(rows.map((row) => row[name])).toFixed(0);
    console.log(`| ${title.trim()} | ${of('initMs')} | ${of('totalMs')} | ${of('mbPerSecond')} |`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [runs = 5, sizeMib = 256] = process.argv.slice(2).map(Number);
  await benchAwsHosts(runs, sizeMib);
  process.exit(0);
}
