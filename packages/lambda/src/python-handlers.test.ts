import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionConfiguration } from '@spillway/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestLambda, type TestLambda, type TestLambdaOptions, until } from '../test/test-lambda.ts';

const hasPython = (() => {
  try {
    return execFileSync('/usr/bin/python3', ['--version']).toString().startsWith('Python 3');
  } catch {
    return false;
  }
})();

let lambda: TestLambda;
let taskRoot: string;
const start = async (options: TestLambdaOptions = {}) => {
  const pythonBootstrapPath = join(import.meta.dirname, '../../runtime/python/bootstrap.py');
  lambda = await startTestLambda({ sandbox: 'auto', pythonBootstrapPath, ...options });
};
beforeEach(async () => {
  taskRoot = await mkdtemp(join(tmpdir(), 'spillway-python-'));
  await start();
});
afterEach(async () => {
  await lambda.close();
  await rm(taskRoot, { recursive: true, force: true });
});

/** The runtime that this machine's Python is, so that no warning is due. */
const RUNTIME = hasPython
  ? execFileSync('/usr/bin/python3', ['-c', 'import sys; print("python%d.%d" % sys.version_info[:2])'])
      .toString()
      .trim()
  : 'python3.12';

async function make(source: string, more: Partial<FunctionConfiguration> = {}): Promise<void> {
  await writeFile(join(taskRoot, 'app.py'), source);
  await lambda.make('', {
    runtime: RUNTIME,
    handler: 'app.handler',
    code: { kind: 'directory', path: taskRoot },
    ...more,
  });
}

const failure = async (event: unknown = {}) =>
  lambda.call(event).then(
    () => undefined,
    (error: { errorType: string; payload: string }) => ({
      type: error.errorType,
      ...(JSON.parse(error.payload) as object),
    }),
  );

describe.skipIf(!hasPython)('a Python handler', () => {
  test('gets event and context, and its result is the answer', async () => {
    await make(`
import os, sys
def handler(event, context):
    return {
        "event": event, "name": context.function_name, "version": context.function_version, "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis(), "id": context.aws_request_id,
        "group": context.log_group_name, "path": sys.path[:3], "directory": os.getcwd(), "python": sys.executable,
        "client": context.client_context, "identity": context.identity.cognito_identity_id,
    }`);
    const result = (await lambda.call({ 名: '値' })) as Record<string, unknown>;
    expect(result).toMatchObject({
      event: { 名: '値' },
      name: 'f',
      version: '$LATEST',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      memory: '256',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      group: '/aws/lambda/f',
      client: null,
      identity: null,
    });
    expect(result['left']).toBeGreaterThan(1000);
    expect(result['left']).toBeLessThanOrEqual(10_000);
    const layers = (result['path'] as string[])[2]?.replace(/\/python$/, '');
    const [root] = result['path'] as string[];
    expect(result['path']).toEqual([root, `${layers}/python/lib/${RUNTIME}/site-packages`, `${layers}/python`]);
    expect(result['directory']).toBe(root);
  });

  test('fails with the document and the log line of Lambda', async () => {
    await make(`
def handler(event, context):
    raise ValueError("bad")`);
    const error = (await failure()) as Record<string, unknown>;
    expect(error).toMatchObject({
      type: 'ValueError',
      errorMessage: 'bad',
      errorType: 'ValueError',
      requestId: expect.any(String),
    });
    expect(error['stackTrace']).toEqual([
      expect.stringMatching(/^ {2}File ".*app\.py", line 3, in handler\n {4}raise ValueError\("bad"\)\n$/),
    ]);
    await until(async () => (await lambda.logText()).includes('REPORT'));
    const space = '\u00a0'.repeat(2);
    expect(await lambda.logText()).toMatch(
      new RegExp(
        `\\[ERROR\\] ValueError: bad\\rTraceback \\(most recent call last\\):\\r${space}File ".*app\\.py", line 3, in handler\\r`,
      ),
    );
  });

  test.each([
    ['app.missing', '', 'Runtime.HandlerNotFound', "Handler 'missing' missing on module 'app'"],
    ['gone.handler', '', 'Runtime.ImportModuleError', "Unable to import module 'gone': No module named 'gone'"],
    [
      'handler',
      '',
      'Runtime.MalformedHandlerName',
      "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
    ],
    ['app.handler', 'def handler(', 'Runtime.UserCodeSyntaxError', "Syntax error in module 'app': "],
    ['sys.handler', '', 'Runtime.BuiltInModuleConflict', 'Cannot use built-in module sys as a handler module'],
  ])('%s: %s', async (handler, source, errorType, message) => {
    await make(source, { handler });
    expect(await failure()).toMatchObject({
      type: errorType,
      errorMessage: expect.stringContaining(message),
      requestId: '',
    });
  });

  test('that can not be written as JSON is Runtime.MarshalError; bytes are sent as they are', async () => {
    await make('def handler(event, context):\n    return b\'{"raw":1}\' if event else {1, 2}');
    expect(await failure(0)).toMatchObject({ errorType: 'Runtime.MarshalError' });
    expect(await lambda.call({ raw: true })).toEqual({ raw: 1 });
  });

  test('may be inline', async () => {
    const source = 'def handler(event, context):\n    return __file__';
    await make('', { code: { kind: 'inline', source }, handler: 'index.handler' });
    expect(await lambda.call({})).toMatch(/\/index\.py$/);
  });

  test('logs as Lambda does', async () => {
    await make(`
import logging
def handler(event, context):
    logging.getLogger().setLevel("INFO")
    logging.info("told %s", 1)
    print("printed")`);
    expect(await lambda.call({})).toBeNull();
    await until(async () => (await lambda.logText()).includes('REPORT'));
    expect(await lambda.logText()).toMatch(
      /\n\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}\ttold 1\nprinted\nEND/,
    );
  });

  test('logs JSON when the function asks for it', async () => {
    await make('import logging\ndef handler(event, context):\n    logging.warning("w")\n    logging.info("i")', {
      logFormat: 'JSON',
      applicationLogLevel: 'WARN',
    });
    await lambda.call({});
    await until(async () => (await lambda.logText()).includes('platform.report'));
    const lines = (await lambda.logText())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const own = lines.filter(({ type }) => type === undefined);
    expect(own).toEqual([
      expect.objectContaining({ level: 'WARNING', message: 'w', logger: 'root', requestId: expect.any(String) }),
    ]);
  });

  test('finds what its layers hold, and nothing that is only installed here', async () => {
    const layer = join(taskRoot, '../', `${taskRoot.split('/').at(-1)}-layer`);
    await mkdir(join(layer, 'python'), { recursive: true });
    await writeFile(join(layer, 'python/in_layer.py'), 'value = 7');
    await make('import in_layer\ndef handler(event, context):\n    import pip', {
      layers: [{ kind: 'directory', path: layer, name: 'l' }],
    });
    expect(await failure()).toMatchObject({ errorType: 'ModuleNotFoundError', errorMessage: "No module named 'pip'" });
    await rm(layer, { recursive: true });
  });

  test('is handed to awslambdaric when the function brings it', async () => {
    await mkdir(join(taskRoot, 'awslambdaric'));
    await writeFile(join(taskRoot, 'awslambdaric/__init__.py'), '');
    await writeFile(join(taskRoot, 'awslambdaric/__main__.py'), 'def main(args):\n    print("handed over", args[1])\n');
    await writeFile(join(taskRoot, 'runtime_client.py'), '');
    await make('');
    await failure();
    expect(await lambda.logText()).toContain('handed over app.handler\n');
  });

  test('is run without an awslambdaric that this Python cannot load', async () => {
    await mkdir(join(taskRoot, 'awslambdaric'));
    await writeFile(join(taskRoot, 'awslambdaric/__init__.py'), '');
    await make('def handler(event, context):\n    return 1');
    expect(await lambda.call({})).toBe(1);
    expect(await lambda.logText()).toMatch(
      /\[spillway\] The function's awslambdaric can't be loaded \(.*runtime_client.*\)/,
    );
  });

  test('without boto3 learns how to get it', async () => {
    const virtual = join(taskRoot, 'virtual');
    execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', virtual]);
    await lambda.close();
    await start({ interpreters: new Map([[RUNTIME, join(virtual, 'bin/python3')]]) });
    await make('import boto3');
    expect(await failure()).toMatchObject({ errorMessage: "Unable to import module 'app': No module named 'boto3'" });
    expect(await lambda.logText()).toMatch(
      /\[spillway\] boto3 comes with Lambda's runtime.*\S*virtual\/bin\/python3 -m pip install boto3\n/,
    );
  });
});

test('without a bootstrap for Python is refused, unless a wrapper starts it', async () => {
  await lambda.close();
  lambda = await startTestLambda();
  await expect(make('')).rejects.toThrow(/runtime python3\.\d+ is not supported/);
  await make('', { environment: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap' } });
});
