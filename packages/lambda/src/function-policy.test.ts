import { expect, test } from 'vitest';
import { arnLike, FunctionPolicy } from './function-policy.ts';

const caller = {
  service: 'apigateway.amazonaws.com',
  sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:abc/prod/GET/a/b',
};
const statement = {
  functionName: 'f',
  statementId: 's',
  action: 'lambda:InvokeFunction',
  principal: 'apigateway.amazonaws.com',
};

test.each([
  ['without a source', {}, true],
  ['of all actions', { action: 'lambda:*' }, true],
  ['of another action', { action: 'lambda:GetFunction' }, false],
  ['for another service', { principal: 's3.amazonaws.com' }, false],
  ['for the source', { sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/*' }, true],
  ['for another method', { sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:abc/*/POST/*' }, false],
  ['for another account', { sourceAccount: '111111111111' }, false],
])('a statement %s', (_, more, allowed) => {
  const policy = new FunctionPolicy();
  policy.add({ ...statement, ...more });
  expect(policy.allows(caller)).toBe(allowed);
});

test('the account needs no statement, a service does', () => {
  expect(new FunctionPolicy().allows(undefined)).toBe(true);
  expect(new FunctionPolicy().allows(caller)).toBe(false);
});

test('a statement id can be used once', () => {
  const policy = new FunctionPolicy();
  policy.add(statement);
  expect(() => policy.add(statement)).toThrow(/The statement id \(s\) provided already exists/);
});

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
