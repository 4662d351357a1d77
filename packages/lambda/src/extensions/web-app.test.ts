import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRunning, startTestLambda, type TestLambda, type TestLambdaOptions, until } from '../../test/test-lambda.ts';
import { writeExtensions } from '../../test/write-extensions.ts';

// A web app never calls the Runtime API: an extension does, as Lambda Web Adapter.

const LWA_TEXT =
  'Lambda-Runtime-Function-Error-Type: Runtime.StreamError\\r\\nLambda-Runtime-Function-Error-Body: ZXJyb3I=\\r\\n';

/** Answers each event by `answer(event, post)`, where `post` is an open response, or returns what is posted as an error. */
const adapter = (answer: string) => `
  const { existsSync, rmSync } = require('fs');
  const ready = process.env.TMPDIR + '/ready';
  rmSync(ready, { force: true });
  await register([]);
  next();
  while (!existsSync(ready)) await new Promise((r) => setTimeout(r, 5));
  const answer = ${answer};
  for (;;) {
    const { headers, text } = await call('GET', '/2018-06-01/runtime/invocation/next');
    const path = '/2018-06-01/runtime/invocation/' + headers['lambda-runtime-aws-request-id'];
    const post = http.request({ hostname, port, method: 'POST', path: path + '/response', headers: {
      'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Transfer-Encoding': 'chunked',
      'Content-Type': 'application/vnd.awslambda.http-integration-response' } });
    const posted = new Promise((resolve) => {
      post.on('response', (response) => { response.resume(); response.on('end', resolve); });
      post.on('error', resolve);
    });
    const error = await answer(JSON.parse(text), post);
    if (error) { post.destroy(); await call('POST', path + '/error', {}, error); } else await posted;
  }`;

const PRELUDE = `post.write('{"statusCode":200}' + '\\0'.repeat(8));`;

let lambda: TestLambda;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spillway-web-app-'));
});
afterEach(async () => {
  await lambda.close();
  await rm(directory, { recursive: true, force: true });
});

/** `app`: the script that the runtime is. It does what the adapter tells it by files named by `told`. */
async function make(app: string, answer: string, options: TestLambdaOptions = {}): Promise<void> {
  const bootstrapPath = join(directory, 'app.cjs');
  await writeFile(bootstrapPath, app);
  await chmod(bootstrapPath, 0o755);
  lambda = await startTestLambda({ bootstrapPath, ...options });
  await lambda.make('', { layers: [await writeExtensions(lambda.directory, { 'lambda-adapter': adapter(answer) })] });
}

/** The text of a streamed response, and how it ended. */
async function streamed(event: unknown = {}): Promise<{ text: string; error?: unknown }> {
  const payload = Buffer.from(JSON.stringify(event));
  const { body } = await lambda.invoker.invokeWithResponseStream({ functionName: 'f', payload });
  let text = '';
  try {
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    return { text };
  } catch (error) {
    return { text, error };
  }
}

const logged = (text: string | RegExp) =>
  until(async () => ((await lambda.logText().catch(() => '')).match(text)?.length ?? 0) > 0);
const RUNS = "require('fs').writeFileSync(process.env.TMPDIR + '/ready', ''); setInterval(() => {}, 1000);";

test("an extension's first event ends the init, and its answers are the function's", async () => {
  await make(
    `console.log('app started'); ${RUNS}`,
    `async (event, post) => { ${PRELUDE} post.end('hello ' + event.name); }`,
  );
  expect((await streamed({ name: 'a' })).text).toBe(`{"statusCode":200}${'\0'.repeat(8)}hello a`);
  expect((await streamed({ name: 'b' })).text).toMatch(/hello b$/);
  await logged(/^REPORT.*\n(.*\n)*REPORT/m);
  const text = await lambda.logText();
  expect(text).toContain('app started\n');
  expect(text).toContain('EXTENSION\tName: lambda-adapter\tState: Ready\tEvents: []\n');
  expect(text.match(/app started/g)).toHaveLength(1);
});

/** What the adapter of these tests writes when the app broke; `ZXJyb3I=` is `error`. */
const FAILURE_TEXT =
  'Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: ZXJyb3I=\r\n';

describe('an app that breaks in mid stream', () => {
  const BREAKS = `async (event, post) => {
    ${PRELUDE} post.write('half');
    await new Promise((r) => setTimeout(r, 20));
    post.end('${LWA_TEXT}');
  }`;

  test('ends well with a text, as behind the real adapter, and one loud line', async () => {
    await make(RUNS, BREAKS);
    const { text, error } = await streamed();
    expect(error).toBeUndefined();
    expect(text).toMatch(/halfLambda-Runtime-Function-Error-Type: Runtime\.StreamError\r\n.*\r\n$/);
    await logged('REPORT');
    const lines = (await lambda.logText()).split('\n').filter((line) => /^\[spillway\] (?!PORT=)/.test(line));
    expect(lines).toEqual([
      expect.stringMatching(/BROKE IN MID STREAM \(error\).*sees a complete file.*Content-Length/),
    ]);
  });

  test('is broken off instead when that was asked for', async () => {
    await make(RUNS, BREAKS, { lwaFailedStream: 'break' });
    const { text, error } = await streamed();
    expect(text).toBe(`{"statusCode":200}${'\0'.repeat(8)}half${FAILURE_TEXT}`);
    expect(error).toMatchObject({ errorType: 'Runtime.TruncatedResponse' });
    await logged(/MID STREAM \(error\)\. The response was broken off here/);
    // The same environment goes on.
    expect((await streamed()).text).toMatch(new RegExp(`half${FAILURE_TEXT}$`));
    expect((await lambda.logText()).match(/INIT_START/g)).toHaveLength(1);
  });

  test('tells the adapter so', async () => {
    await make(RUNS, `async (event, post) => { ${PRELUDE} post.end(process.env.SPILLWAY_LWA_FAILED_STREAM); }`, {
      lwaFailedStream: 'break',
    });
    expect((await streamed()).text).toMatch(/break$/);
  });
});

describe('an app that ends', () => {
  // The app watches for a file that the adapter writes.
  const APP = `const { existsSync, rmSync } = require('fs');
    const file = process.env.TMPDIR + '/exit';
    console.log('app', process.pid);
    ${RUNS}
    setInterval(() => { if (existsSync(file)) { rmSync(file); process.exit(6); } }, 5);`;
  const exit = `require('fs').writeFileSync(process.env.TMPDIR + '/exit', '');`;
  const pids = async () => [...(await lambda.logText()).matchAll(/^app (\d+)$/gm)].map(([, pid]) => Number(pid));

  test('before an answer is Runtime.ExitError, and the adapter goes with it', async () => {
    await make(
      APP,
      `async (event, post) => {
      if (event.pid) { ${PRELUDE} post.end(String(process.pid)); return; }
      ${exit} await new Promise(() => {});
    }`,
    );
    const pid = Number((await streamed({ pid: true })).text.split('\0').pop());
    const { error } = await streamed();
    expect(error).toMatchObject({ errorType: 'Runtime.ExitError', message: expect.stringMatching(/exit status 6/) });
    expect(isRunning(Number((await streamed({ pid: true })).text.split('\0').pop()))).toBe(true);
    expect(isRunning(pid)).toBe(false);
    expect((await pids()).map(isRunning)).toEqual([false, true]);
  });

  test('in mid stream gives the caller what the adapter makes of it; then all begins anew', async () => {
    await make(
      APP,
      `async (event, post) => {
      ${PRELUDE}
      if (event.well) { post.end('well'); return; }
      post.write('half');
      ${exit}
      await new Promise((r) => setTimeout(r, 100));
      post.end('${LWA_TEXT}');
    }`,
    );
    expect((await streamed()).text).toMatch(/halfLambda-Runtime/);
    expect((await streamed({ well: true })).text).toMatch(/well$/);
    await logged(/Runtime\.ExitError\n\[spillway\] THE WEB APP/);
    expect(await pids()).toHaveLength(2);
  });

  test('is noticed before the next invocation when the adapter has told of it', async () => {
    await make(
      APP,
      `async (event, post) => {
      if (event.well) { ${PRELUDE} post.end('well'); return; }
      // The app ends after the report, so that it is this order which is seen.
      post.destroy();
      await call('POST', post.path.replace(/response$/, 'error'), {}, '{"errorType":"E","errorMessage":"client error (Connect)"}');
      ${exit}
    }`,
    );
    expect((await streamed()).error).toMatchObject({ errorType: 'E' });
    expect((await streamed({ well: true })).text).toMatch(/well$/);
    await logged(/exit status 6\nRuntime\.ExitError\nEND .*\nREPORT .*Error Type: Runtime\.ExitError/);
  });
});
