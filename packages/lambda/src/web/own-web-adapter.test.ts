import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSameFile, ownWebAdapter } from './own-web-adapter.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spillway-own-adapter-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function layer(name: string): Promise<string> {
  await mkdir(join(directory, name, 'extensions'), { recursive: true });
  await writeFile(join(directory, name, 'extensions/lambda-adapter'), `#!/bin/sh\n# ${name}\n`);
  return join(directory, name);
}

test('a layer below the server directory is its own, any other a user gave', async () => {
  const own = await layer('server/web-adapter');
  expect(await ownWebAdapter(own, join(directory, 'server'))).toBe(join(own, 'extensions/lambda-adapter'));
  expect(await ownWebAdapter(await layer('server2'), join(directory, 'server'))).toBeUndefined();
  expect(await ownWebAdapter(join(directory, 'layer.zip'), join(directory, 'server'))).toBeUndefined();
  expect(await ownWebAdapter(undefined, directory)).toBeUndefined();
});

test("an adapter of the same name from a function's own layer is another one", async () => {
  const own = (await ownWebAdapter(await layer('server/web-adapter'), join(directory, 'server'))) ?? '';
  const merged = join(directory, 'lambda-adapter');
  await copyFile(own, merged);
  expect(await isSameFile(merged, own)).toBe(true);
  await writeFile(merged, '#!/bin/sh\n# another/web-adapter\n');
  expect(await isSameFile(merged, own)).toBe(false);
  await writeFile(merged, '#!/bin/sh\n# server/web-adaptes\n');
  expect(await isSameFile(merged, own)).toBe(false);
  expect(await isSameFile(join(directory, 'missing'), own)).toBe(false);
});
