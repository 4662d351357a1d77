// node tests/bench/download.js [ROUTE_URL BUCKET_URL]: spillway get against one stream by curl, at AWS's pace, by size and concurrency, in
// one run. Against a system that runs already (ROUTE_URL ends before the key), or one of its own with the production handler.
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BIN = here('../../packages/cli/bin/spillway.js');
const BUCKET_NAME = 'bench-downloads';
const SIZES = [
  ['11 MB', 11_000_000],
  ['50 MB', 50_000_000],
  ['200 MB', 200_000_000],
  ['1 GiB', 1_073_741_824],
];
const CONCURRENCIES = [1, 4, 8, 16, undefined];

const directory = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
let server;
process.on('exit', () => {
  server?.kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});

const template = {
  AWSTemplateFormatVersion: '2010-09-09',
  Transform: 'AWS::Serverless-2016-10-31',
  Resources: {
    Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET_NAME } },
    Api: {
      Type: 'AWS::Serverless::Api',
      Properties: { StageName: 'prod', EndpointConfiguration: { Type: 'REGIONAL' }, BinaryMediaTypes: ['*/*'] },
    },
    Download: {
      Type: 'AWS::Serverless::Function',
      Properties: {
        CodeUri: here('../../packages/handler/dist/bundle/'),
        Handler: 'index.handler',
        Runtime: 'nodejs22.x',
        MemorySize: 256,
        Timeout: 900,
        Environment: { Variables: { SPILLWAY_BUCKET: BUCKET_NAME } },
        Policies: [{ S3ReadPolicy: { BucketName: BUCKET_NAME } }],
        Events: Object.fromEntries(
          ['GET', 'HEAD'].map((method) => [
            method,
            {
              Type: 'Api',
              Properties: {
                RestApiId: { Ref: 'Api' },
                Path: '/download/{key+}',
                Method: method,
                ResponseTransferMode: 'RESPONSE_STREAM',
                TimeoutInMillis: 900_000,
              },
            },
          ]),
        ),
      },
    },
  },
};

async function startSystem() {
  const file = join(directory, 'template.yaml');
  writeFileSync(file, JSON.stringify(template));
  server = spawn(BIN, ['start', '--limits', 'aws', '--port', '0', '--template', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const text of server.stdout.iterator({ destroyOnReturn: false })) {
    output += text;
    const [, route] = /GET (\S+)\{key\+\}[\s\S]*^Ready on/m.exec(output) ?? [];
    if (route !== undefined) return { route, bucket: `${new URL(route).origin}/${BUCKET_NAME}/` };
  }
  throw new Error(`spillway start ended: ${output}`);
}

/** Puts random bytes; returns their SHA-256. */
async function putObject(url, sizeBytes) {
  const block = randomBytes(1_048_576);
  const hash = createHash('sha256');
  const blocks = (function* () {
    for (let offset = 0; offset < sizeBytes; offset += block.byteLength) {
      block.writeDoubleLE(offset, 0);
      const part = Buffer.from(block.subarray(0, sizeBytes - offset));
      hash.update(part);
      yield part;
    }
  })();
  const headers = {
    Authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    'Content-Length': sizeBytes,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  };
  const put = request(url, { method: 'PUT', headers });
  const answered = new Promise((resolve, reject) => put.on('response', resolve).on('error', reject));
  await pipeline(Readable.from(blocks), put);
  const response = await answered;
  response.resume();
  if (response.statusCode !== 200) throw new Error(`PutObject answered ${response.statusCode}`);
  return hash.digest('hex');
}

/** Seconds of one stream by curl; undefined when it does not bring the whole object. */
async function oneStream(url, sizeBytes) {
  const file = join(directory, 'stream.bin');
  const startedAtMs = performance.now();
  const ended = await run('curl', ['--silent', '--fail', '--output', file, url]).catch((error) => error);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const isWhole = ended.code === undefined && statSync(file).size === sizeBytes;
  rmSync(file, { force: true });
  return isWhole ? seconds : undefined;
}

/** Seconds of the whole command, from its start to its end: process, fsync, digest and all. */
async function get(url, sha256, concurrency) {
  const file = join(directory, 'ranges.bin');
  const startedAtMs = performance.now();
  const limit = concurrency === undefined ? [] : ['--concurrency', String(concurrency)];
  const { stdout } = await run(BIN, ['get', url, '-o', file, '--sha256', sha256, '--json', ...limit]);
  const seconds = (performance.now() - startedAtMs) / 1000;
  rmSync(file);
  return { seconds, ...JSON.parse(stdout) };
}

const [route, bucket] = process.argv.slice(2);
const system = bucket === undefined ? await startSystem() : { route, bucket };
console.log(`\n${cpus().length} cores, Node ${process.versions.node}; seconds, and how many times one stream\n`);
const columns = CONCURRENCIES.map((concurrency) => (concurrency === undefined ? 'get' : `get x${concurrency}`));
console.log(`| size | one stream (curl) | ${columns.join(' | ')} | most at once | requests |`);
console.log(`| --- | --- | ${columns.map(() => '--- |').join(' ')} --- | --- |`);
for (const [name, sizeBytes] of SIZES) {
  const key = `bench/${sizeBytes}.bin`;
  const sha256 = await putObject(system.bucket + key, sizeBytes);
  const stream = await oneStream(system.route + key, sizeBytes);
  const cells = [];
  let last;
  for (const concurrency of CONCURRENCIES) {
    last = await get(system.route + key, sha256, concurrency);
    cells.push(`${last.seconds.toFixed(1)}${stream === undefined ? '' : ` (${(stream / last.seconds).toFixed(0)})`}`);
  }
  const streamed = stream === undefined ? 'not whole' : stream.toFixed(1);
  console.log(`| ${name} | ${streamed} | ${cells.join(' | ')} | ${last.peakConcurrency} | ${last.requests} |`);
}
process.exit(0);
