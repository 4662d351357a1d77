import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { LIFTED_LIMITS } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { HAS_PYTHON } from './support/examples.ts';
import { family, isAlive } from './support/processes.ts';
import {
  makeWorkspace,
  type System,
  type SystemOptions,
  startSystem,
  until,
  type Workspace,
} from './support/system.ts';
import { type Gate, openGate, WEB_FUNCTION, type WebFunction, webFunctionFiles } from './support/web-function.ts';

let gate: Gate;
let system: System | undefined;
const layers: Workspace[] = [];

beforeEach(async () => {
  gate = await openGate();
});
afterEach(async () => {
  await system?.close();
  system = undefined;
  gate.close();
  for (const layer of layers.splice(0)) await layer.remove();
});

async function start(web: WebFunction, options: SystemOptions = {}): Promise<System> {
  const environment = { GATE_URL: gate.url, ...web.environment };
  system = await startSystem(webFunctionFiles({ ...web, environment }), { limits: LIFTED_LIMITS, ...options });
  return system;
}

const download = (running: System, path: string) => curl(running.url('/{proxy+}', path), '--max-time', '60');

/** A Node.js server; `answer` gets `request`, `response` and `asked(path)`, which asks the gate. */
const nodeServer = (
  answer: string,
  runScript = '#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/server.mjs"\n',
): WebFunction => ({
  runtime: 'nodejs22.x',
  files: {
    'run.sh': runScript,
    'server.mjs': `
import { createServer } from 'node:http';
const asked = (path) => fetch(process.env.GATE_URL + path).then((response) => response.text());
createServer(async (request, response) => {
  if (request.url === '/') return response.end('ready');
  ${answer}
}).listen(Number(process.env.PORT), '127.0.0.1');
`,
  },
});

const NODE_EVENTS = nodeServer(`
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (const name of ['one', 'two', 'three']) response.write('data: ' + (await asked('/' + name)) + '\\n\\n');
  response.end();
`);

const PYTHON_EVENTS: WebFunction = {
  runtime: 'python3.12',
  files: {
    'run.sh': '#!/bin/sh\nexec python3 "$LAMBDA_TASK_ROOT/server.py"\n',
    'server.py': `
import os, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        if self.path == "/":
            return
        for name in ("one", "two", "three"):
            with urllib.request.urlopen(f"{os.environ['GATE_URL']}/{name}") as answer:
                self.wfile.write(b"data: " + answer.read() + b"\\n\\n")

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`,
  },
};

/** Holds as many MiB as its path says, for as long as several looks at its memory take. */
const PYTHON_HOLDING: WebFunction = {
  runtime: 'python3.12',
  memorySizeMb: 128,
  files: {
    'run.sh': PYTHON_EVENTS.files['run.sh'] ?? '',
    'server.py': `
import os, time
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        mib = int(self.path[1:] or 0)
        held = b"x" * (mib << 20)
        if mib:
            time.sleep(0.5)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%d" % (len(held) >> 20))

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`,
  },
};

const LWA_BINARY = process.env['SPILLWAY_LWA_BINARY'];

/** Laid out as AWS's layer. */
async function awsLayer(): Promise<string> {
  const layer = await makeWorkspace({ bootstrap: '#!/bin/sh\nexec "$LAMBDA_TASK_ROOT/$_HANDLER"\n' });
  await mkdir(join(layer.path, 'extensions'));
  await copyFile(LWA_BINARY ?? '', join(layer.path, 'extensions/lambda-adapter'));
  layers.push(layer);
  return layer.path;
}

describe.each([
  { adapter: 'our web adapter', isOurs: true },
  { adapter: "AWS's own web adapter (needs SPILLWAY_LWA_BINARY)", isOurs: false },
])('through $adapter', ({ isOurs }) => {
  const canRun = isOurs || LWA_BINARY !== undefined;
  const options = async () => (isOurs ? {} : { webAdapterLayer: await awsLayer() });

  it.skipIf(!canRun)('events of Node.js arrive one by one', async () => expectEvents(NODE_EVENTS, await options()));

  it.skipIf(!canRun || !HAS_PYTHON)('events of Python arrive one by one (needs python3)', async () =>
    expectEvents(PYTHON_EVENTS, await options()),
  );

  it.skipIf(!canRun || !HAS_PYTHON)('a function of 128 MB has room for 85 MB (needs python3)', async () => {
    const running = await start(PYTHON_HOLDING, await options());
    expect(await download(running, '85')).toMatchObject({ exitCode: 0, status: 200, text: '85' });
    const [, used] = /Max Memory Used: (\d+) MB/.exec(await running.logsWith(WEB_FUNCTION, 'Max Memory Used')) ?? [];
    expect(Number(used)).toBeGreaterThan(95);
    expect(Number(used)).toBeLessThan(128);
  });

  it.skipIf(!canRun || !HAS_PYTHON)('but not for 150 MB (needs python3)', async () => {
    const running = await start(PYTHON_HOLDING, await options());
    expect(await download(running, '150')).toMatchObject({ exitCode: 0, status: 502 });
    const log = await running.logsWith(WEB_FUNCTION, 'Max Memory Used');
    expect(log).toContain('Runtime.OutOfMemory');
    expect(log).toContain('Max Memory Used: 128 MB');
  });

  it.skipIf(!canRun)('a broken stream without Content-Length looks whole, and the log says so', async () => {
    const running = await start(BREAKS, await options());
    const result = download(running, 'x');
    (await gate.asked('/break')).end();
    const { exitCode, text } = await result;
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^half.*Lambda-Runtime-Function-Error-Type: Runtime\.StreamError/s);
    expect(await running.logsWith(WEB_FUNCTION, 'complete file')).toContain('Content-Length');
  });

  it.skipIf(!canRun)('a broken stream breaks the connection when told to', async () => {
    const running = await start(BREAKS, { ...(await options()), lwaFailedStream: 'break' });
    const result = download(running, 'x');
    (await gate.asked('/break')).end();
    // AWS's adapter has sent its text by then; what counts is that the end never looks good.
    expect(await result).toMatchObject({ exitCode: 18, text: expect.stringMatching(HALF) });
  });
});

/** Nothing of the app's but this; AWS's adapter adds its text, and nothing else may follow. */
const HALF =
  /^half(?:Lambda-Runtime-Function-Error-Type: Runtime\.StreamError\r\nLambda-Runtime-Function-Error-Body: [\w+/=]*\r\n)?$/;

const BREAKS = nodeServer("response.write('half', () => asked('/break').then(() => response.destroy()));");

/** Nothing but what the gate let through may have come when the next event is asked for. */
async function expectEvents(web: WebFunction, options: SystemOptions): Promise<void> {
  const { url } = await start(web, options);
  const responded = once(get(url('/{proxy+}', 'events')), 'response');
  (await gate.asked('/one')).end('first');
  const [response] = (await responded) as [IncomingMessage];
  expect(response.headers['content-type']).toBe('text/event-stream');
  const events = response.setEncoding('utf8')[Symbol.asyncIterator]();
  expect(await events.next()).toEqual({ done: false, value: 'data: first\n\n' });
  (await gate.asked('/two')).end('second');
  expect(await events.next()).toEqual({ done: false, value: 'data: second\n\n' });
  (await gate.asked('/three')).end('third');
  expect(await events.next()).toEqual({ done: false, value: 'data: third\n\n' });
  expect((await events.next()).done).toBe(true);
}

describe('what a server that breaks looks like', () => {
  it('ends before it is ready: 502, with its exit status in the log', async () => {
    const running = await start({ runtime: 'nodejs22.x', files: { 'run.sh': '#!/bin/sh\necho leaving\nexit 3\n' } });
    expect(await download(running, 'x')).toMatchObject({ exitCode: 0, status: 502 });
    expect(await running.logsWith(WEB_FUNCTION, 'exit status 3')).toContain('leaving');
  });

  it.each([
    [
      'a handler of the form module.function',
      { handler: 'lambda_function.lambda_handler', files: { 'lambda_function.py': '' } },
      /\/lambda_function\.lambda_handler: No such file or directory/,
    ],
    ['CRLF in run.sh', { files: { 'run.sh': '#!/bin/sh\r\nexec node x\r\n' } }, /LF|CRLF/],
    [
      'run.sh in a subfolder',
      { files: { 'app/run.sh': '#!/bin/sh\nexec true\n' } },
      /\/run\.sh: No such file or directory/,
    ],
    ['run.sh that may not be executed', { files: { 'run.sh': 'exec true\n' } }, /\/run\.sh: Permission denied/],
  ])('%s: 502, and the reason in the log', async (_name, web, reason) => {
    const running = await start({ runtime: 'python3.12', ...web });
    expect(await download(running, 'x')).toMatchObject({ exitCode: 0, status: 502 });
    expect(await running.logsWith(WEB_FUNCTION, reason)).toContain('[spillway]');
  });
});

describe('processes of a web function', () => {
  it('end with the server, a reloader and its children included', async () => {
    const reloader = `#!/bin/sh
trap '' TERM
node "$LAMBDA_TASK_ROOT/server.mjs" &
sleep 600 &
setsid sleep 601 &
wait
`;
    const running = await start(nodeServer("response.end('hello');", reloader));
    const before = new Set(family(process.pid).map(({ pid }) => pid));
    expect(await download(running, 'x')).toMatchObject({ status: 200, text: 'hello' });
    const started = family(process.pid).filter(({ pid }) => !before.has(pid));
    for (const part of ['server.mjs', 'sleep 600', 'sleep 601', 'run.sh']) {
      expect(
        started.some(({ command }) => command.includes(part)),
        part,
      ).toBe(true);
    }
    await running.close();
    system = undefined;
    expect(started.filter(({ pid }) => isAlive(pid))).toEqual([]);
  });

  it('share no port: 8 requests at once are served by 8 environments', async () => {
    const running = await start(nodeServer("response.end(await asked('/' + process.env.PORT));"));
    const results = Array.from({ length: 8 }, () => download(running, 'x'));
    const ports = new Set<string>();
    const log = await until(async () => {
      const text = await running.logs(WEB_FUNCTION);
      for (const [, port = ''] of text.matchAll(/PORT[ =](\d+)/g)) ports.add(port);
      return String(ports.size);
    }, '8');
    expect(log).toBe('8');
    for (const port of ports) (await gate.asked(`/${port}`)).end(port);
    const texts = (await Promise.all(results)).map(({ text }) => text);
    expect(texts.toSorted()).toEqual([...ports].toSorted());
  });
});
