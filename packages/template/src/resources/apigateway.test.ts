import { expect, test } from 'vitest';
import { problemsOf, readText } from '../../test/read-text.ts';

const TEMPLATE = `Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: files, EndpointConfiguration: {Types: [REGIONAL]}}}
  Key: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Files, PathPart: "{key+}"}}
  Files: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: files}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Key
      HttpMethod: GET
      AuthorizationType: NONE
      RequestParameters: {method.request.path.key: true}
      Integration:
        Type: HTTP_PROXY
        IntegrationHttpMethod: GET
        Uri: http://127.0.0.1:9/{key}
        RequestParameters: {integration.request.path.key: method.request.path.key}
        ResponseTransferMode: STREAM
        TimeoutInMillis: 900000
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Get
    Properties: {RestApiId: !Ref Api, StageName: dev, StageDescription: {Variables: {v: 1}, LoggingLevel: ERROR}}
  Prod:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, DeploymentId: !Ref Deployment, StageName: prod}
Outputs:
  Url: {Value: !Sub "https://\${Api}.execute-api.\${AWS::Region}.amazonaws.com/\${Prod}/files"}
`;

test('reads resources in any order, methods, integrations and both kinds of stages', async () => {
  const { restApis, outputs } = await readText(TEMPLATE);
  const [{ restApi, stages }] = restApis as [(typeof restApis)[number]];
  expect(restApi).toMatchObject({ name: 'files', endpointType: 'REGIONAL' });
  expect(restApi.resources.map(({ path }) => path)).toEqual(['/', '/files', '/files/{key+}']);
  expect(new Set(restApi.resources.map(({ id }) => id)).size).toBe(3);
  expect(restApi.resources[2]?.parentId).toBe(restApi.resources[1]?.id);
  expect(restApi.resources[2]?.methods['GET']).toEqual({
    httpMethod: 'GET',
    authorizationType: 'NONE',
    requestParameters: { 'method.request.path.key': true },
    integration: {
      type: 'HTTP_PROXY',
      httpMethod: 'GET',
      uri: 'http://127.0.0.1:9/{key}',
      responseTransferMode: 'STREAM',
      timeoutInMillis: 900_000,
      passthroughBehavior: 'WHEN_NO_MATCH',
      requestParameters: { 'integration.request.path.key': 'method.request.path.key' },
      requestTemplates: {},
      integrationResponses: [],
    },
  });
  expect(stages).toEqual([
    { stageName: 'prod', variables: {} },
    { stageName: 'dev', variables: { v: '1' }, loggingLevel: 'ERROR' },
  ]);
  expect(outputs[0]?.value).toBe(`https://${restApi.id}.execute-api.eu-west-1.amazonaws.com/prod/files`);
});

test.each([
  ['ResourceId: !Ref Key', 'ResourceId: abc', '9:7: ResourceId of Get is no resource of this template.'],
  ['ParentId: !Ref Files', 'ParentId: abc', '3:3: ParentId of Key is no resource of this template.'],
  [
    'Type: HTTP_PROXY',
    'Type: MOCK',
    'ResponseTransferMode STREAM is for integrations of type AWS_PROXY and HTTP_PROXY only.',
  ],
  ['TimeoutInMillis: 900000', 'TimeoutInMillis: 20', 'Timeout should be between 50 ms and 900000 ms.'],
  ['StageName: prod', 'StageName: a b', 'The stage name "a b" may hold letters, digits, - and _ only.'],
  ['StageName: prod', 'StageName: prod, CacheClusterEnabled: true', 'the endpoint cache is not emulated'],
  ['StageName: dev', 'StageName: prod', 'Api has the stage prod twice.'],
  ['PathPart: files', 'PathPart: a/b', '4:116: "a/b" cannot be a part of a path'],
])('refuses %s as %s', async (was, is, message) => {
  expect((await problemsOf(TEMPLATE.replace(was, is))).join('\n')).toContain(message);
});
