import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRunning, startTestLambda, type TestLambda, type TestLambdaOptions, until } from '../../test/test-lambda.ts';
import { writeExtensions } from '../../test/write-extensions.ts';

let lambda: TestLambda;
/** Outlives the server. */
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spillway-extensions-'));
  lambda = await startTestLambda();
});
afterEach(async () => {
  await lambda.close();
  await rm(directory, { recursive: true, force: true });
});

const restart = async (options: TestLambdaOptions) => {
  await lambda.close();
  lambda = await startTestLambda(options);
};

const RETURNS_ONE = 'exports.handler = () => 1;';
const LOOP = 'for (;;) await next();';

async function make(scripts: Record<string, string>, source = RETURNS_ONE, more: Partial<FunctionConfiguration> = {}) {
  const layer = await writeExtensions(lambda.directory, scripts);
  await lambda.make(source, { layers: [layer], ...more });
  return join(layer.path, 'extensions');
}

const failure = async (event: unknown = {}) => {
  const error = (await lambda.call(event).catch((thrown: unknown) => thrown)) as {
    errorType: string;
    payload: string;
  };
  const { errorMessage } = JSON.parse(error.payload) as { errorMessage: string };
  return { errorType: error.errorType, text: errorMessage.replace(/^RequestId: [0-9a-f-]{36} Error: /, '') };
};

const logged = async (text: string | RegExp) =>
  until(async () => ((await lambda.logText().catch(() => '')).match(text)?.length ?? 0) > 0);

function isReaped(processId: number): boolean {
  try {
    return !process.kill(processId, 0);
  } catch {
    return true;
  }
}

/** What happened, one line each. */
const journalPath = () => join(directory, 'journal');
const journal = async () => (await readFile(journalPath(), 'utf8').catch(() => '')).split('\n');
const note = () =>
  `const note = (line) => require('fs').appendFileSync(${JSON.stringify(journalPath())}, line + '\\n');`;

describe('the extensions of an environment', () => {
  test('start first, in the order of their names, and the runtime when all have registered', async () => {
    await make(
      {
        b: `${note()} note('b'); await new Promise((r) => setTimeout(r, 200)); note('b registers'); await register(['INVOKE']); ${LOOP}`,
        a: `${note()} await register([]); note('a registered'); ${LOOP}`,
      },
      `${note()} note('runtime'); exports.handler = () => 1;`,
    );
    expect(await lambda.call({})).toBe(1);
    const lines = await journal();
    expect(lines.slice(-3)).toEqual(['b registers', 'runtime', '']);
    expect(lines).toContain('a registered');
    expect(await lambda.logText()).toMatch(
      /^INIT_START .*\nEXTENSION\tName: a\tState: Ready\tEvents: \[\]\nEXTENSION\tName: b\tState: Ready\tEvents: \[INVOKE\]\nSTART /,
    );
  });

  test('have an environment of their own, and their output is in the log', async () => {
    await make({
      e: `const answer = await register([], { 'Lambda-Extension-Accept-Feature': 'accountId' });
          log('answer ' + answer.status + ' ' + answer.text.trim());
          log('variables ' + JSON.stringify(process.env)); ${LOOP}`,
    });
    await lambda.call({});
    const text = await lambda.logText();
    expect(text).toContain(
      'answer 200 {"functionName":"f","functionVersion":"$LATEST","handler":"index.handler","accountId":"000000000000"}\n',
    );
    const variables = JSON.parse(/^variables (.*)$/m.exec(text)?.[1] ?? '{}') as Record<string, string>;
    expect(variables).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_SESSION_TOKEN: expect.any(String),
    });
    for (const name of ['_HANDLER', 'LAMBDA_TASK_ROOT', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_EXECUTION_ENV']) {
      expect(variables).not.toHaveProperty(name);
    }
  });

  test('get INVOKE with the runtime; the caller need not wait for them, the next invocation must', async () => {
    await make(
      {
        e: `${note()} await register(['INVOKE']);
            for (;;) {
              const event = await next();
              note(JSON.stringify(event));
              await new Promise((r) => setTimeout(r, 50));
              note('done');
            }`,
      },
      `${note()} exports.handler = (event, { headers }) => { note('handler'); return headers['lambda-runtime-aws-request-id']; };`,
    );
    const requestId = await lambda.call({});
    expect(await journal()).not.toContain('done');
    await lambda.call({});
    const lines = await journal();
    const event = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}') as object;
    expect(event).toEqual({
      eventType: 'INVOKE',
      deadlineMs: expect.any(Number),
      requestId,
      invokedFunctionArn: expect.stringMatching(/:function:f$/),
    });
    expect(lines.filter((line) => !line.startsWith('{')).slice(0, 3)).toEqual(['handler', 'done', 'handler']);
    expect((await lambda.logText()).match(/INIT_START/g)).toHaveLength(1);
  });

  test('count to the time of an invocation, though its caller has the answer', async () => {
    await make({ e: `await register(['INVOKE']); await next(); setInterval(() => {}, 1000);` }, RETURNS_ONE, {
      timeoutSeconds: 1,
    });
    expect(await lambda.call({})).toBe(1);
    await logged(/Task timed out after 1.00 seconds\nEND .*\nREPORT .*Status: timeout/);
  });

  test('may be threads of the runtime, but get no SHUTDOWN then', async () => {
    await make(
      {},
      `const http = require('http');
       const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
       const call = (method, path, headers, body) => new Promise((resolve) => {
         http.request({ hostname, port, method, path: '/2020-01-01/extension/' + path, headers }, async (response) => {
           let text = '';
           for await (const chunk of response) text += chunk;
           resolve({ text, id: response.headers['lambda-extension-identifier'] });
         }).end(body);
       });
       const register = (events) => call('POST', 'register', { 'Lambda-Extension-Name': 'inside' }, JSON.stringify({ events }));
       const events = [];
       let refused;
       // Before the runtime asks for its first event.
       exports.ready = register(['SHUTDOWN']).then(async (answer) => {
         refused = answer.text;
         const { id } = await register(['INVOKE']);
         (async () => {
           for (;;) events.push(JSON.parse((await call('GET', 'event/next', { 'Lambda-Extension-Identifier': id })).text).eventType);
         })();
       });
       exports.handler = async () => [refused, events.length, (await register([])).text];`,
    );
    const [refused, , late] = (await lambda.call({})) as [string, number, string];
    expect(JSON.parse(refused)).toEqual({
      errorType: 'Extension.InvalidEventType',
      errorMessage: 'SHUTDOWN: ShutdownEventNotSupportedForInternalExtension',
    });
    expect(JSON.parse(late)).toMatchObject({ errorType: 'Extension.RegistrationClosed' });
    expect(((await lambda.call({})) as [string, number])[1]).toBeGreaterThan(0);
    expect(await lambda.logText()).toContain('EXTENSION\tName: inside\tState: Ready\tEvents: [INVOKE]\n');
  });
});

describe('an extension that', () => {
  test.each([
    ['has no execute permission', '', 'permission denied', 'PermissionDenied', /chmod \+x extensions\/e/],
    [
      'has Windows line ends',
      '#!/bin/sh\r\nexit 0\r\n',
      'no such file or directory',
      'UnknownError',
      /carriage return/,
    ],
    ['is no executable', '#?', 'exec format error', 'UnknownError', /another architecture/],
  ])('%s fails the init: Extension.LaunchError', async (_, script, text, state, hint) => {
    const extensions = await make({ e: script.startsWith('#!') ? script : '' });
    await writeFile(join(extensions, 'e'), script);
    if (script === '') await chmod(join(extensions, 'e'), 0o644);
    // The layer was merged when the function was made.
    await lambda.make(RETURNS_ONE, {
      functionName: 'g',
      layers: [{ kind: 'directory', path: join(extensions, '..'), name: 'test' }],
    });
    const error = (await lambda.call({}, 'g').catch((thrown: unknown) => thrown)) as {
      errorType: string;
      payload: string;
    };
    expect(error.errorType).toBe('Extension.LaunchError');
    expect(JSON.parse(error.payload).errorMessage).toMatch(
      new RegExp(`^RequestId: [0-9a-f-]{36} Error: fork/exec /\\S*/extensions/e: ${text}$`),
    );
    await until(async () => (await lambda.logText('g')).includes('REPORT'));
    const log = await lambda.logText('g');
    expect(log).toContain(`EXTENSION\tName: e\tState: LaunchError\tEvents: []\tError Type: ${state}\n`);
    expect(log).toMatch(/Error: fork\/exec .*\nExtension.LaunchError\n\[spillway\] /);
    expect(log).toMatch(hint);
  });

  test('ends in the init is Extension.Crash', async () => {
    await make({ e: 'await register([]); process.exit(3);' });
    expect(await failure()).toEqual({ errorType: 'Extension.Crash', text: 'exit status 3' });
    await logged(/Phase: init\tStatus: error\tError Type: Extension.Crash\n/);
    expect(await lambda.logText()).toContain('EXTENSION\tName: e\tState: Registered\tEvents: []\n');
  });

  test('ends in an invocation is Extension.Crash; the environment begins anew', async () => {
    await make(
      {
        e: `const marker = require('os').tmpdir() + '/marker';
            await register(['INVOKE']);
            await next();
            if (!require('fs').existsSync(marker)) { require('fs').writeFileSync(marker, ''); process.exit(0); }
            ${LOOP}`,
      },
      `exports.handler = (event) => {
         if (event.stay) return process.pid;
         return new Promise(() => setInterval(() => {}, 1000));
       };`,
    );
    expect(await failure()).toEqual({ errorType: 'Extension.Crash', text: 'exit code 0' });
    expect(await lambda.call({ stay: true })).toEqual(expect.any(Number));
    expect((await lambda.logText()).match(/INIT_START/g)).toHaveLength(1);
    await logged(/Error: exit code 0\nExtension.Crash\nEND/);
  });

  test('ends between two invocations is started again', async () => {
    await make(
      {
        e: `await register(['INVOKE']);
            log('extension ' + process.pid);
            await next();
            next();
            setTimeout(() => process.exit(1), 100);`,
      },
      'exports.handler = () => process.pid;',
    );
    const pid = await lambda.call({});
    await logged('REPORT');
    const [, extension] = /^extension (\d+)$/m.exec(await lambda.logText()) ?? [];
    await until(() => isReaped(Number(extension)));
    // Node tells of an exit when the pipe of the process was read to its end.
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await lambda.call({})).not.toBe(pid);
    expect((await lambda.logText()).match(/INIT_START/g)).toHaveLength(1);
  });

  test.each([
    ['init', 'Extension.InitError'],
    ['exit', 'Extension.ExitError'],
  ])('reports %s/error gives the failure its name', async (call, errorType) => {
    await make({
      e: `await register([]);
          const { status, text } = await extension('POST', '${call}/error', { 'Lambda-Extension-Function-Error-Type': 'Extension.Odd' }, '{}');
          log(status + text); process.exit(1);`,
    });
    expect(await failure()).toEqual({ errorType, text: 'exit status 1' });
    await logged('REPORT');
    expect(await lambda.logText()).toContain('202{"status":"OK"}');
    expect(await lambda.logText()).toMatch(/State: \w+Error\tEvents: \[\]\tError Type: Extension.Odd\n/);
  });

  test('never registers lets the init time out, and the log says who', async () => {
    await restart({ limits: { lambdaInitTimeoutMs: 400 } });
    await make({ silent: 'setInterval(() => {}, 1000);' }, RETURNS_ONE, { timeoutSeconds: 1 });
    expect((await failure()).errorType).toBe('Sandbox.Timedout');
    await logged(/Phase: init\tStatus: timeout\n\[spillway\] silent did not register/);
  });
});

describe('the end of an environment', () => {
  const SHUTS_DOWN = () => `${note()} await register(['INVOKE', 'SHUTDOWN']);
    for (;;) {
      const event = await next();
      if (event.eventType !== 'SHUTDOWN') continue;
      note('SHUTDOWN ' + event.shutdownReason + ' ' + (event.deadlineMs > Date.now()));
      process.exit(0);
    }`;
  const ON_TERM = () => `${note()} process.on('SIGTERM', () => { note('SIGTERM'); process.exit(0); });`;

  test('is told to the runtime first, then to the extensions', async () => {
    await make({ e: SHUTS_DOWN() }, `${ON_TERM()} exports.handler = () => 1;`);
    await lambda.call({});
    await lambda.close();
    expect(await journal()).toEqual(['SIGTERM', 'SHUTDOWN spindown true', '']);
  });

  test.each([
    ['a timeout', '{ hang: true }', 'timeout'],
    ['a crash', '{ exit: true }', 'failure'],
  ])('after %s has its reason', async (_, event, reason) => {
    await make(
      { e: SHUTS_DOWN() },
      `${ON_TERM()} exports.handler = (event) => {
         if (event.exit) process.exit(4);
         return event.hang ? new Promise(() => setInterval(() => {}, 1000)) : 1;
       };`,
      { timeoutSeconds: 1 },
    );
    await failure(JSON.parse(event.replace(/(\w+):/, '"$1":')));
    expect(await lambda.call({})).toBe(1);
    const lines = (await journal()).filter((line) => line !== '');
    expect(lines).toEqual([...(reason === 'timeout' ? ['SIGTERM'] : []), `SHUTDOWN ${reason} true`]);
  });

  test('comes at once for extensions that want no SHUTDOWN, and after its time for one that does not end', async () => {
    await make({
      quick: `await register([]); process.on('SIGTERM', () => {}); log('quick ' + process.pid); ${LOOP}`,
      slow: `await register(['SHUTDOWN']); log('slow ' + process.pid); for (;;) await Promise.race([next(), new Promise(() => setInterval(() => {}, 1000))]);`,
    });
    await lambda.call({});
    const text = await lambda.logText();
    const [quick, slow] = ['quick', 'slow'].map((name) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]));
    const startedAtMs = performance.now();
    const closing = lambda.close();
    await until(() => !isRunning(quick ?? 0));
    expect(isRunning(slow ?? 0)).toBe(true);
    await closing;
    expect(isRunning(slow ?? 0)).toBe(false);
    expect(performance.now() - startedAtMs).toBeGreaterThan(1900);
    expect(performance.now() - startedAtMs).toBeLessThan(4000);
  });

  test('leaves no process, not even one that left the process group', async () => {
    await make(
      {
        e: `require('child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref(); await register([]); ${LOOP}`,
      },
      `const { spawn, execFileSync } = require('child_process');
       const kin = [
         spawn('sleep', ['601']),
         spawn('sleep', ['602'], { detached: true }),
         // Its parent ends: nobody descends from the environment any more.
         { pid: Number(execFileSync('/bin/sh', ['-c', 'setsid sleep 603 >/dev/null 2>&1 & echo $!'])) },
         // Without the variables of the environment.
         spawn('sleep', ['604'], { detached: true, env: {} }),
       ];
       exports.handler = () => [process.pid, ...kin.map(({ pid }) => pid)];`,
    );
    const pids = (await lambda.call({})) as number[];
    expect(pids.filter(isRunning)).toHaveLength(5);
    await lambda.close();
    expect(pids.filter(isRunning)).toEqual([]);
  });
});
