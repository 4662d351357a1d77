import type { Method, Stack } from '@spillway/wire';
import { expect, test } from 'vitest';
import { problemsOf, readText, sam } from '../../test/read-text.ts';

const methodsOf = ({ restApis }: Stack, path: string): Readonly<Record<string, Method>> =>
  restApis[0]?.restApi.resources.find((resource) => resource.path === path)?.methods ?? {};
const authorizationOf = ({ authorizationType, authorizerId, apiKeyRequired }: Partial<Method> = {}) =>
  [authorizationType, authorizerId, apiKeyRequired].filter((value) => value !== undefined);

const PLAIN = `Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: api, ApiKeySourceType: AUTHORIZER}}
  Auth:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Api
      Name: token
      Type: TOKEN
      IdentitySource: method.request.header.X-Token
      IdentityValidationExpression: "[a-z]+"
      AuthorizerResultTtlInSeconds: 60
      AuthorizerUri: !Sub "arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/arn:aws:lambda:::function:f/invocations"
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref Auth
      Integration: {Type: MOCK}
  Post:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: POST
      AuthorizationType: AWS_IAM
      ApiKeyRequired: true
      Integration: {Type: MOCK}
  Denied:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      RestApiId: !Ref Api
      ResponseType: ACCESS_DENIED
      StatusCode: 404
      ResponseParameters: {gatewayresponse.header.X-A: "'b'"}
      ResponseTemplates: {text/plain: none}
  Key:
    Type: AWS::ApiGateway::ApiKey
    Properties:
      Enabled: true
      Value: twenty-characters-at-least
      StageKeys: [{RestApiId: !Ref Api, StageName: prod}]
      Tags: [{Key: a, Value: b}]
Outputs:
  Key: {Value: !Ref Key}
`;

test('reads authorizers, API keys and gateway responses of CloudFormation', async () => {
  const { restApis, apiKeys = [], outputs } = await readText(PLAIN);
  const [{ restApi }] = restApis as [Stack['restApis'][number]];
  const [authorizer] = restApi.authorizers ?? [];
  expect(restApi.apiKeySource).toBe('AUTHORIZER');
  expect(authorizer).toEqual({
    id: expect.stringMatching(/^[a-z0-9]{6}$/),
    name: 'token',
    type: 'TOKEN',
    identitySource: 'method.request.header.X-Token',
    identityValidationExpression: '[a-z]+',
    authorizerResultTtlInSeconds: 60,
    authorizerUri: expect.stringContaining(':eu-west-1:lambda:path'),
  });
  const { GET, POST } = restApi.resources[0]?.methods ?? {};
  expect(authorizationOf(GET)).toEqual(['CUSTOM', authorizer?.id]);
  expect(authorizationOf(POST)).toEqual(['AWS_IAM', true]);
  expect(restApi.gatewayResponses).toEqual([
    {
      responseType: 'ACCESS_DENIED',
      statusCode: '404',
      responseParameters: { 'gatewayresponse.header.X-A': "'b'" },
      responseTemplates: { 'text/plain': 'none' },
    },
  ]);
  expect(apiKeys).toEqual([
    {
      id: outputs[0]?.value,
      name: 'shop-Key',
      value: 'twenty-characters-at-least',
      enabled: true,
      stageKeys: [{ restApiId: restApi.id, stageName: 'prod' }],
      tags: { a: 'b' },
    },
  ]);
});

test('an API key without a value has one of its own, that stays', async () => {
  const values = [];
  for (let read = 0; read < 2; read += 1) {
    const { apiKeys = [] } = await readText(PLAIN.replace('      Value: twenty-characters-at-least\n', ''));
    values.push(apiKeys[0]?.value);
  }
  expect(values[0]).toMatch(/^[a-z0-9]{40}$/);
  expect(values[1]).toBe(values[0]);
});

test('an API key that is not enabled is warned about', async () => {
  const { warnings } = await readText(PLAIN.replace('      Enabled: true\n', ''));
  expect(warnings.map(({ message }) => message)).toContain('The API key Key opens nothing: Enabled is not true.');
});

test.each([
  ['Type: TOKEN', 'Type: COGNITO_USER_POOLS', 'Type COGNITO_USER_POOLS of Auth is not supported'],
  ['      IdentitySource: method.request.header.X-Token\n', '', 'Auth has no IdentitySource.'],
  ['AuthorizerId: !Ref Auth', 'AuthorizerId: other', 'requires a valid authorizer.'],
  ['AuthorizationType: AWS_IAM', 'AuthorizationType: COGNITO_USER_POOLS', 'Cognito authorizers are not emulated'],
  ['InSeconds: 60', 'InSeconds: 3601', 'must be a whole number from 0 to 3600'],
  ['twenty-characters-at-least', 'short', 'API Key value should be at least 20 characters'],
])('refuses %s as %s', async (was, is, message) => {
  expect((await problemsOf(PLAIN.replace(was, is))).join('\n')).toContain(message);
});

const serverless = (auth: string, events: string, more = '') =>
  sam(`  Api: {Type: AWS::Serverless::Api, Properties: {StageName: prod, Auth: ${auth}${more}}}
  Check: {Type: AWS::Serverless::Function, Properties: {CodeUri: src, Handler: index.handler, Runtime: nodejs22.x}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: index.handler
      Runtime: nodejs22.x
      Events:
${events}`);
const event = (path: string, more = '') =>
  `        E${path.slice(1)}: {Type: Api, Properties: {RestApiId: !Ref Api, Path: ${path}, Method: GET${more}}}\n`;

test("reads SAM's authorizers; the default one is for events that name none", async () => {
  const auth = `{DefaultAuthorizer: Who, Authorizers: {Who: {FunctionArn: !GetAtt Check.Arn, Identity: {Header: X-Who, ReauthorizeEvery: 0}}, Whole: {FunctionArn: !GetAtt Check.Arn, FunctionPayloadType: REQUEST, FunctionInvokeRole: "arn:aws:iam::000000000000:role/r", Identity: {Headers: [A], QueryStrings: [b], StageVariables: [c], Context: [d]}}}}`;
  const events =
    event('/a') +
    event('/b', ', Auth: {Authorizer: Whole}') +
    event('/c', ', Auth: {Authorizer: NONE}') +
    event('/d', ', Auth: {Authorizer: AWS_IAM, ApiKeyRequired: true}');
  const stack = await readText(serverless(auth, events, ', Cors: "\'*\'"'));
  const authorizers = stack.restApis[0]?.restApi.authorizers ?? [];
  expect(authorizers).toMatchObject([
    {
      name: 'Who',
      type: 'TOKEN',
      identitySource: 'method.request.header.X-Who',
      authorizerResultTtlInSeconds: 0,
      authorizerUri: expect.stringMatching(/2015-03-31\/functions\/.*:function:Check\/invocations$/),
    },
    {
      name: 'Whole',
      type: 'REQUEST',
      identitySource: 'method.request.header.A, method.request.querystring.b, stageVariables.c, context.d',
      authorizerResultTtlInSeconds: 300,
      authorizerCredentials: 'arn:aws:iam::000000000000:role/r',
    },
  ]);
  expect(authorizationOf(methodsOf(stack, '/a')['GET'])).toEqual(['CUSTOM', authorizers[0]?.id]);
  expect(authorizationOf(methodsOf(stack, '/a')['OPTIONS'])).toEqual(['CUSTOM', authorizers[0]?.id]);
  expect(authorizationOf(methodsOf(stack, '/b')['GET'])).toEqual(['CUSTOM', authorizers[1]?.id]);
  expect(authorizationOf(methodsOf(stack, '/c')['GET'])).toEqual(['NONE']);
  expect(authorizationOf(methodsOf(stack, '/d')['GET'])).toEqual(['AWS_IAM', true]);
  const permissions = stack.permissions.filter(({ sourceArn }) => sourceArn?.includes('/authorizers/'));
  expect(permissions).toMatchObject([
    { principal: 'apigateway.amazonaws.com', functionName: expect.stringMatching(/:function:Check$/) },
  ]);
});

test('a preflight is open when Auth says so', async () => {
  const auth = `{DefaultAuthorizer: AWS_IAM, ApiKeyRequired: true, AddDefaultAuthorizerToCorsPreflight: false, AddApiKeyRequiredToCorsPreflight: false}`;
  const stack = await readText(serverless(auth, event('/a'), ', Cors: "\'*\'"'));
  expect(authorizationOf(methodsOf(stack, '/a')['GET'])).toEqual(['AWS_IAM', true]);
  expect(authorizationOf(methodsOf(stack, '/a')['OPTIONS'])).toEqual(['NONE']);
});

test("reads SAM's gateway responses and settings of single methods", async () => {
  const more = `, GatewayResponses: {DEFAULT_4XX: {StatusCode: 400, ResponseParameters: {Headers: {X-A: "'b'"}}}},
    MethodSettings: [{ResourcePath: "/*", HttpMethod: "*", LoggingLevel: ERROR, DataTraceEnabled: true}, {ResourcePath: "/~1a~1{b}", HttpMethod: get, LoggingLevel: INFO}]`;
  const stack = await readText(serverless('{}', event('/a'), more));
  expect(stack.restApis[0]?.restApi.gatewayResponses).toEqual([
    {
      responseType: 'DEFAULT_4XX',
      statusCode: '400',
      responseParameters: { 'gatewayresponse.header.X-A': "'b'" },
      responseTemplates: {},
    },
  ]);
  expect(stack.restApis[0]?.stages).toEqual([
    {
      stageName: 'prod',
      variables: {},
      loggingLevel: 'ERROR',
      methodSettings: {
        '*/*': { loggingLevel: 'ERROR', dataTraceEnabled: true },
        'a~1{b}/GET': { loggingLevel: 'INFO' },
      },
    },
  ]);
});

test.each([
  [
    '{DefaultAuthorizer: Nobody}',
    'DefaultAuthorizer of Api.Auth is not supported: Api has no Lambda authorizer Nobody.',
  ],
  ['{UsagePlan: {CreateUsagePlan: PER_API}}', 'usage plans are not emulated'],
  ['{Authorizers: {Pool: {UserPoolArn: "arn:x"}}}', 'Cognito authorizers are not emulated'],
  ['{Authorizers: {R: {FunctionArn: x, FunctionPayloadType: REQUEST}}}', 'must name at least one of Headers'],
  ['{ResourcePolicy: {}}', 'resource policies of APIs are not emulated'],
])('refuses Auth %s', async (auth, message) => {
  expect((await problemsOf(serverless(auth, event('/a')))).join('\n')).toContain(message);
});
