import { expect, test } from 'vitest';
import { lines, problemsOf, readText } from '../test/read-text.ts';

const api = (body: string) => `Resources:
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
  Fn: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: x}, Handler: index.handler, Runtime: nodejs22.x, Timeout: 900}}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      EndpointConfiguration: {Types: [REGIONAL]}
      Body:
${body.replaceAll(/^/gm, '        ')}
`;

const methodsOf = async (body: string) => {
  const { restApis } = await readText(api(body));
  return new Map(restApis[0]?.restApi.resources.map(({ path, methods }) => [path, methods]));
};

test('reads a streamed integration with functions in it, STREAM in any case', async () => {
  const methods = await methodsOf(`openapi: 3.0.1
paths:
  /files/{key+}:
    parameters: [{$ref: "#/components/parameters/Key"}]
    x-amazon-apigateway-any-method:
      parameters: [{name: q, in: query}]
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: !Sub arn:aws:apigateway:\${AWS::Region}:lambda:path/2021-11-15/functions/\${Fn.Arn}/response-streaming-invocations
        responseTransferMode: stream
        timeoutInMillis: 900000
        passthroughBehavior: when_no_templates
        credentials: arn:aws:iam::000000000000:role/r
components:
  parameters:
    Key: {name: key, in: path, required: true}`);
  expect(methods.get('/files/{key+}')?.['ANY']).toEqual({
    httpMethod: 'ANY',
    authorizationType: 'NONE',
    requestParameters: { 'method.request.path.key': true, 'method.request.querystring.q': false },
    integration: {
      type: 'AWS_PROXY',
      httpMethod: 'POST',
      uri: 'arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/arn:aws:lambda:eu-west-1:000000000000:function:Fn/response-streaming-invocations',
      responseTransferMode: 'STREAM',
      timeoutInMillis: 900_000,
      credentials: 'arn:aws:iam::000000000000:role/r',
      passthroughBehavior: 'WHEN_NO_TEMPLATES',
      requestParameters: {},
      requestTemplates: {},
      integrationResponses: [],
    },
  });
});

test('reads a MOCK with its responses', async () => {
  const methods = await methodsOf(`swagger: "2.0"
paths:
  /:
    options:
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses:
          default: {statusCode: 200, responseParameters: {method.response.header.A: "'x'"}}
          "4..": {statusCode: 400, responseTemplates: {application/json: no}}`);
  expect(methods.get('/')?.['OPTIONS']?.integration?.integrationResponses).toEqual([
    { statusCode: '200', responseParameters: { 'method.response.header.A': "'x'" }, responseTemplates: {} },
    {
      statusCode: '400',
      selectionPattern: '4..',
      responseParameters: {},
      responseTemplates: { 'application/json': 'false' },
    },
  ]);
});

test('reads settings of the whole API', async () => {
  const { restApis, notEnforced } = await readText(
    api(`openapi: 3.0.1
x-amazon-apigateway-importexport-version: "1.0"
x-amazon-apigateway-binary-media-types: [image/png]
x-amazon-apigateway-endpoint-configuration: {disableExecuteApiEndpoint: true}
x-amazon-apigateway-api-key-source: AUTHORIZER
paths: {}`),
  );
  expect(restApis[0]?.restApi).toMatchObject({
    binaryMediaTypes: ['image/png'],
    disableExecuteApiEndpoint: true,
    apiKeySource: 'AUTHORIZER',
  });
  expect(lines(notEnforced)).toEqual([
    '10:9: x-amazon-apigateway-importexport-version of the OpenAPI document of Api: descriptive only.',
  ]);
});

const withOperation = (operation: string) => `openapi: 3.0.1\npaths: {/a: {get: {${operation}}}}`;
const INTEGRATION = 'x-amazon-apigateway-integration';

test.each([
  [
    withOperation(`security: [{key: []}], ${INTEGRATION}: {type: mock}`),
    'security key of GET /a is not supported: it has no security scheme.',
  ],
  [
    withOperation(`x-amazon-apigateway-auth: {type: CUSTOM}, ${INTEGRATION}: {type: mock}`),
    'x-amazon-apigateway-auth CUSTOM of GET /a is not supported: NONE and AWS_IAM are.',
  ],
  [withOperation('summary: x'), 'AWS refuses to deploy it ("No integration defined for method").'],
  [
    withOperation(`${INTEGRATION}: {type: aws, httpMethod: POST, uri: x}`),
    'mapping templates are not emulated. Use AWS_PROXY.',
  ],
  [withOperation(`${INTEGRATION}: {type: mock, responseTransferMode: STREAM}`), 'AWS_PROXY and HTTP_PROXY only'],
  [
    withOperation(`${INTEGRATION}: {type: http_proxy, uri: "http://a/"}`),
    'Enumeration value for HttpMethod must be non-empty',
  ],
  [
    withOperation(`${INTEGRATION}: {type: http_proxy, httpMethod: GET, uri: "http://a/", connectionType: VPC_LINK}`),
    'VPC links are not emulated',
  ],
  [
    withOperation(
      `${INTEGRATION}: {type: aws_proxy, httpMethod: POST, uri: "arn:aws:apigateway:eu-west-1:sqs:path/x"}`,
    ),
    "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
  ],
  [withOperation(`${INTEGRATION}: {type: mock, responseTransferMode: RESPONSE_STREAM}`), 'an integration says STREAM'],
  [
    withOperation(`${INTEGRATION}: {type: mock, timeoutInMillis: 30000}`),
    'Timeout should be between 50 ms and 29000 ms.',
  ],
  ['openapi: 3.0.1\nx-amazon-apigateway-policy: {}\npaths: {}', 'resource policies of APIs are not emulated'],
  ['paths: {}', 'Invalid OpenAPI input.'],
])('refuses %j', async (body, message) => {
  expect((await problemsOf(api(body))).join('\n')).toContain(message);
});

const SECURED = `openapi: 3.0.1
components:
  securitySchemes:
    token:
      type: apiKey
      name: X-Token
      in: header
      x-amazon-apigateway-authtype: custom
      x-amazon-apigateway-authorizer:
        type: token
        authorizerUri: arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:000000000000:function:Fn/invocations
        authorizerResultTtlInSeconds: 0
    iam: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
    key: {type: apiKey, name: x-api-key, in: header}
    pool:
      type: apiKey
      x-amazon-apigateway-authorizer: {type: cognito_user_pools}
x-amazon-apigateway-gateway-responses:
  ACCESS_DENIED: {statusCode: 404, responseTemplates: {application/json: '{}'}}
paths:
  /a:
    get: {security: [{token: []}], x-amazon-apigateway-integration: {type: mock}}
    put: {security: [{iam: []}, {key: []}], x-amazon-apigateway-integration: {type: mock}}
    post: {x-amazon-apigateway-auth: {type: AWS_IAM}, x-amazon-apigateway-integration: {type: mock}}
    patch: {security: [SCHEME], x-amazon-apigateway-integration: {type: mock}}`;

test('reads authorizers, API keys, IAM and gateway responses', async () => {
  const body = SECURED.replace('SCHEME', '{key: []}').replace(/ {4}pool:.*?\n(?=x-)/s, '');
  const { restApis } = await readText(api(body));
  const { authorizers = [], gatewayResponses, resources = [] } = restApis[0]?.restApi ?? {};
  expect(authorizers).toMatchObject([
    { name: 'token', type: 'TOKEN', identitySource: 'method.request.header.X-Token', authorizerResultTtlInSeconds: 0 },
  ]);
  expect(gatewayResponses).toEqual([
    {
      responseType: 'ACCESS_DENIED',
      statusCode: '404',
      responseParameters: {},
      responseTemplates: { 'application/json': '{}' },
    },
  ]);
  const methods = resources.find(({ path }) => path === '/a')?.methods;
  expect(methods).toMatchObject({
    GET: { authorizationType: 'CUSTOM', authorizerId: authorizers[0]?.id },
    PUT: { authorizationType: 'AWS_IAM', apiKeyRequired: true },
    POST: { authorizationType: 'AWS_IAM' },
    PATCH: { authorizationType: 'NONE', apiKeyRequired: true },
  });
});

test('refuses Cognito by name', async () => {
  const problems = await problemsOf(api(SECURED.replace('SCHEME', '{pool: []}')));
  expect(problems.join('\n')).toContain('Authorizer pool of type cognito_user_pools is not supported');
});
