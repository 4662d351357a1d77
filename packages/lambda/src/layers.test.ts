import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FunctionConfiguration, Layer } from '@spillway/wire';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestLambda } from '../test/test-lambda.ts';
import { writeZip } from '../test/write-zip.ts';
import { checkLayerCount, deployLayers, mergeLayers } from './layers.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spillway-layers-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const functionWith = (...layers: Layer[]) => ({ functionName: 'f', layers }) as unknown as FunctionConfiguration;

async function directoryLayer(name: string, files: Readonly<Record<string, string>>): Promise<Layer> {
  for (const [path, text] of Object.entries(files)) {
    const target = join(directory, name, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  return { kind: 'directory', path: join(directory, name), name };
}

const merged = (...layers: Layer[]) =>
  mergeLayers({
    configuration: functionWith(...layers),
    directory: join(directory, 'out'),
    webAdapterLayer: undefined,
  });

test('are merged in their order: the later file stays, with its mode', async () => {
  const first = await directoryLayer('first', { 'bin/tool': 'old', 'python/a.py': 'a' });
  await writeZip(join(directory, 'second.zip'), [
    { name: 'bin/tool', content: 'new', mode: 0o100755 },
    { name: 'python/b.py', content: 'b' },
  ]);
  const opt = await merged(first, { kind: 'zip', path: join(directory, 'second.zip'), name: 'second' });
  expect(await readFile(join(opt, 'bin/tool'), 'utf8')).toBe('new');
  expect((await stat(join(opt, 'bin/tool'))).mode & 0o777).toBe(0o755);
  expect(await readFile(join(opt, 'python/a.py'), 'utf8')).toBe('a');
  expect(await readFile(join(opt, 'python/b.py'), 'utf8')).toBe('b');
});

test('never write through a link of an earlier one', async () => {
  const outside = join(directory, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'file'), 'untouched');
  const first = await directoryLayer('first', { keep: '' });
  await symlink(outside, join(directory, 'first/lib'));
  await symlink(join(outside, 'file'), join(directory, 'first/file'));
  const second = await directoryLayer('second', { 'lib/file': 'mine', file: 'mine' });
  const opt = await merged(first, second);
  expect(await readFile(join(outside, 'file'), 'utf8')).toBe('untouched');
  expect(await readFile(join(opt, 'lib/file'), 'utf8')).toBe('mine');
  expect(await readFile(join(opt, 'file'), 'utf8')).toBe('mine');
  expect(await readlink(join(directory, 'first/lib'))).toBe(outside);
});

test('may be five, and must be there', async () => {
  expect(() => checkLayerCount(5)).not.toThrow();
  expect(() => checkLayerCount(6)).toThrow('Cannot reference more than 5 layers.');
  await expect(merged({ kind: 'directory', path: join(directory, 'none'), name: 'Gone' })).rejects.toThrow(
    /Function f: its layer Gone, .*none, cannot be read: .*Build it, or correct its path/,
  );
});

test('are merged again when one has changed', async () => {
  const layer = await directoryLayer('one', { file: 'before' });
  let changes = 0;
  const layers = await deployLayers({
    configuration: functionWith(layer),
    directory: join(directory, 'out'),
    webAdapterLayer: undefined,
    ignoredPaths: [],
    onChange: () => {
      changes += 1;
    },
  });
  await layers.refresh();
  expect(changes).toBe(0);
  await writeFile(join(directory, 'one/file'), 'after it');
  await layers.refresh();
  expect(changes).toBe(1);
  expect(await readFile(join(layers.optDirectory, 'file'), 'utf8')).toBe('after it');
  await layers.close();
});

/** Until what was written can't be written again without its time changing. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

test('that change are merged once for all who ask at a time, and nobody gets the old ones', async () => {
  const layer = await directoryLayer('layer', { file: 'old' });
  let changes = 0;
  const onChange = () => {
    changes += 1;
  };
  const configuration = functionWith(layer);
  const shared = { configuration, directory: join(directory, 'out'), webAdapterLayer: undefined, ignoredPaths: [] };
  const layers = await deployLayers({ ...shared, onChange });
  await settled();
  await layers.refresh();
  changes = 0;
  await directoryLayer('layer', { file: 'newer' });
  await settled();
  const text = async () => {
    await layers.refresh();
    return readFile(join(layers.optDirectory, 'file'), 'utf8');
  };
  expect(await Promise.all([text(), text(), text()])).toEqual(['newer', 'newer', 'newer']);
  await layers.close();
  expect(changes).toBe(1);
});

test("the public layer of the web adapter is the directory or zip that stands for it, and nobody else's", async () => {
  const arn = 'arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27';
  const layer: Layer = { kind: 'web-adapter', arn, architecture: 'x86_64' };
  await directoryLayer('lwa', { bootstrap: '#!/bin/sh\n' });
  await chmod(join(directory, 'lwa/bootstrap'), 0o755);
  const configuration = functionWith(layer);
  const opt = await mergeLayers({ configuration, directory, webAdapterLayer: join(directory, 'lwa') });
  expect((await stat(join(opt, 'bootstrap'))).mode & 0o777).toBe(0o755);
  await expect(merged(layer)).rejects.toThrow(/there is nothing here to use for the layer arn:aws:lambda/);
});

test('a layer of the other architecture is named in the log', async () => {
  const lambda = await startTestLambda({ webAdapterLayer: directory });
  const arn = 'arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27';
  await lambda.make('exports.handler = () => 1;', {
    architecture: 'arm64',
    layers: [{ kind: 'web-adapter', arn, architecture: 'x86_64' }],
  });
  await lambda.call({});
  expect(await lambda.logText()).toMatch(
    /\[spillway\] The layer .*LambdaAdapterLayerX86:27 is for x86_64 and the function is arm64: .*LambdaAdapterLayerArm64\.\n/,
  );
  await lambda.close();
});
