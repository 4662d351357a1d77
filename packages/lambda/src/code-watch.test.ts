import { mkdir, mkdtemp, realpath, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestLambda, type TestLambda } from '../test/test-lambda.ts';
import { writeZip } from '../test/write-zip.ts';
import { CodeWatch } from './code-watch.ts';

describe('a watch', () => {
  let directory: string;
  let watch: CodeWatch;
  let changes = 0;
  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'spillway-watch-')));
    await mkdir(join(directory, 'code/lib'), { recursive: true });
    await mkdir(join(directory, 'code/state'));
    await writeFile(join(directory, 'code/index.js'), '1');
    await writeFile(join(directory, 'code/lib/a.js'), '1');
    changes = 0;
    const onChange = () => {
      changes += 1;
    };
    // Files as young as the watch may be written again unseen: they count as changed at the first event.
    for (const name of ['index.js', 'lib/a.js']) await utimes(join(directory, 'code', name), 1, 1);
    watch = await CodeWatch.open({
      path: join(directory, 'code'),
      ignoredPaths: [join(directory, 'code/state')],
      onChange,
    });
  });
  afterEach(async () => {
    watch.close();
    await rm(directory, { recursive: true });
  });

  const changed = async (action: () => unknown) => {
    const before = changes;
    await action();
    await watch.refresh();
    return changes > before;
  };

  test('sees what was written just before it is asked, each time', async () => {
    await watch.refresh();
    expect(changes).toBe(0);
    // Same size each time, and faster than the kernel's clock.
    for (let n = 0; n < 50; n += 1) {
      expect(await changed(() => writeFile(join(directory, 'code/lib/a.js'), String(n % 10)))).toBe(true);
    }
  });

  test('sees new directories and what is written in them, renames, removals and links', async () => {
    const path = (name: string) => join(directory, 'code', name);
    expect(await changed(() => mkdir(path('new/deep'), { recursive: true }))).toBe(false);
    expect(await changed(() => writeFile(path('new/deep/b.js'), '1'))).toBe(true);
    expect(await changed(() => rename(path('new/deep/b.js'), path('new/c.js')))).toBe(true);
    expect(await changed(() => rm(path('new/c.js')))).toBe(true);
    await writeFile(join(directory, 'linked.js'), '1');
    expect(await changed(() => symlink(path('..'), path('loop')))).toBe(true);
    expect(await changed(() => writeFile(join(directory, 'linked.js'), '22'))).toBe(true);
  });

  test('leaves out what is no code', async () => {
    expect(await changed(() => writeFile(join(directory, 'code/state/log'), '1'))).toBe(false);
    expect(await changed(() => mkdir(join(directory, 'code/.git')))).toBe(false);
    expect(await changed(() => writeFile(join(directory, 'code/.git/HEAD'), '1'))).toBe(false);
  });

  test('gives many who ask at once what each of them wrote', async () => {
    const asked = Array.from({ length: 20 }, async (_, n) => {
      await writeFile(join(directory, `code/${n}.js`), '1');
      const before = changes;
      await watch.refresh();
      return changes > before || n;
    });
    await Promise.all(asked);
    expect(changes).toBeGreaterThan(0);
    expect(await changed(() => {})).toBe(false);
  });

  test('costs next to nothing when nothing has changed', async () => {
    await watch.refresh();
    const startedAtMs = performance.now();
    for (let n = 0; n < 1000; n += 1) await watch.refresh();
    expect((performance.now() - startedAtMs) / 1000).toBeLessThan(0.5);
  });
});

describe('changed code serves the next invocation', () => {
  let lambda: TestLambda;
  beforeEach(async () => {
    lambda = await startTestLambda();
  });
  afterEach(() => lambda.close());

  test('of a directory, at once and each time', async () => {
    await lambda.make('exports.handler = () => 0;');
    for (let n = 0; n < 5; n += 1) {
      await writeFile(join(lambda.directory, 'f/index.js'), `exports.handler = () => ${n};`);
      expect(await lambda.call({})).toBe(n);
      expect(await lambda.call({})).toBe(n);
    }
  });

  test('while an invocation runs, which ends with the code that it has', async () => {
    await lambda.make('exports.handler = async () => { await new Promise((r) => setTimeout(r, 500)); return "old"; };');
    const running = lambda.call({});
    await lambda.call({});
    await writeFile(join(lambda.directory, 'f/index.js'), 'exports.handler = () => "new";');
    expect(await lambda.call({})).toBe('new');
    expect(await running).toBe('old');
    expect(await Promise.all([lambda.call({}), lambda.call({})])).toEqual(['new', 'new']);
  });

  test('of a zip', async () => {
    const path = join(lambda.directory, 'code.zip');
    await zip(path, 'exports.handler = () => 1;');
    await lambda.make('', { code: { kind: 'zip', path } });
    expect(await lambda.call({})).toBe(1);
    await zip(path, 'exports.handler = () => 2;');
    expect(await lambda.call({})).toBe(2);
    await writeFile(path, 'no zip');
    await expect(lambda.call({})).rejects.toThrow(/Could not unzip/);
    await zip(path, 'exports.handler = () => 3;');
    expect(await lambda.call({})).toBe(3);
  });
});

const zip = (path: string, content: string) => writeZip(path, [{ name: 'index.js', content }]);
