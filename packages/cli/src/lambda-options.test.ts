import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsHostsOption, failedStreamOption, interpreterOption, webAdapterLayerOption } from './lambda-options.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lambda-options-'));
  mkdirSync(join(directory, 'layer/extensions'), { recursive: true });
  mkdirSync(join(directory, 'other'));
  writeFileSync(join(directory, 'layer.zip'), '');
  writeFileSync(join(directory, 'python3'), '');
});
afterAll(() => rmSync(directory, { recursive: true }));

test('a runtime and its interpreter', () => {
  const path = join(directory, 'python3');
  expect(interpreterOption(`python3.12=${path}`)).toEqual(['python3.12', path]);
  expect(interpreterOption(`nodejs22.x=${path}`)).toEqual(['nodejs22.x', path]);
});

test.each(['python3.12', 'python3.12=', 'ruby3.3=/usr/bin/ruby', '=x'])('%s is no interpreter', (text) => {
  expect(() => interpreterOption(text)).toThrow('RUNTIME=PATH');
});

test('an interpreter that is not there', () => {
  expect(() => interpreterOption('python3.12=/nonexistent/python3')).toThrow(
    'there is no program /nonexistent/python3',
  );
  expect(() => interpreterOption(`python3.12=${directory}`)).toThrow('there is no program');
});

test('a layer from a zip file or a directory', () => {
  expect(webAdapterLayerOption(undefined)).toEqual({});
  for (const name of ['layer', 'layer.zip']) {
    expect(webAdapterLayerOption(join(directory, name))).toEqual({ webAdapterLayer: join(directory, name) });
  }
});

test.each([
  ['other', 'is neither'],
  ['python3', 'is neither'],
  ['nothing', 'does not exist'],
])('%s is no layer', (name, reason) => {
  expect(() => webAdapterLayerOption(join(directory, name))).toThrow(reason);
});

test('what becomes of a stream that breaks off', () => {
  expect(failedStreamOption('break')).toEqual({ lwaFailedStream: 'break' });
  expect(() => failedStreamOption('keep')).toThrow('as-lwa or break');
});

test("who answers for AWS's hosts", () => {
  expect(awsHostsOption('off')).toEqual({ awsHosts: 'off' });
  expect(() => awsHostsOption('on')).toThrow('local or off');
});
