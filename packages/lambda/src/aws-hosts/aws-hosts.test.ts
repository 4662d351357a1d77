import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { send } from '@spillway/http';
import type { FunctionConfiguration } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Place } from '../sandbox/place.ts';
import { type AdmittedEnvironment, AwsHosts } from './aws-hosts.ts';

let directory: string;
let hosts: AwsHosts;
let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
const notes: string[] = [];
const servers: { close(): void }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'aws-hosts-'));
  notes.length = 0;
  handle = async ({ headers, url }, response) => {
    const text = `${headers.host} ${url}`;
    await send(response, { status: 200, headers: [['Content-Length', String(text.length)]], body: bytesOf(text) });
  };
  hosts = new AwsHosts(
    {
      hasBucket: (name) => ['my-bucket', 'dotted.bucket'].includes(name),
      handle: (request, response) => handle(request, response),
      nodeHookPath: '/hook.js',
    },
    directory,
  );
});
afterEach(async () => {
  await hosts.close();
  for (const server of servers.splice(0)) server.close();
  await rm(directory, { recursive: true });
});

async function* bytesOf(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text);
}

const admit = (environment: Record<string, string> = {}, functionName = 'f'): Promise<AdmittedEnvironment> =>
  hosts.admit({
    configuration: { functionName, runtime: 'python3.12', environment } as unknown as FunctionConfiguration,
    place: { isSandbox: false } as Place,
    taskRoot: directory,
    optDirectory: directory,
    note: (text) => notes.push(text),
  });

const run = promisify(execFile);

/** By the environment's variables, and by nothing else. */
async function curl(environment: Pick<AdmittedEnvironment, 'variables'>, ...args: readonly string[]) {
  const options = ['--disable', '--silent', '--show-error', '--max-time', '10', ...args];
  const env = { PATH: process.env['PATH'], ...environment.variables };
  return run('curl', options, { env }).then(
    ({ stdout }) => ({ exitCode: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      exitCode: code,
      stdout,
      stderr,
    }),
  );
}

const proxyOf = ({ variables }: AdmittedEnvironment) => new URL(variables['HTTPS_PROXY'] ?? '');

describe('a local bucket', () => {
  test.each([
    'my-bucket.s3.us-east-1.amazonaws.com/path/to/object',
    'my-bucket.s3.amazonaws.com/path/to/object',
    's3.us-east-1.amazonaws.com/my-bucket/path/to/object',
    's3.amazonaws.com/my-bucket',
    'my-bucket.s3.dualstack.eu-west-1.amazonaws.com/',
  ])('%s, over TLS that is verified', async (address) => {
    const { stdout, exitCode } = await curl(await admit(), `https://${address}`);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(address.replace(/^([^/]+)(.*)$/, '$1 $2'));
  });

  test('its name with dots fits no certificate, as on AWS', async () => {
    const { exitCode } = await curl(await admit(), 'https://dotted.bucket.s3.us-east-1.amazonaws.com/');
    expect(exitCode).toBe(60);
  });

  test("is named in the function's log once, whatever environments it has", async () => {
    const [first, second, other] = [await admit(), await admit(), await admit({}, 'g')];
    for (const environment of [first, first, second]) {
      await curl(environment, 'https://my-bucket.s3.us-east-1.amazonaws.com/k');
    }
    expect(notes).toEqual([
      'https://my-bucket.s3.us-east-1.amazonaws.com/ is answered by the local bucket my-bucket. --aws-hosts off sends requests to AWS.',
    ]);
    await curl(first, 'https://s3.us-east-1.amazonaws.com/my-bucket/k');
    expect(notes.at(-1)).toContain('https://s3.us-east-1.amazonaws.com/my-bucket/ ');
    await curl(other, 'https://my-bucket.s3.us-east-1.amazonaws.com/k');
    expect(notes).toHaveLength(3);
  });

  test('several requests share a connection; an upload arrives', async () => {
    const sockets = new Set<unknown>();
    handle = async (request, response) => {
      sockets.add(request.socket);
      let sizeBytes = 0;
      for await (const chunk of request) sizeBytes += (chunk as Buffer).byteLength;
      response.end(`${request.method} ${sizeBytes} `);
    };
    const url = 'https://my-bucket.s3.us-east-1.amazonaws.com/k';
    const environment = await admit();
    expect(await curl(environment, url, url)).toMatchObject({ stdout: 'GET 0 GET 0 ' });
    expect(sockets.size).toBe(1);
    await writeFile(join(directory, 'big'), Buffer.alloc(3_000_000));
    const upload = ['--upload-file', join(directory, 'big'), '--header', 'Expect: 100-continue'];
    expect(await curl(environment, ...upload, url)).toMatchObject({ stdout: 'PUT 3000000 ' });
  });

  test.each([
    ['with a length', [['Content-Length', '100000']]],
    ['chunked', []],
  ] as const)('what breaks off, %s, ends in a reset', async (_, headers) => {
    handle = async (_request, response) => {
      const broken = async function* () {
        yield Buffer.alloc(50_000);
        throw new Error('broken');
      };
      await send(response, { status: 200, headers, body: broken() }).catch(() => {});
    };
    const { exitCode, stderr } = await curl(await admit(), 'https://my-bucket.s3.us-east-1.amazonaws.com/k');
    expect(exitCode, stderr).toBe(56);
    expect(stderr).toMatch(/reset/i);
  });

  test('whoever leaves is noticed', async () => {
    const asked = new EventEmitter();
    const left = once(asked, 'left');
    handle = async (_request, response) => {
      response.once('close', () => asked.emit('left'));
      response.write('x');
      asked.emit('here');
    };
    const { variables } = await admit();
    const client = execFile('curl', ['--silent', 'https://my-bucket.s3.us-east-1.amazonaws.com/k'], {
      env: { PATH: process.env['PATH'], ...variables },
    });
    client.on('error', () => {});
    await once(asked, 'here');
    client.kill('SIGKILL');
    await left;
  });
});

/** A connection to the proxy on which CONNECT was sent. */
async function asked(proxy: URL, target: string, authorization?: string) {
  const socket = connect({ host: proxy.hostname, port: Number(proxy.port), allowHalfOpen: true });
  const basic = authorization ?? `Basic ${Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64')}`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: ${basic}\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  return { socket, head: head.toString() };
}

async function serve(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, onConnection).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
  return text;
}

describe('all else', () => {
  test('is carried unread, and an end is an end', async () => {
    const target = await serve((socket) => socket.pipe(socket));
    const { socket, head } = await asked(proxyOf(await admit()), target);
    expect(head).toBe('HTTP/1.1 200 Connection Established\r\n\r\n');
    socket.end('\x00 no TLS, no HTTP \xff', 'latin1');
    expect(await readAll(socket)).toBe('\x00 no TLS, no HTTP \xff');
  });

  test('breaks as it broke', async () => {
    const target = await serve((socket) => {
      socket.once('data', () => Object.assign(socket, { resetAndClosing: true }).destroy());
    });
    const { socket } = await asked(proxyOf(await admit()), target);
    socket.write('x');
    await expect(readAll(socket)).rejects.toThrow('ECONNRESET');
  });

  test('that can not be reached says why', async () => {
    const { head } = await asked(proxyOf(await admit()), 'nowhere.invalid:443');
    expect(head).toMatch(/^HTTP\/1.1 502 getaddrinfo \w+ nowhere.invalid\r\n/);
    const { exitCode, stderr } = await curl(await admit(), 'https://nowhere.invalid/');
    expect(exitCode).toBe(56);
    expect(stderr).toContain('502');
  });

  test.each(['nowhere.invalid', ':443', 'a b:443', 'host:99999999'])('%j is no target', async (target) => {
    const { head } = await asked(proxyOf(await admit()), target);
    expect(head).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('strangers', () => {
  test('get no connection', async () => {
    const environment = await admit();
    const target = 'my-bucket.s3.us-east-1.amazonaws.com:443';
    for (const authorization of ['', 'Basic eDp5', 'Bearer x']) {
      const { head } = await asked(proxyOf(environment), target, authorization);
      expect(head).toMatch(/^HTTP\/1.1 407 /);
    }
    environment.leave();
    expect((await asked(proxyOf(environment), target)).head).toMatch(/^HTTP\/1.1 407 /);
  });

  test('learn nothing, and have no server name that is known', async () => {
    const proxy = proxyOf(await admit());
    const url = `http://127.0.0.1:${proxy.port}/my-bucket.s3.us-east-1.amazonaws.com`;
    expect((await fetch(url)).status).toBe(401);
    const authorization = `Basic ${Buffer.from(`x:${proxy.password}`).toString('base64')}`;
    const port = await fetch(url, { headers: { authorization } }).then((response) => response.text());
    expect((await fetch(url.replace('my-', 'your-'), { headers: { authorization } })).status).toBe(404);
    const ca = await readFile(join(directory, 'ca.pem'), 'utf8');
    const greet = async (servername: string) => {
      const checkServerIdentity = () => undefined;
      const socket = connectTls({ port: Number(port), host: '127.0.0.1', ca, servername, checkServerIdentity });
      try {
        await once(socket, 'secureConnect');
        return 'secure';
      } catch {
        return 'refused';
      } finally {
        socket.destroy();
      }
    };
    const name = 'my-bucket.s3.us-east-1.amazonaws.com';
    expect(await greet(`${proxy.password}.${name}`)).toBe('secure');
    expect(await greet(`${'0'.repeat(32)}.${name}`)).toBe('refused');
    expect(await greet(name)).toBe('refused');
  });
});
