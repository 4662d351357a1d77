import { afterEach, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { BUCKET_NAME, logicalId, stackFiles } from './support/stack.ts';
import { type System, type SystemOptions, startSystem } from './support/system.ts';

const HOST = `${BUCKET_NAME}.s3.us-east-1.amazonaws.com`;

let system: System | undefined;
afterEach(async () => {
  await system?.close();
  system = undefined;
});

interface NodeFunction extends SystemOptions {
  readonly imports?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Calls a buffered Node.js function whose handler has this body; what it returns. */
async function call(body: string, { imports = '', environment = {}, ...options }: NodeFunction = {}): Promise<unknown> {
  const source = `${imports}
export const handler = async () => {
  ${body}
};`;
  const route = { name: 'call', path: '/call', mode: 'BUFFERED', source: answering(source), environment } as const;
  system = await startSystem(stackFiles([route]), options);
  await system.put(BUCKET_NAME, 'k', Buffer.from('from the local bucket'), 'text/plain');
  const { text, stderr, status } = await curl(system.url('/call'), '--max-time', '30');
  if (status !== 200) throw new Error(`${status} ${await system.logsWith(logicalId('call'), 'REPORT')}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${text} ${stderr}`);
  }
}

const answering = (source: string) =>
  `${source.replace('export const handler', 'const ask')}
export const handler = async () => {
  const result = await ask().catch((error) => ({ error: error.code ?? error.cause?.code ?? error.message }));
  return { statusCode: 200, body: JSON.stringify(result ?? null) };
};`;

const VARIABLES =
  'return Object.keys(process.env).filter((name) => /SPILLWAY|NODE_OPTIONS|PROXY|_CA|CERT/i.test(name)).sort();';

describe("AWS's hosts in a Node.js function", () => {
  it.each([
    `https://${HOST}/k`,
    `https://${BUCKET_NAME}.s3.amazonaws.com/k`,
    `https://s3.us-east-1.amazonaws.com/${BUCKET_NAME}/k`,
  ])('fetch %s', async (url) => {
    expect(await call(`return (await fetch('${url}')).text();`)).toBe('from the local bucket');
  });

  it('the SDK, sent to AWS by name', async () => {
    const body = `
  const { S3Client, GetObjectCommand } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ endpoint: 'https://s3.us-east-1.amazonaws.com' });
  const { Body } = await client.send(new GetObjectCommand({ Bucket: '${BUCKET_NAME}', Key: 'k' }));
  return Body.transformToString();`;
    expect(await call(body)).toBe('from the local bucket');
  });

  it('named imports, connections kept alive, worker threads and child processes', async () => {
    const imports = `
import { Agent, get } from 'node:https';
import { connect } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { execFileSync } from 'node:child_process';
const agent = new Agent({ keepAlive: true });
const FETCH = "fetch('https://${HOST}/k').then((response) => response.text())";
const read = () => new Promise((resolve, reject) => get('https://${HOST}/k', { agent }, (response) => {
  const { authorized } = response.socket;
  let text = '';
  response.on('data', (part) => { text += part; }).on('end', () => resolve([text, authorized, response.req.reusedSocket]));
}).on('error', reject));`;
    const body = `
  const socket = connect(443, '${HOST}', { servername: '${HOST}' });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const names = socket.getPeerCertificate().subjectaltname;
  socket.destroy();
  const first = await read();
  const second = await read();
  const worker = new Worker(FETCH + ".then((text) => require('node:worker_threads').parentPort.postMessage(text))", { eval: true });
  const threaded = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const child = execFileSync(process.execPath, ['-e', FETCH + '.then(console.log)']).toString().trim();
  return [names, first, second, threaded, child];`;
    expect(await call(body, { imports })).toEqual([
      'DNS:s3.us-east-1.amazonaws.com, DNS:*.s3.us-east-1.amazonaws.com',
      ['from the local bucket', true, false],
      ['from the local bucket', true, true],
      'from the local bucket',
      'from the local bucket',
    ]);
  });

  it("a bucket that is not here is AWS's: the connection is made, and fails, as it would", async () => {
    const body = `
  const { get } = await import('node:https');
  const lookup = (name, options, callback) => callback(Object.assign(new Error('none ' + name), { code: 'ENOTFOUND' }));
  const asked = new Promise((resolve, reject) => get('https://no-such.s3.us-east-1.amazonaws.com/k', { lookup }, resolve).on('error', reject));
  return asked.catch((error) => [error.code, error.message]);`;
    expect(await call(body)).toEqual(['ENOTFOUND', 'none no-such.s3.us-east-1.amazonaws.com']);
  });

  it('whom a connection trusts besides stays as it was', async () => {
    const body = `
  const { get } = await import('node:https');
  const options = { rejectUnauthorized: true, checkServerIdentity: (name) => Object.assign(new Error(name), { code: 'REFUSED' }) };
  return new Promise((resolve, reject) => get('https://${HOST}/k', options, resolve).on('error', reject));`;
    expect(await call(body)).toEqual({ error: 'REFUSED' });
  });

  it('the log says once what was redirected', async () => {
    await call(`for (let i = 0; i < 3; i += 1) await (await fetch('https://${HOST}/k')).text();`);
    const line = `[spillway] https://${HOST}/ is answered by the local bucket ${BUCKET_NAME}.`;
    const log = (await system?.logsWith(logicalId('call'), 'REPORT')) ?? '';
    expect(log.split(line)).toHaveLength(2);
  });

  it('a bucket that is private stays so', async () => {
    const body = `return (await fetch('https://${HOST}/k', { method: 'PUT', body: 'x' })).status;`;
    expect(await call(body)).toBe(403);
  });
});

describe('functions that have nothing of it', () => {
  it('those that use the SDK and name no host', async () => {
    const imports = "import { S3Client } from '@aws-sdk/client-s3';\nnew S3Client({});";
    expect(await call(VARIABLES, { imports })).toEqual([]);
  });

  it('all, with --aws-hosts off', async () => {
    expect(await call(`const host = '${HOST}'; ${VARIABLES}`, { awsHosts: 'off' })).toEqual([]);
  });

  it('and those that name one', async () => {
    const variables = await call(`const host = '${HOST}'; ${VARIABLES}`);
    expect(variables).toEqual(['NODE_OPTIONS', 'SPILLWAY_AWS_HOSTS', 'SPILLWAY_AWS_HOSTS_CA']);
  });

  it('or have one in a variable', async () => {
    const environment = { OBJECT_URL: `https://${HOST}/k` };
    const body = 'return (await fetch(process.env.OBJECT_URL)).text();';
    expect(await call(body, { environment })).toBe('from the local bucket');
  });
});

describe('without a sandbox', () => {
  it('works, too', async () => {
    const body = `return (await fetch('https://${HOST}/k')).text();`;
    expect(await call(body, { sandbox: 'off' })).toBe('from the local bucket');
  });
});
