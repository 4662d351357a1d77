import { expect, test } from 'vitest';
import { arnLike } from './arn-like.ts';

test.each([
  ['arn:aws:s3:::a*', 'arn:aws:s3:::abc', true],
  ['arn:aws:s3:::a?c', 'arn:aws:s3:::abc', true],
  ['arn:aws:s3:::a.c', 'arn:aws:s3:::abc', false],
  ['arn:aws:*:::abc', 'arn:aws:s3:::abc', true],
  ['arn:aws:s3:::abc', 'arn:aws:s3:eu-west-1::abc', false],
  ['arn:aws:*', 'arn:aws:s3:::abc', false],
])('%s is like %s: %s', (pattern, arn, like) => {
  expect(arnLike(pattern, arn)).toBe(like);
});
