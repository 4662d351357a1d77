import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAwsSdk } from './aws-sdk.ts';

test.each([
  ['@aws-sdk/client-s3', true],
  ['@aws-sdk/client-s3/package.json', true],
  ['@smithy/util-utf8', true],
  ['@aws-sdk', false],
  ['@aws-sdk/', false],
  ['@aws-sdk/..', false],
  ['@aws-sdk/client-s3/../../typescript', false],
  ['@aws-crypto/crc32', false],
  ['aws-sdk', false],
])('%s', (specifier, expected) => {
  expect(isAwsSdk(specifier)).toBe(expected);
});

test('no specifier leads out of its scope', () => {
  const part = fc.oneof(
    fc.constantFrom('.', '..', '...', '', 'x', '.x', '%2e%2e', '\\..', 'client-s3'),
    fc.string({ maxLength: 4 }),
  );
  const specifier = fc
    .tuple(fc.constantFrom('@aws-sdk', '@smithy'), fc.array(part, { minLength: 1, maxLength: 5 }))
    .map(([scope, parts]) => [scope, ...parts].join('/'));
  fc.assert(
    fc.property(specifier, (text) => {
      fc.pre(isAwsSdk(text));
      const scope = text.slice(0, text.indexOf('/') + 1);
      expect(posix.join('/', decodeURIComponent(text)).startsWith(`/${scope}`)).toBe(true);
    }),
    { numRuns: 2000, maxSkipsPerRun: 200 },
  );
});
