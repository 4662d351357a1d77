import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestLambda, type TestLambda } from '../test/test-lambda.ts';
import { writeZip } from '../test/write-zip.ts';

let lambda: TestLambda;
const interpreters = new Map<string, string>();
const lines: string[] = [];

beforeEach(async () => {
  lines.length = 0;
  lambda = await startTestLambda({ interpreters, report: (line) => lines.push(line) });
  const slow = join(lambda.directory, 'slow-node');
  await writeFile(
    slow,
    `#!/bin/sh\n>> '${slow}.asked'\nwhile [ ! -e '${slow}.go' ]; do sleep 0.02; done\nexec '${process.execPath}' "$@"\n`,
  );
  await chmod(slow, 0o755);
  interpreters.set('nodejs20.x', slow).set('nodejs18.x', slow);
});
afterEach(() => lambda.close());

const go = () => writeFile(join(lambda.directory, 'slow-node.go'), '');

test('a function is made before its interpreter has said what it is; the first invocation waits for that', async () => {
  await lambda.make('exports.handler = () => 1;', { runtime: 'nodejs18.x' });
  const called = lambda.call({});
  const first = await Promise.race([called, delay(200, 'waits')]);
  expect([first, lines]).toEqual(['waits', []]);
  await go();
  expect(await called).toBe(1);
  expect(lines).toEqual([expect.stringContaining('There is no Node.js 18 here')]);
});

test('what is wrong with the interpreter is said as soon as it is known', async () => {
  await writeFile(join(lambda.directory, 'slow-node'), '#!/bin/sh\nexit 1\n');
  await lambda.make('exports.handler = () => 1;');
  await expect
    .poll(() => lines)
    .toEqual([expect.stringMatching(/^Function f: The interpreter for nodejs20.x, .* does not run/)]);
});

test('code that changes before its environment is made serves no second invocation', async () => {
  const path = join(lambda.directory, 'code.zip');
  const write = (version: number) =>
    writeZip(path, [
      {
        name: 'index.js',
        content: `exports.handler = async () => { await new Promise((r) => setTimeout(r, 300)); return ${version}; }`,
      },
    ]);
  await write(1);
  await lambda.make('', { code: { kind: 'zip', path } });
  const old = lambda.call({});
  await delay(100);
  await write(22);
  const changed = lambda.call({});
  await delay(100);
  await go();
  expect(await Promise.all([old, changed])).toEqual([1, 22]);
  expect(await Promise.all([lambda.call({}), lambda.call({})])).toEqual([22, 22]);
});
