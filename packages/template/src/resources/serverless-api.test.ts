import type { Stack } from '@spillway/wire';
import { expect, test } from 'vitest';
import { problemsOf, readText, sam } from '../../test/read-text.ts';

const FUNCTION = `  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: index.handler
      Runtime: nodejs22.x
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: GET}}
        Post: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: POST}}
`;

const api = (more: string) =>
  sam(`${FUNCTION}  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
${more}`);

const methodsOf = ({ restApis }: Stack, path: string) =>
  restApis[0]?.restApi.resources.find((resource) => resource.path === path)?.methods ?? {};

test('takes stage, variables, log settings, name and binary media types', async () => {
  const { restApis } = await readText(
    api(`      Name: files
      BinaryMediaTypes: ["*/*", image~1png]
      Variables: {a: 1}
      AccessLogSetting: {DestinationArn: "arn:aws:logs:x", Format: $context.requestId}
      MethodSettings: [{ResourcePath: "/*", HttpMethod: "*", LoggingLevel: INFO}]
      EndpointConfiguration: {Type: PRIVATE}
`),
  );
  expect(restApis[0]).toMatchObject({
    restApi: { name: 'files', binaryMediaTypes: ['*/*', 'image/png'], endpointType: 'PRIVATE' },
    stages: [
      {
        stageName: 'v1',
        variables: { a: '1' },
        accessLogSettings: { destinationArn: 'arn:aws:logs:x', format: '$context.requestId' },
        loggingLevel: 'INFO',
      },
    ],
  });
});

test('Cors as text: OPTIONS answers with the methods of the path, as SAM writes it', async () => {
  const methods = methodsOf(await readText(api(`      Cors: "'https://a.example'"\n`)), '/a');
  expect(methods['OPTIONS']?.integration).toMatchObject({
    type: 'MOCK',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    integrationResponses: [
      {
        statusCode: '200',
        responseParameters: {
          'method.response.header.Access-Control-Allow-Origin': "'https://a.example'",
          'method.response.header.Access-Control-Allow-Methods': "'GET,OPTIONS,POST'",
        },
      },
    ],
  });
});

test('Cors as a map', async () => {
  const cors = `      Cors: {AllowOrigin: "'x'", AllowHeaders: "'Range'", AllowMethods: "'GET'", MaxAge: "'600'", AllowCredentials: true}\n`;
  const [response] = methodsOf(await readText(api(cors)), '/a')['OPTIONS']?.integration?.integrationResponses ?? [];
  expect(response?.responseParameters).toEqual({
    'method.response.header.Access-Control-Allow-Origin': "'x'",
    'method.response.header.Access-Control-Allow-Headers': "'Range'",
    'method.response.header.Access-Control-Allow-Methods': "'GET'",
    'method.response.header.Access-Control-Max-Age': "'600'",
    'method.response.header.Access-Control-Allow-Credentials': "'true'",
  });
});

test.each([
  [`Cors: {AllowCredentials: true}`, 'AllowCredentials cannot be true'],
  [`Cors: {Wrong: 1}`, "Invalid key 'Wrong' for 'Cors' property."],
  ['EndpointConfiguration: LOCAL', 'must be one of EDGE, REGIONAL, PRIVATE'],
  ['DefinitionUri: s3://a/b', 'code in a bucket is not fetched'],
  ['DefinitionUri: none.yaml', 'none.yaml cannot be read.'],
  ['MethodSettings: [{ResourcePath: "/*", HttpMethod: "*", ThrottlingRateLimit: 1}]', 'the gateway does not throttle'],
  ['MethodSettings: [{ResourcePath: /a, HttpMethod: "*", LoggingLevel: INFO}]', 'Api.MethodSettings is not supported'],
])('refuses %s', async (property, message) => {
  expect((await problemsOf(api(`      ${property}\n`))).join('\n')).toContain(message);
});

const DOCUMENT = `openapi: 3.0.1
paths:
  /a:
    get:
      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: "http://127.0.0.1:1/"}
    post:
      x-amazon-apigateway-integration: {type: mock}
`;

test('with an OpenAPI document events add the permission alone', async () => {
  const stack = await readText(api('      DefinitionUri: api.yaml\n'), { files: { 'api.yaml': DOCUMENT } });
  expect(methodsOf(stack, '/a')['GET']?.integration?.type).toBe('HTTP_PROXY');
  expect(stack.permissions).toHaveLength(2);
});

test('warns about an event that the document does not define', async () => {
  const files = { 'api.yaml': DOCUMENT.replace(/ {4}post:\n.*\n$/, '') };
  const { warnings } = await readText(api('      DefinitionUri: api.yaml\n'), { files });
  expect(warnings.map(({ message }) => message)).toContain(
    'POST /a is not in the OpenAPI document of Api: SAM adds the permission for it, but no method.',
  );
});

test('DefinitionBody may include a file, in which functions are resolved; in a DefinitionUri they are not', async () => {
  const document = DOCUMENT.replace('"http://127.0.0.1:1/"', `{"Fn::Sub": "http://\${AWS::Region}/"}`);
  const files = { 'api.yaml': document };
  const include = '      DefinitionBody: {"Fn::Transform": {Name: "AWS::Include", Parameters: {Location: api.yaml}}}\n';
  expect(methodsOf(await readText(api(include), { files }), '/a')['GET']?.integration?.uri).toBe('http://eu-west-1/');
  expect(await problemsOf(api('      DefinitionUri: api.yaml\n'), { files })).toContainEqual(
    expect.stringMatching(/^api\.yaml:5:\d+: CloudFormation resolves no intrinsic functions/),
  );
});
