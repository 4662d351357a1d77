import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  type RecorderOptions,
  RuntimeApiRecorder,
} from '../../../tests/conformance/runtime-client/runtime-api-recorder.ts';
import { ourBootstrap } from '../../../tests/conformance/runtime-client/runtime-clients.ts';

// What AWS's client can't be compared in; the rest is in tests/conformance/runtime-client.

const started: { process: ChildProcess; taskRoot: string }[] = [];

afterEach(async () => {
  for (const { process: runtime, taskRoot } of started.splice(0)) {
    if (runtime.exitCode === null && runtime.signalCode === null) {
      runtime.kill('SIGKILL');
      await once(runtime, 'exit');
    }
    rmSync(taskRoot, { recursive: true });
  }
});

interface Runtime {
  readonly exit: Promise<number | null>;
  /** All that was printed, on both outputs. */
  output(): string;
  printed(text: string): Promise<void>;
}

function start(
  address: string,
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Runtime {
  const taskRoot = realpathSync(mkdtempSync(join(tmpdir(), 'spillway-bootstrap-')));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(taskRoot, path)), { recursive: true });
    writeFileSync(join(taskRoot, path), text);
  }
  const runtime = spawn(process.execPath, ourBootstrap().argumentsFor('index.handler'), {
    cwd: taskRoot,
    env: { PATH: process.env['PATH'], AWS_LAMBDA_RUNTIME_API: address, _HANDLER: 'index.handler', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push({ process: runtime, taskRoot });
  let output = '';
  const keep = (text: string) => {
    output += text;
    runtime.emit('printed');
  };
  runtime.stdout.setEncoding('utf8').on('data', keep);
  runtime.stderr.setEncoding('utf8').on('data', keep);
  return {
    exit: once(runtime, 'close').then(([code]) => code as number | null),
    output: () => output,
    printed: async (text) => {
      while (!output.includes(text)) await once(runtime, 'printed');
    },
  };
}

async function recorder(options: Partial<RecorderOptions> = {}): Promise<RuntimeApiRecorder> {
  const started = await RuntimeApiRecorder.start({ events: [{}], ...options });
  onTestFinished(() => started.close());
  return started;
}

const commonJs = (source: string) => ({ 'index.js': source });
const esModule = (source: string) => ({ 'index.mjs': source });
const answerOf = (api: RuntimeApiRecorder) => {
  const call = api.calls.find(({ name }) => name !== 'next');
  return Buffer.concat(call?.chunks ?? []).toString();
};

describe('when the Runtime API is gone, the process ends without a word', () => {
  test('refused at the start', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as { port: number };
    closed.close();
    const runtime = start(`127.0.0.1:${port}`, commonJs('exports.handler = async () => {};'));
    expect(await runtime.exit).toBe(1);
    expect(runtime.output()).toBe('');
  });

  test('while it waits for an event', async () => {
    const api = await recorder({ events: [] });
    const runtime = start(api.address, commonJs('exports.handler = async () => {};'));
    await api.idle;
    await api.close();
    expect(await runtime.exit).toBe(1);
    expect(runtime.output()).toBe('');
  });

  test('while the function is busy', async () => {
    const api = await recorder();
    const source =
      'exports.handler = async () => { console.log("busy"); await new Promise((resolve) => setTimeout(resolve, 60000)); };';
    const runtime = start(api.address, commonJs(source));
    await runtime.printed('busy');
    await api.close();
    expect(await runtime.exit).toBe(1);
    expect(runtime.output()).toMatch(/^\S+\trequest-1\tINFO\tbusy\n$/);
  });

  test('in mid-stream', async () => {
    const api = await recorder();
    const source =
      'exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.write("x", () => console.log("sent")); await new Promise(() => {}); });';
    const runtime = start(api.address, commonJs(source));
    await runtime.printed('sent');
    await api.close();
    expect(await runtime.exit).toBe(1);
    expect(runtime.output()).toMatch(/^\S+\trequest-1\tINFO\tsent\n$/);
  });
});

describe('calls', () => {
  test('a response that is refused is logged, and the next event is asked for', async () => {
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      request.resume().once('end', () => response.writeHead(413).end('{"errorType":"RequestEntityTooLarge"}'));
      return true;
    };
    const api = await recorder({ answer });
    const runtime = start(api.address, commonJs('exports.handler = async () => "x".repeat(7e6);'));
    await api.idle;
    const line = 'LAMBDA_RUNTIME Failed to post handler success response. Http response code: 413.';
    await runtime.printed(line);
    expect(runtime.output()).toMatch(/^\[ERROR\] \[\d+\] LAMBDA_RUNTIME Failed .*\n$/);
  });

  test.each([
    ['buffered', 'exports.handler = async () => 1;'],
    ['streamed', 'exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.end("1"); });'],
    ['failed', 'exports.handler = awslambda.streamifyResponse(async () => { throw new Error("1"); });'],
  ])('the next event is asked for when the answer came, over one connection: %s', async (_kind, source) => {
    const held: ServerResponse[] = [];
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      request.resume().once('end', () => {
        held.push(response);
        // A client that does not wait for the answer would ask now.
        setTimeout(() => response.writeHead(202).end(), 50);
        expect(api.calls).toHaveLength(1);
      });
      return true;
    };
    const api = await recorder({ answer });
    start(api.address, commonJs(source));
    await api.idle;
    expect(held[0]?.writableEnded).toBe(true);
    expect(api.connections.size).toBe(1);
  });

  test('many invocations leave nothing behind', async () => {
    const api = await recorder({ events: Array.from({ length: 30 }, () => ({})) });
    const runtime = start(api.address, commonJs('exports.handler = async () => 1;'));
    await api.idle;
    expect(runtime.output()).toBe('');
    expect(api.connections.size).toBe(1);
  });

  test('a stream waits for a Runtime API that does not read', async () => {
    const waiting: IncomingMessage[] = [];
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      waiting.push(request.pause());
      request.once('end', () => response.writeHead(202).end());
      return true;
    };
    const api = await recorder({ answer });
    const runtime = start(
      api.address,
      commonJs(`exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        const chunk = Buffer.alloc(1048576);
        // As long as the sockets take it, drain follows.
        const drain = () => new Promise((resolve) => stream.once('drain', () => resolve(true)));
        const soon = () => new Promise((resolve) => setTimeout(resolve, 300, false));
        let drained = drain();
        while (stream.write(chunk) || (await Promise.race([drained, soon()]))) drained = drain();
        console.log('full', stream.writableNeedDrain);
        await drained;
        console.log('drained');
        stream.end();
      });`),
    );
    await runtime.printed('full true');
    expect(runtime.output()).not.toContain('drained');
    waiting[0]?.resume();
    await runtime.printed('drained');
    await api.idle;
  });
});

describe('the AWS SDK', () => {
  test('is found by require', async () => {
    const api = await recorder();
    const source = 'const { S3Client } = require("@aws-sdk/client-s3"); exports.handler = async () => S3Client.name;';
    start(api.address, commonJs(source));
    await api.idle;
    expect(answerOf(api)).toBe('"S3Client"');
  });

  test('is found by import, and so are its parts', async () => {
    const api = await recorder();
    start(
      api.address,
      esModule(`
        import { S3Client } from '@aws-sdk/client-s3';
        import { Upload } from '@aws-sdk/lib-storage';
        import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
        export const handler = async () => {
          const { NodeHttpHandler } = await import('@smithy/node-http-handler');
          return [S3Client, Upload, getSignedUrl, NodeHttpHandler].map(({ name }) => name);
        };
      `),
    );
    await api.idle;
    expect(answerOf(api)).toBe('["S3Client","Upload","getSignedUrl","NodeHttpHandler"]');
  });

  test("the function's own comes first", async () => {
    const api = await recorder();
    start(api.address, {
      ...commonJs('const { own } = require("@aws-sdk/client-s3"); exports.handler = async () => own;'),
      'node_modules/@aws-sdk/client-s3/index.js': 'exports.own = "own";',
    });
    await api.idle;
    expect(answerOf(api)).toBe('"own"');
  });

  test('NODE_PATH works beside it', async () => {
    const api = await recorder();
    const files = {
      ...commonJs('exports.handler = async () => require("shared");'),
      'lib/shared.js': 'module.exports = "shared";',
    };
    start(api.address, files, { NODE_PATH: './lib' });
    await api.idle;
    expect(answerOf(api)).toBe('"shared"');
  });

  test.each([
    ['require', commonJs('require("@aws-sdk/client-no-such-service");')],
    ['import', esModule('import "@aws-sdk/client-no-such-service"; export const handler = 1;')],
  ])('a part that is not carried is named, with the cure: %s', async (_kind, files) => {
    const api = await recorder();
    const runtime = start(api.address, files);
    expect(await runtime.exit).toBe(129);
    const { errorMessage } = JSON.parse(answerOf(api)) as { errorMessage: string };
    expect(errorMessage).toMatch(/^(Error: )?Cannot find (module|package) '@aws-sdk\/client-no-such-service'/);
    expect(errorMessage).toContain('Run "npm install @aws-sdk/client-no-such-service" beside the function.');
  });

  test.each([
    ['another package, by require', commonJs('require("tslib");')],
    ['another package, by import', esModule('import "@aws-sdk/client-s3"; import "tslib"; export const handler = 1;')],
    ['a way out of the scope, by require', commonJs('require("@aws-sdk/../tslib");')],
    [
      'a way out of the scope, by import',
      esModule('import "@aws-sdk/client-s3/../../tslib/tslib.js"; export const handler = 1;'),
    ],
  ])('nothing else becomes visible: %s', async (_kind, files) => {
    const api = await recorder();
    const runtime = start(api.address, files);
    expect(await runtime.exit).toBe(129);
    expect(api.calls.map(({ name }) => name)).toEqual(['init/error']);
  });
});
