import { expect, test } from 'vitest';
import { readPolicy } from './access-policy.ts';
import { AuthorizerCache } from './authorizer-cache.ts';

const Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
const result = (principalId: string) => ({ principalId, policy: readPolicy({ Statement }), context: {} });

test('an answer is kept for its time, and a newer one replaces it', () => {
  let nowMs = 0;
  const cache = new AuthorizerCache(() => nowMs);
  cache.keep('a', result('me'), 2);
  nowMs = 1999;
  expect(cache.find('a')?.principalId).toBe('me');
  cache.keep('a', result('you'), 2);
  nowMs = 2001;
  expect(cache.find('a')?.principalId).toBe('you');
  nowMs = 3999;
  expect(cache.find('a')).toBeUndefined();
});

test('there is an end to how many are kept: the oldest goes first', () => {
  const cache = new AuthorizerCache();
  for (let index = 0; index <= 10_000; index += 1) cache.keep(`key ${index}`, result('me'), 300);
  expect(cache.find('key 0')).toBeUndefined();
  expect(cache.find('key 1')).toBeDefined();
  expect(cache.find('key 10000')).toBeDefined();
});
