import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  LambdaClient,
  ListFunctionUrlConfigsCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { creation, startTestApi, type TestApi } from '../../test/test-api.ts';

let api: TestApi;
let client: LambdaClient;
beforeEach(async () => {
  api = await startTestApi();
  client = new LambdaClient(api.clientOptions);
  await api.lambda.make('exports.handler = () => 1;');
});
afterEach(async () => {
  client.destroy();
  await api.close();
});

const FunctionName = 'f';
const get = () => client.send(new GetFunctionUrlConfigCommand({ FunctionName }));
const create = (more: object = {}) =>
  client.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...more }));

test('makes, shows, changes, lists and deletes', async () => {
  const made = await create({ Cors: { AllowOrigins: ['*'], MaxAge: 5 } });
  expect(made).toMatchObject({
    $metadata: { httpStatusCode: 201 },
    FunctionUrl: expect.stringMatching(/^http:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:\d+\/$/),
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
    AuthType: 'NONE',
    Cors: { AllowOrigins: ['*'], MaxAge: 5 },
    CreationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
  // As recorded: only what was sent is echoed.
  expect(made.InvokeMode).toBeUndefined();
  expect(await get()).toMatchObject({ InvokeMode: 'BUFFERED', LastModifiedTime: made.CreationTime });
  const changed = await client.send(
    new UpdateFunctionUrlConfigCommand({ FunctionName, AuthType: 'AWS_IAM', InvokeMode: 'RESPONSE_STREAM' }),
  );
  expect(changed).toMatchObject({
    FunctionUrl: made.FunctionUrl,
    AuthType: 'AWS_IAM',
    InvokeMode: 'RESPONSE_STREAM',
    Cors: { AllowOrigins: ['*'] },
  });
  const { FunctionUrlConfigs } = await client.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
  expect(FunctionUrlConfigs).toEqual([expect.objectContaining({ FunctionUrl: made.FunctionUrl })]);
  const deleted = await client.send(new DeleteFunctionUrlConfigCommand({ FunctionName }));
  expect(deleted.$metadata.httpStatusCode).toBe(204);
  await expect(get()).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The resource you requested does not exist.',
  });
});

test('refuses a second one, an unknown function, and what is malformed, in the words of Lambda', async () => {
  await create();
  await expect(create()).rejects.toMatchObject({
    name: 'ResourceConflictException',
    $metadata: { httpStatusCode: 409 },
    message:
      'Failed to create function url config for [functionArn = arn:aws:lambda:us-east-1:000000000000:function:f]. Error message:  FunctionUrlConfig exists for this Lambda function',
  });
  await expect(create({ FunctionName: 'g' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function does not exist',
  });
  await expect(create({ InvokeMode: 'STREAM' })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]'),
  });
  await expect(create({ Qualifier: '7' })).rejects.toMatchObject({
    message: expect.stringContaining('((?!^\\d+$)^[0-9a-zA-Z-_]+$)'),
  });
  await expect(create({ Cors: { AllowMethods: ['OPTIONS'] } })).rejects.toMatchObject({
    message: expect.stringContaining("Value 'OPTIONS' at 'cors.allowMethods.1.member' failed to satisfy constraint"),
  });
});

test('ends with its function', async () => {
  await client.send(new CreateFunctionCommand(creation(undefined, 'h')));
  await api.settled('h');
  await create({ FunctionName: 'h' });
  await client.send(new DeleteFunctionCommand({ FunctionName: 'h' }));
  await client.send(new CreateFunctionCommand(creation(undefined, 'h')));
  await expect(client.send(new GetFunctionUrlConfigCommand({ FunctionName: 'h' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('an alias has one of its own, with the policy of the alias', async () => {
  const h = { FunctionName: 'h' };
  const source = 'exports.handler = (event, { headers }) => headers["lambda-runtime-invoked-function-arn"];';
  await client.send(new CreateFunctionCommand({ ...creation(source, 'h'), Publish: true }));
  await api.settled('h');
  await client.send(new CreateAliasCommand({ ...h, Name: 'live', FunctionVersion: '1' }));
  const { FunctionUrl = '', FunctionArn } = await create({ ...h, Qualifier: 'live' });
  expect(FunctionArn).toBe('arn:aws:lambda:us-east-1:000000000000:function:h:live');
  const call = () => fetch(`${api.url}/_aws/lambda-url/${new URL(FunctionUrl).host.split('.')[0]}/`);
  const allow = (Qualifier?: string) =>
    Promise.all([
      client.send(
        new AddPermissionCommand({
          ...h,
          ...(Qualifier && { Qualifier }),
          StatementId: 'url',
          Principal: '*',
          Action: 'lambda:InvokeFunctionUrl',
          FunctionUrlAuthType: 'NONE',
        }),
      ),
      client.send(
        new AddPermissionCommand({
          ...h,
          ...(Qualifier && { Qualifier }),
          StatementId: 'invoke',
          Principal: '*',
          Action: 'lambda:InvokeFunction',
          InvokedViaFunctionUrl: true,
        }),
      ),
    ]);
  await allow();
  expect((await call()).status).toBe(403);
  await allow('live');
  expect(await (await call()).text()).toBe(FunctionArn);
});
