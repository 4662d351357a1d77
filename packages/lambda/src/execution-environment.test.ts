import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRunning, startTestLambda, type TestLambda, type TestLambdaOptions, until } from '../test/test-lambda.ts';

let lambda: TestLambda;
beforeEach(async () => {
  lambda = await startTestLambda();
});
afterEach(() => lambda.close());

const restart = async (options: TestLambdaOptions) => {
  await lambda.close();
  lambda = await startTestLambda(options);
};

const reported = async (count = 1) =>
  until(async () => ((await lambda.logText().catch(() => '')).match(/^REPORT/gm)?.length ?? 0) >= count);

const failure = async (event: unknown = {}) => {
  const error = await lambda.call(event).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error as { errorType: string; payload: string };
};

const message = (error: { payload: string }) => (JSON.parse(error.payload) as { errorMessage: string }).errorMessage;
const ID = '[0-9a-f]{8}-[0-9a-f-]{27}';
const pattern = (text: string) => new RegExp(text.replaceAll('ID', ID));

describe('the log of an environment', () => {
  test('has what Lambda writes, and what the function prints, in order', async () => {
    await lambda.make(`exports.handler = () => {
      process.stdout.write('out 1\\n');
      process.stderr.write('err 2\\n');
      process.stdout.write('out 3\\n');
      process.stdout.write('no line feed');
      return 1;
    };`);
    await lambda.call({});
    await lambda.call({});
    await reported(2);
    const start = 'START RequestId: ID Version: \\$LATEST\nout 1\nerr 2\nout 3\nno line feedEND RequestId: ID\n';
    const report =
      'REPORT RequestId: ID\tDuration: [\\d.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 256 MB\tMax Memory Used: \\d+ MB\t';
    const init =
      'INIT_START Runtime Version: nodejs:20.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n';
    expect(await lambda.logText()).toMatch(
      pattern(`^${init}${start}${report}Init Duration: [\\d.]+ ms\t\n${start}${report}\n$`),
    );
  });

  test('is JSON when the function asks for it', async () => {
    await lambda.make('exports.handler = () => process.env.AWS_LAMBDA_LOG_FORMAT + process.env.AWS_LAMBDA_LOG_LEVEL;', {
      logFormat: 'JSON',
      applicationLogLevel: 'WARN',
    });
    expect(await lambda.call({})).toBe('JSONWARN');
    await until(async () => (await lambda.logText()).includes('platform.report'));
    const events = (await lambda.logText())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual(['platform.initStart', 'platform.start', 'platform.report']);
    expect(events[2].record).toMatchObject({
      status: 'success',
      metrics: { memorySizeMB: 256, maxMemoryUsedMB: expect.any(Number), initDurationMs: expect.any(Number) },
    });
  });
});

describe('init', () => {
  test('an error is the answer to the waiting invocation, unchanged', async () => {
    await lambda.make("require('./missing');");
    const error = await failure();
    expect(error.errorType).toBe('Runtime.ImportModuleError');
    expect(message(error)).toContain("Cannot find module './missing'");
    await reported();
    expect(await lambda.logText()).toMatch(
      pattern(
        'INIT_REPORT Init Duration: [\\d.]+ ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n' +
          'START RequestId: ID Version: \\$LATEST\nEND RequestId: ID\nREPORT .*\tStatus: error\tError Type: Runtime.ImportModuleError\n$',
      ),
    );
    // The next invocation tries again, in the same environment.
    expect((await failure()).errorType).toBe('Runtime.ImportModuleError');
    await reported(2);
    expect(await lambda.logText()).toContain('Phase: invoke\tStatus: error');
  });

  test('an exit is Runtime.ExitError', async () => {
    await lambda.make('process.exit(3);');
    const error = await failure();
    expect(error.errorType).toBe('Runtime.ExitError');
    expect(message(error)).toMatch(pattern('^RequestId: ID Error: Runtime exited with error: exit status 3$'));
  });

  test('that takes too long is repeated under the timeout of the function', async () => {
    await restart({ limits: { lambdaInitTimeoutMs: 1500 } });
    await lambda.make(
      `const { existsSync, writeFileSync } = require('fs');
       const second = existsSync(process.env.TMPDIR + '/first');
       writeFileSync(process.env.TMPDIR + '/first', '');
       if (!second) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);
       exports.handler = () => 'ready';`,
      { timeoutSeconds: 10 },
    );
    expect(await lambda.call({})).toBe('ready');
    await reported();
    expect(await lambda.logText()).toMatch(
      /INIT_REPORT Init Duration: 1\d{3}\.\d\d ms\tPhase: init\tStatus: timeout\nSTART/,
    );
  });

  test('that never ends is a timeout of the function', async () => {
    await restart({ limits: { lambdaInitTimeoutMs: 200 } });
    await lambda.make('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);', { timeoutSeconds: 1 });
    expect((await failure()).errorType).toBe('Sandbox.Timedout');
    await reported();
    expect(await lambda.logText()).toMatch(/Phase: init\tStatus: timeout\n(.*\n)*.*Phase: invoke\tStatus: timeout\n/);
  });

  test('a runtime that cannot be started fails the invocation', async () => {
    const { code } = await lambda.make('exports.handler = () => 1;');
    const { rm } = await import('node:fs/promises');
    if (code.kind === 'directory') await rm(code.path, { recursive: true });
    const error = await failure();
    expect(error.errorType).toBe('Sandbox.Failure');
    expect(message(error)).toMatch(/could not be started: its directory .*\/f does not exist$/);
  });
});

describe('an invocation', () => {
  const ODD = `exports.handler = (event) => {
    const { existsSync, writeFileSync } = require('fs');
    const file = process.env.TMPDIR + '/kept';
    const kept = existsSync(file);
    writeFileSync(file, '');
    if (event.run) eval(event.run);
    if (event.hang) return new Promise(() => setInterval(() => {}, 1000));
    return { kept, pid: process.pid };
  };`;

  test('that takes too long is killed; then the same environment has a new process', async () => {
    await lambda.make(ODD, { timeoutSeconds: 1 });
    const { pid } = (await lambda.call({})) as { pid: number };
    const error = await failure({ hang: true });
    expect(error.payload).toMatch(
      pattern(
        '^{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 1.00 seconds"}$',
      ),
    );
    const after = (await lambda.call({})) as { pid: number; kept: boolean };
    expect(after.pid).not.toBe(pid);
    expect(after.kept).toBe(true);
    expect(isRunning(pid)).toBe(false);
    await reported(3);
    expect(await lambda.logText()).toMatch(
      pattern(
        'Z ID Task timed out after 1.00 seconds\nEND RequestId: ID\nREPORT .*Duration: 1000.00 ms\t.*\tStatus: timeout\n',
      ),
    );
    expect((await lambda.logText()).match(/INIT_START/g)).toHaveLength(1);
  });

  test.each([
    ['process.exit(0)', 'Runtime exited without providing a reason'],
    ['process.exit(9)', 'Runtime exited with error: exit status 9'],
    ["process.kill(process.pid, 'SIGKILL')", 'Runtime exited with error: signal: killed'],
    ["process.kill(process.pid, 'SIGSEGV')", 'Runtime exited with error: signal: segmentation fault'],
  ])('that ends with %s', async (run, text) => {
    await lambda.make(ODD);
    const error = await failure({ run, hang: true });
    expect(error.errorType).toBe('Runtime.ExitError');
    expect(message(error)).toMatch(pattern(`^RequestId: ID Error: ${text}$`));
    expect(await lambda.call({})).toMatchObject({ kept: true });
    await reported(2);
    expect(await lambda.logText()).toMatch(
      pattern(
        `RequestId: ID Error: ${text}\nRuntime.ExitError\nEND RequestId: ID\nREPORT .*\tStatus: error\tError Type: Runtime.ExitError\n`,
      ),
    );
  });

  test('that uses more memory than it has is killed', async () => {
    await lambda.make(
      `exports.handler = async () => {
         const held = [];
         for (;;) { held.push(Buffer.alloc(4e6, 1)); await new Promise((r) => setTimeout(r, 5)); }
       };`,
      { memorySizeMb: 128 },
    );
    const error = await failure();
    expect(error.payload).toMatch(
      pattern(
        '^{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: ID Error: Runtime exited with error: signal: killed"}$',
      ),
    );
    await reported();
    expect(await lambda.logText()).toMatch(
      /Max Memory Used: 128 MB\t.*Status: error\tError Type: Runtime.OutOfMemory\n/,
    );
    expect(await lambda.logText()).toMatch(/\[spillway\] .*MemorySize of 128 MB/);
  });

  test('counts the memory of child processes', async () => {
    await lambda.make(
      `const { spawn } = require('child_process');
       exports.handler = () => new Promise(() => spawn(process.execPath, ['-e', 'const held = [Buffer.alloc(3e8, 1)]; setInterval(() => held, 1000)']));`,
      { memorySizeMb: 256 },
    );
    expect((await failure()).errorType).toBe('Runtime.OutOfMemory');
  });
});

describe('environment variables', () => {
  test("are AWS's and the function's own, and nothing of the host", async () => {
    process.env['SECRET_OF_THE_HOST'] = 'x';
    await lambda.make('exports.handler = () => process.env;', { environment: { OWN: '1', TZ: 'Asia/Tokyo' } });
    const environment = (await lambda.call({})) as Record<string, string>;
    delete process.env['SECRET_OF_THE_HOST'];
    expect(environment).toMatchObject({
      _HANDLER: 'index.handler',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/f',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566',
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: 'http://127.0.0.1:4566',
      LAMBDA_TASK_ROOT: `${lambda.directory}/f`,
      PWD: `${lambda.directory}/f`,
      TZ: 'Asia/Tokyo',
      OWN: '1',
    });
    for (const name of ['SECRET_OF_THE_HOST', 'HOME', 'USER', 'NODE_OPTIONS'])
      expect(environment).not.toHaveProperty(name);
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
    expect(accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(lambda.credentials.find(accessKeyId)).toEqual({
      accessKeyId,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    });
    const { credentials } = lambda;
    await lambda.close();
    expect(credentials.find(accessKeyId)).toBeUndefined();
  });

  test("a function's own endpoints win, and the host's credentials are passed on when wanted", async () => {
    await restart({ hostCredentials: { AWS_ACCESS_KEY_ID: 'AKIAHOST', AWS_SECRET_ACCESS_KEY: 's' } });
    await lambda.make('exports.handler = () => process.env;', { environment: { AWS_ENDPOINT_URL_S3: 'http://other' } });
    const environment = (await lambda.call({})) as Record<string, string>;
    expect(environment).toMatchObject({ AWS_ENDPOINT_URL_S3: 'http://other', AWS_ACCESS_KEY_ID: 'AKIAHOST' });
    expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN');
  });
});

describe('createFunction', () => {
  test('refuses what it cannot run, by name', async () => {
    const make = (more: object) => lambda.make('', more);
    await expect(make({ runtime: 'ruby3.4' })).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(
        /Function f: runtime ruby3\.4 is not supported\. Supported are nodejs.*AWS_LAMBDA_EXEC_WRAPPER/,
      ),
    });
    const nowhere = { kind: 'directory', path: '/does/not/exist' } as const;
    await expect(make({ code: nowhere })).rejects.toThrow(/its code, the directory \/does\/not\/exist, does not exist/);
    await expect(make({ environment: { AWS_REGION: 'x', A: '1' } })).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: expect.stringMatching(/Reserved keys used in this request: AWS_REGION$/),
    });
    await make({});
    await expect(make({})).rejects.toMatchObject({ code: 'ResourceConflictException' });
  });

  test('takes inline code', async () => {
    await lambda.make('', { code: { kind: 'inline', source: 'exports.handler = () => __filename;' } });
    expect(await lambda.call({})).toMatch(/index\.js$/);
  });
});

test('a debugger suspends the timeout, and its address is told', async () => {
  const lines: string[] = [];
  await restart({
    inspect: new Map([['Logical', 0]]),
    report: (line) => lines.push(line),
    limits: { lambdaInitTimeoutMs: 1 },
  });
  await lambda.make(
    'exports.handler = async () => { await new Promise((r) => setTimeout(r, 1200)); return process.pid; };',
    {
      timeoutSeconds: 1,
      logicalId: 'Logical',
    },
  );
  const [first, second] = await Promise.all([lambda.call({}), lambda.call({})]);
  expect(first).toBe(second);
  expect(lines).toEqual([expect.stringMatching(/^Debugger of f listens on ws:\/\/127\.0\.0\.1:\d+\//)]);
});

test('close() leaves no process and no temporary file', async () => {
  await lambda.make(`const { spawn } = require('child_process');
    exports.handler = (event) => {
      const child = spawn('/bin/sleep', ['600']);
      return event.hang ? new Promise(() => setInterval(() => {}, 1000)) : [process.pid, child.pid];
    };`);
  const pids = (await lambda.call({})) as number[];
  const hanging = failure({ hang: true });
  await until(async () => ((await lambda.logText()).match(/^START/gm)?.length ?? 0) === 2);
  const state = `${lambda.directory}/state`;
  const { invoker } = lambda;
  const directory = lambda.directory;
  const closing = lambda.close();
  expect((await hanging).errorType).toBe('Sandbox.Failure');
  await closing;
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
  expect(existsSync(state)).toBe(false);
  await expect(invoker.invoke({ functionName: 'f', payload: Buffer.from('{}') })).rejects.toMatchObject({
    code: 'ServiceException',
  });
});

test('close() leaves nothing of an environment that is being made', async () => {
  const listeners = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
  const before = listeners();
  await lambda.make(
    'exports.handler = async (event) => (event.hang ? new Promise(() => setInterval(() => {}, 1000)) : 1);',
  );
  await lambda.call({});
  const hanging = failure({ hang: true });
  await until(async () => ((await lambda.logText()).match(/^START/gm)?.length ?? 0) === 2);
  const state = `${lambda.directory}/state`;
  const [run = ''] = readdirSync(state).filter((name) => name.startsWith('run-'));
  const making = failure();
  // A directory is the first that it has.
  while (readdirSync(`${state}/${run}/environments`).length < 2) await new Promise((resolve) => setImmediate(resolve));
  await lambda.close();
  for (const failed of [hanging, making])
    expect(message(await failed)).toMatch(/The server was stopped, or the function deleted\.$/);
  expect(listeners()).toBe(before);
});

test('an environment has its directory while it lives', async () => {
  await lambda.make('exports.handler = () => process.env.TMPDIR;');
  const temporary = (await lambda.call({})) as string;
  expect(existsSync(temporary)).toBe(true);
  const runs = (await readdir(`${lambda.directory}/state`)).filter((name) => name.startsWith('run-'));
  expect(runs).toHaveLength(1);
});
