import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PATH = fileURLToPath(new URL('../dist/web-adapter.js', import.meta.url));
const EVENT = JSON.stringify({ httpMethod: 'GET', path: '/', requestContext: { httpMethod: 'GET' } });

const CHUNK = Buffer.alloc(64 * 1024);

/** A Runtime API for one adapter, and the app behind it. */
class Fixture {
  readonly signals: EventEmitter = new EventEmitter();
  readonly runtimeApi: Server;
  readonly app: Server;
  /** How often an event was asked for. */
  asked = 0;
  exitCode: number | null | undefined;
  output = '';
  answer: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) => response.end();
  post: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) => response.end();
  #process: ChildProcess | undefined;
  #isReady = false;

  constructor() {
    this.app = createServer((request, response) => {
      if (this.#isReady) this.answer(request, response);
      else response.end();
      this.#isReady = true;
    });
    this.runtimeApi = createServer((request, response) => {
      const { url = '' } = request;
      if (url.endsWith('/register')) response.writeHead(200, { 'lambda-extension-identifier': 'id' }).end();
      else if (url.endsWith('/invocation/next')) this.#next(response);
      else if (request.method === 'POST') this.post(request, response);
    });
  }

  async start(environment: NodeJS.ProcessEnv = {}): Promise<void> {
    if (!existsSync(PATH)) throw new Error(`${PATH} is missing: run "npm run build" first.`);
    const [runtimeApi, app] = await Promise.all([listening(this.runtimeApi), listening(this.app)]);
    this.#process = spawn(process.execPath, [PATH], {
      env: {
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${runtimeApi}`,
        AWS_LWA_PORT: `${app}`,
        AWS_LAMBDA_FUNCTION_NAME: 'test',
        AWS_LAMBDA_FUNCTION_VERSION: '1',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_LWA_INVOKE_MODE: 'response_stream',
        ...environment,
      },
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      output?.on('data', (text) => {
        this.output += text;
      });
    }
    this.#process.once('close', (code) => {
      this.exitCode = code;
      this.signals.emit('exit');
    });
  }

  async stop(): Promise<void> {
    if (this.#process && this.exitCode === undefined) {
      const exited = once(this.signals, 'exit');
      this.#process.kill('SIGKILL');
      await exited;
    }
    await Promise.all([this.runtimeApi, this.app].map(closed));
  }

  #next(response: ServerResponse): void {
    this.asked += 1;
    this.signals.emit('next');
    if (this.asked > 1) return;
    const headers = { 'lambda-runtime-aws-request-id': 'r', 'lambda-runtime-deadline-ms': '1' };
    response.writeHead(200, headers).end(EVENT);
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

let fixture: Fixture;

beforeEach(() => {
  fixture = new Fixture();
});

afterEach(() => fixture.stop());

describe('the web adapter', () => {
  it('breaks a stream that the app broke off, when it is told to', async () => {
    fixture.answer = (_, response) =>
      response.writeHead(200, { 'content-length': 9 }).write('half', () => response.socket?.end());
    const posted = new Promise<{ body: string; trailers: NodeJS.Dict<string> }>((resolve) => {
      fixture.post = async (request) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        resolve({ body: Buffer.concat(chunks).toString(), trailers: request.trailers });
      };
    });
    await fixture.start({ SPILLWAY_LWA_FAILED_STREAM: 'break' });
    const { body, trailers } = await posted;
    expect(body).toMatch(/\0{8}half$/);
    expect(trailers['lambda-runtime-function-error-type']).toBe('Runtime.StreamError');
    const error = Buffer.from(trailers['lambda-runtime-function-error-body'] ?? '', 'base64').toString();
    expect(JSON.parse(error)).toEqual({
      errorType: 'Runtime.StreamError',
      errorMessage: 'error reading a body from connection',
    });
  });

  it.each([
    ['answered before its end', (_: IncomingMessage, response: ServerResponse) => response.writeHead(413).end()],
    ['cut', (request: IncomingMessage) => request.socket.destroy()],
  ])('leaves the app alone and asks for the next event when a stream is %s', async (_, post) => {
    const left = new Promise((resolve) => {
      fixture.answer = (_request, response) => {
        response.once('close', resolve);
        response.write('begin');
      };
    });
    fixture.post = (request, response) => {
      request.once('data', () => post(request, response));
    };
    await fixture.start();
    await left;
    while (fixture.asked < 2) await once(fixture.signals, 'next');
    expect(fixture.exitCode).toBeUndefined();
  });

  it('ends without a word when the Runtime API is gone', async () => {
    fixture.answer = () => fixture.runtimeApi.closeAllConnections();
    await fixture.start();
    const exited = once(fixture.signals, 'exit');
    await exited;
    expect({ exitCode: fixture.exitCode, output: fixture.output }).toEqual({ exitCode: 1, output: '' });
  });

  it('asks the app for no more than is read', async () => {
    const sizeBytes = 128 * 1024 * 1024;
    let sentBytes = 0;
    fixture.answer = (_, response) => {
      Readable.from(
        (function* () {
          for (; sentBytes < sizeBytes; sentBytes += CHUNK.byteLength) yield CHUNK;
        })(),
      ).pipe(response);
    };
    const posted = new Promise<IncomingMessage>((resolve) => {
      fixture.post = resolve;
    });
    await fixture.start();
    let receivedBytes = 0;
    let mostAheadBytes = 0;
    for await (const chunk of await posted) {
      receivedBytes += (chunk as Buffer).byteLength;
      mostAheadBytes = Math.max(mostAheadBytes, sentBytes - receivedBytes);
      // The app has more turns than the reader.
      for (let turn = 0; turn < 8; turn += 1) await new Promise(setImmediate);
    }
    expect(receivedBytes).toBeGreaterThan(sizeBytes);
    // Buffers of two connections and two processes.
    expect(mostAheadBytes).toBeLessThan(32 * 1024 * 1024);
  });
});
