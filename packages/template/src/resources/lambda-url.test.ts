import { functionUrlId } from '@spillway/wire';
import { expect, test } from 'vitest';
import { problemsOf, readText } from '../../test/read-text.ts';

test('reads a function URL, and what refers to it', async () => {
  const { functionUrls, outputs } = await readText(`Resources:
  Fn: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, Code: src}}
  Url:
    Type: AWS::Lambda::Url
    Properties:
      TargetFunctionArn: !GetAtt Fn.Arn
      AuthType: AWS_IAM
      InvokeMode: RESPONSE_STREAM
      Cors: {AllowOrigins: ['https://a.example'], AllowCredentials: true, AllowMethods: [GET], MaxAge: 60}
Outputs:
  Url: {Value: !GetAtt Url.FunctionUrl}
  Arn: {Value: !Ref Url}
`);
  const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:Fn';
  expect(functionUrls).toEqual([
    {
      functionName: arn,
      authType: 'AWS_IAM',
      invokeMode: 'RESPONSE_STREAM',
      cors: { allowOrigins: ['https://a.example'], allowCredentials: true, allowMethods: ['GET'], maxAge: 60 },
    },
  ]);
  expect(outputs.map(({ value }) => value)).toEqual([
    `https://${functionUrlId('Fn')}.lambda-url.eu-west-1.on.aws/`,
    arn,
  ]);
});

test('reads the statements of a policy that are for function URLs', async () => {
  const { permissions } = await readText(`Resources:
  Fn: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, Code: src}}
  One:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Fn, Action: lambda:InvokeFunctionUrl, Principal: '*', FunctionUrlAuthType: NONE}
  Other:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Fn, Action: lambda:InvokeFunction, Principal: '*', InvokedViaFunctionUrl: true}
`);
  expect(permissions).toEqual([
    expect.objectContaining({ action: 'lambda:InvokeFunctionUrl', functionUrlAuthType: 'NONE' }),
    expect.objectContaining({ action: 'lambda:InvokeFunction', invokedViaFunctionUrl: true }),
  ]);
});

const serverless = (config: string) => `Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: nodejs22.x, CodeUri: src, FunctionName: named, FunctionUrlConfig: ${config}}
Outputs:
  Url: {Value: !GetAtt FnUrl.FunctionUrl}
`;

test('adds the public statements that SAM adds, for NONE alone', async () => {
  const { functionUrls, permissions, outputs } = await readText(serverless('{AuthType: NONE}'));
  expect(functionUrls).toEqual([{ functionName: 'named', authType: 'NONE', invokeMode: 'BUFFERED' }]);
  expect(permissions.map(({ action, principal }) => [action, principal])).toEqual([
    ['lambda:InvokeFunctionUrl', '*'],
    ['lambda:InvokeFunction', '*'],
  ]);
  expect(outputs[0]?.value).toBe(`https://${functionUrlId('named')}.lambda-url.eu-west-1.on.aws/`);
  expect((await readText(serverless('{AuthType: AWS_IAM}'))).permissions).toEqual([]);
});

test('refuses what Lambda refuses', async () => {
  expect(await problemsOf(serverless('{InvokeMode: STREAM}'))).toEqual([
    expect.stringContaining('2 problems'),
    expect.stringContaining('Fn.FunctionUrlConfig has no AuthType'),
    expect.stringContaining('InvokeMode of Fn.FunctionUrlConfig must be one of BUFFERED, RESPONSE_STREAM'),
  ]);
  expect(await problemsOf(serverless('{AuthType: NONE, Cors: {AllowMethods: [OPTIONS]}}'))).toEqual([
    expect.stringContaining('a problem'),
    expect.stringContaining('no method may have more than 6 letters'),
  ]);
});
