import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestLambda, type TestLambda, until } from '../../test/test-lambda.ts';
import { writeExtensions } from '../../test/write-extensions.ts';

// Asks the web app on the port that it was told, as Lambda Web Adapter does, and answers with what it says.
const ADAPTER = `
  const ask = () => new Promise((resolve) => {
    http.get({ host: '127.0.0.1', port: process.env.AWS_LWA_PORT }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve(text);
    }).on('error', () => resolve(undefined));
  });
  await register([]);
  next();
  while ((await ask()) === undefined) await new Promise((r) => setTimeout(r, 5));
  for (;;) {
    const { headers } = await call('GET', '/2018-06-01/runtime/invocation/next');
    const path = '/2018-06-01/runtime/invocation/' + headers['lambda-runtime-aws-request-id'] + '/response';
    await call('POST', path, {}, await ask());
  }`;

/** Listens on `port`; each answer takes a while, so that several invocations meet. */
const app = (port: string) => `
  require('http').createServer((request, response) => setTimeout(() => response.end(JSON.stringify({
    port: process.env.PORT, readiness: process.env.AWS_LWA_READINESS_CHECK_PORT, pid: process.pid,
  })), 150)).listen(${port}, '127.0.0.1');`;

interface Answer {
  readonly port: string;
  readonly readiness?: string;
  readonly pid: number;
}

let lambda: TestLambda;
const reports: string[] = [];
beforeEach(async () => {
  reports.length = 0;
  lambda = await startTestLambda({ report: (line) => reports.push(line) });
});
afterEach(() => lambda.close());

/** `webApp` runs in the place of the function's Node.js. */
async function make(webApp: string, environment: Record<string, string>, adapter: string = ADAPTER): Promise<void> {
  const layer = await writeExtensions(lambda.directory, { 'lambda-adapter': adapter });
  await writeFile(`${layer.path}/start`, '#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/index.js"\n', { mode: 0o755 });
  await lambda.make(webApp, {
    layers: [layer],
    handler: 'index.js',
    environment: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/start', ...environment },
  });
}

const callAtOnce = (count: number) =>
  Promise.all(Array.from({ length: count }, () => lambda.call({}))) as Promise<Answer[]>;

/** One that is free, and above those that are given away. */
async function someFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('each environment of a web app has a port of its own, and its log says so', async () => {
  await make(app('process.env.PORT'), { PORT: '8080', AWS_LWA_READINESS_CHECK_PORT: '8080' });
  const answers = await callAtOnce(3);
  const ports = new Set(answers.map(({ port }) => port));
  expect(ports.size).toBe(3);
  expect(ports).not.toContain('8080');
  for (const { port, readiness } of answers) expect(readiness).toBe(port);
  const text = await lambda.logText();
  for (const port of ports)
    expect(text).toContain(`[spillway] PORT=${port} and AWS_LWA_PORT=${port} here, in place of 8080: `);
  expect(reports).toEqual([]);
});

test('an app that listens on its own port all the same gets one environment at a time, and the log says so', async () => {
  const port = await someFreePort();
  await make(app(String(port)), { AWS_LWA_PORT: String(port) });
  const answers = await callAtOnce(3);
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
  expect(answers[0]?.port).not.toBe(String(port));
  const note = `The web app listens on port ${port} instead of the one in PORT`;
  await until(async () => (await lambda.logText()).includes(note));
  expect(reports).toEqual([expect.stringContaining(`Function f: ${note}`)]);
  // Code that has changed gets a new environment, which has that port from the start.
  await writeFile(`${lambda.directory}/f/index.js`, `${app(String(port))}\n// changed`);
  expect(((await lambda.call({})) as Answer).port).toBe(String(port));
});

test('an app that listens on its own port after its first invocation is known for it by the next', async () => {
  const port = await someFreePort();
  // The adapter answers the first invocation, and asks the app to listen.
  const adapter = `
    await register([]);
    next();
    for (let count = 0; ; count += 1) {
      const { headers } = await call('GET', '/2018-06-01/runtime/invocation/next');
      const path = '/2018-06-01/runtime/invocation/' + headers['lambda-runtime-aws-request-id'] + '/response';
      await call('POST', path, {}, JSON.stringify(count));
      require('fs').writeFileSync(require('os').tmpdir() + '/listen', '');
    }`;
  await make(
    `const wait = () => require('fs').existsSync(require('os').tmpdir() + '/listen') ? require('http').createServer().listen(${port}, '127.0.0.1') : setTimeout(wait, 5);
    wait();`,
    { AWS_LWA_PORT: String(port) },
    adapter,
  );
  expect(await lambda.call({})).toBe(0);
  const note = `The web app listens on port ${port} instead of the one in PORT`;
  await until(async () => {
    await lambda.call({});
    return (await lambda.logText()).includes(note);
  });
});

test('one that never listens keeps nobody waiting for what it does not show', async () => {
  await make('process.exit(3);', {});
  const failures = await Promise.all(
    [1, 2].map(() =>
      lambda.call({}).then(
        () => 'answered',
        (error: { errorType: string }) => error.errorType,
      ),
    ),
  );
  expect(failures).toEqual(['Runtime.ExitError', 'Runtime.ExitError']);
});
