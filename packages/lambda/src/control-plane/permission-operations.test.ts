import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  GetPolicyCommand,
  LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { creation, startTestApi, type TestApi } from '../../test/test-api.ts';

let api: TestApi;
let client: LambdaClient;
beforeEach(async () => {
  api = await startTestApi();
  client = new LambdaClient(api.clientOptions);
  await client.send(new CreateFunctionCommand({ ...creation(), Publish: true }));
  await api.settled();
});
afterEach(async () => {
  client.destroy();
  await api.close();
});

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const SOURCE_ARN = 'arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/x';
const permission = {
  FunctionName: 'f',
  StatementId: 's',
  Action: 'lambda:InvokeFunction',
  Principal: 'apigateway.amazonaws.com',
  SourceArn: SOURCE_ARN,
};
const add = (more = {}) => client.send(new AddPermissionCommand({ ...permission, ...more }));
const remove = (more = {}) =>
  client.send(new RemovePermissionCommand({ FunctionName: 'f', StatementId: 's', ...more }));
const policy = async (more = {}) => client.send(new GetPolicyCommand({ FunctionName: 'f', ...more }));
const invoke = (functionName = 'f') =>
  api.lambda.invoker.invoke({
    functionName,
    payload: Buffer.from('{}'),
    caller: { service: 'apigateway.amazonaws.com', sourceArn: SOURCE_ARN.replace('*', 'prod') },
  });

test('a service is let in by a statement, which reads as AWS writes it', async () => {
  await expect(invoke()).rejects.toMatchObject({ code: 'AccessDeniedException' });
  const { Statement, $metadata } = await add();
  const statement = {
    Sid: 's',
    Effect: 'Allow',
    Principal: { Service: 'apigateway.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: ARN,
    Condition: { ArnLike: { 'AWS:SourceArn': SOURCE_ARN } },
  };
  expect($metadata.httpStatusCode).toBe(201);
  expect(JSON.parse(Statement ?? '')).toEqual(statement);
  const { Policy, RevisionId } = await policy();
  expect(JSON.parse(Policy ?? '')).toEqual({ Version: '2012-10-17', Id: 'default', Statement: [statement] });
  await expect(invoke()).resolves.toBeDefined();
  await remove({ RevisionId });
  await expect(invoke()).rejects.toMatchObject({ code: 'AccessDeniedException' });
  await expect(policy()).rejects.toThrow('The resource you requested does not exist.');
});

test('versions and aliases have policies of their own', async () => {
  await client.send(new CreateAliasCommand({ FunctionName: 'f', Name: 'live', FunctionVersion: '1' }));
  const { Statement } = await add({ Qualifier: 'live' });
  expect(JSON.parse(Statement ?? '').Resource).toBe(`${ARN}:live`);
  await expect(invoke('f:live')).resolves.toBeDefined();
  await expect(invoke('f:1')).rejects.toMatchObject({ code: 'AccessDeniedException' });
  await expect(invoke()).rejects.toMatchObject({ code: 'AccessDeniedException' });
  await expect(policy({ Qualifier: '1' })).rejects.toThrow('The resource you requested does not exist.');
  await expect(add({ Qualifier: '$LATEST' })).rejects.toThrow(
    'We currently do not support adding policies for $LATEST.',
  );
  await expect(add({ Qualifier: '7' })).rejects.toThrow(`Function not found: ${ARN}:7`);
});

test('aliases with names of what every object has begin without a policy', async () => {
  for (const Name of ['constructor', '__proto__']) {
    await client.send(new CreateAliasCommand({ FunctionName: 'f', Name, FunctionVersion: '1' }));
    await expect(client.send(new GetPolicyCommand({ FunctionName: 'f', Qualifier: Name }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  }
});

test('conditions of function URLs are kept', async () => {
  const url = { Action: 'lambda:InvokeFunctionUrl', Principal: '*', SourceArn: undefined };
  await add({ ...url, FunctionUrlAuthType: 'NONE' });
  await add({ ...url, StatementId: 't', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true });
  const { Policy } = await policy();
  expect(JSON.parse(Policy ?? '').Statement).toEqual([
    expect.objectContaining({
      Principal: '*',
      Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
    }),
    expect.objectContaining({ Principal: '*', Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } } }),
  ]);
});

test('what is wrong is refused in the words of AWS', async () => {
  await add();
  await expect(add()).rejects.toThrow(
    'The statement id (s) provided already exists. Please provide a new statement id, or remove the existing statement.',
  );
  await expect(add({ StatementId: 't', RevisionId: 'old' })).rejects.toMatchObject({
    name: 'PreconditionFailedException',
    message:
      'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
  });
  await expect(add({ StatementId: 't', Principal: 'nobody' })).rejects.toThrow('The provided principal was invalid.');
  await expect(add({ StatementId: 'a b' })).rejects.toThrow(/'statementId' failed to satisfy constraint/);
  await expect(add({ StatementId: 't', PrincipalOrgID: 'o-1234567890' })).rejects.toThrow(
    'Spillway does not support PrincipalOrgID.',
  );
  await expect(remove({ StatementId: 't' })).rejects.toThrow('Statement t is not found in resource policy.');
  await remove();
  await expect(remove()).rejects.toThrow('No policy is associated with the given resource.');
});

test('a policy has its limit', async () => {
  const SourceArn = `arn:aws:s3:::${'x'.repeat(3000)}`;
  const added = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => add({ StatementId: `s${n}`, SourceArn })));
  const refused = added.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(2);
  expect(refused[0]).toMatchObject({ reason: { name: 'PolicyLengthExceededException' } });
});
