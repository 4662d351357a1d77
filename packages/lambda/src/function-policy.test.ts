import { describe, expect, test } from 'vitest';
import { FunctionPolicy } from './function-policy.ts';

const action = 'lambda:InvokeFunction' as const;
const caller = {
  service: 'apigateway.amazonaws.com',
  sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:abc/prod/GET/a/b',
};
const statement = { functionName: 'f', statementId: 's', action, principal: 'apigateway.amazonaws.com' };
const policyWith = (more: object) => new FunctionPolicy().with({ ...statement, ...more });
const resource = 'arn:aws:lambda:us-east-1:000000000000:function:f';

test.each([
  ['without a source', {}, true],
  ['of all actions', { action: 'lambda:*' }, true],
  ['of another action', { action: 'lambda:GetFunction' }, false],
  ['for another service', { principal: 's3.amazonaws.com' }, false],
  ['for everybody', { principal: '*' }, true],
  ['for the source', { sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/*' }, true],
  ['for another method', { sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:abc/*/POST/*' }, false],
  ['for another account', { sourceAccount: '111111111111' }, false],
  ['for function URLs', { invokedViaFunctionUrl: true }, false],
])('a statement %s', (_, more, allowed) => {
  expect(policyWith(more).allows({ action, caller })).toBe(allowed);
});

describe('a function URL', () => {
  const url = { functionUrlAuthType: 'NONE', invokedViaFunctionUrl: true } as const;
  const urlAction = 'lambda:InvokeFunctionUrl' as const;

  test('without authorisation needs both statements', () => {
    const open = policyWith({ principal: '*', action: urlAction, functionUrlAuthType: 'NONE' });
    expect(open.allows({ action: urlAction, caller: 'anonymous', ...url })).toBe(true);
    expect(open.allows({ action: urlAction, caller: 'anonymous', ...url, functionUrlAuthType: 'AWS_IAM' })).toBe(false);
    expect(open.allows({ action, caller: 'anonymous', ...url })).toBe(false);
    const both = open.with({ ...statement, statementId: 't', principal: '*', invokedViaFunctionUrl: true });
    expect(both.allows({ action, caller: 'anonymous', ...url })).toBe(true);
  });

  test('of another account asks for a principal', () => {
    const account = { accountId: '111111111111', arn: 'arn:aws:iam::111111111111:user/a' };
    for (const principal of ['111111111111', 'arn:aws:iam::111111111111:root', account.arn]) {
      expect(policyWith({ principal }).allows({ action, caller: account })).toBe(true);
    }
    expect(policyWith({ principal: '222222222222' }).allows({ action, caller: account })).toBe(false);
  });
});

test('the account needs no statement, a service does', () => {
  expect(new FunctionPolicy().allows({ action })).toBe(true);
  expect(new FunctionPolicy().allows({ action, caller })).toBe(false);
});

test('a statement id can be used once', () => {
  expect(() => new FunctionPolicy().with(statement).with(statement)).toThrow(
    /The statement id \(s\) provided already exists/,
  );
});

test('what is no principal is refused', () => {
  expect(() => policyWith({ principal: 'nobody' })).toThrow('The provided principal was invalid.');
});

test('a statement that is not there cannot be removed', () => {
  expect(() => new FunctionPolicy().without('s')).toThrow('No policy is associated with the given resource.');
  expect(() => policyWith({}).without('t')).toThrow('Statement t is not found in resource policy.');
  expect(policyWith({}).without('s').statements).toEqual([]);
});

test('is printed as AWS prints it', () => {
  const sourceArn = 'arn:aws:execute-api:us-east-1:000000000000:abc/*';
  const policy = policyWith({ sourceArn, sourceAccount: '000000000000' }).with({
    ...statement,
    statementId: 'url',
    action: 'lambda:InvokeFunctionUrl',
    principal: '111111111111',
    functionUrlAuthType: 'AWS_IAM',
  });
  expect(JSON.parse(policy.print(resource))).toEqual({
    Version: '2012-10-17',
    Id: 'default',
    Statement: [
      {
        Sid: 's',
        Effect: 'Allow',
        Principal: { Service: 'apigateway.amazonaws.com' },
        Action: action,
        Resource: resource,
        Condition: {
          StringEquals: { 'AWS:SourceAccount': '000000000000' },
          ArnLike: { 'AWS:SourceArn': sourceArn },
        },
      },
      {
        Sid: 'url',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111111111111:root' },
        Action: 'lambda:InvokeFunctionUrl',
        Resource: resource,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      },
    ],
  });
});
