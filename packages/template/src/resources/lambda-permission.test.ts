import { expect, test } from 'vitest';
import { problemsOf, readText } from '../../test/read-text.ts';

const permission = (more: string) => `Resources:
  Fn: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, Code: src}}
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !GetAtt Fn.Arn, Action: lambda:InvokeFunction, Principal: apigateway.amazonaws.com${more}}
`;

test('reads a statement of a function policy', async () => {
  const source = `, SourceArn: !Sub "arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:x/*", SourceAccount: !Ref AWS::AccountId`;
  const { permissions } = await readText(permission(source));
  expect(permissions).toEqual([
    {
      functionName: 'arn:aws:lambda:eu-west-1:000000000000:function:Fn',
      statementId: 'Permission',
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: 'arn:aws:execute-api:eu-west-1:000000000000:x/*',
      sourceAccount: '000000000000',
    },
  ]);
});

test('a condition that is not evaluated is refused, and never widens the policy', async () => {
  const text = permission(', PrincipalOrgID: o-1');
  expect(await problemsOf(text)).toContainEqual(
    expect.stringContaining('PrincipalOrgID of Permission is not supported'),
  );
  expect((await readText(text, { ignoreUnsupported: true })).permissions).toEqual([]);
});
