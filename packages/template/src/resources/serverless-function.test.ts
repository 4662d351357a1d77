import { expect, test } from 'vitest';
import { problemsOf, readText, sam } from '../../test/read-text.ts';

const fn = (more: string, name = 'Fn') => `  ${name}:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: index.handler
      Runtime: nodejs22.x
${more}`;

test('fills in the defaults of Lambda', async () => {
  const { functions } = await readText(sam(fn('')));
  expect(functions).toEqual([
    {
      functionName: 'Fn',
      logicalId: 'Fn',
      runtime: 'nodejs22.x',
      handler: 'index.handler',
      code: { kind: 'directory', path: expect.stringMatching(/^\/.*\/shop\/src$/) },
      architecture: 'x86_64',
      timeoutSeconds: 3,
      memorySizeMb: 128,
      environment: {},
      layers: [],
      logFormat: 'Text',
    },
  ]);
});

test('takes every setting, numbers and booleans in the environment as text', async () => {
  const { functions } = await readText(
    sam(
      fn(`      FunctionName: mine
      Architectures: [arm64]
      MemorySize: 512
      ReservedConcurrentExecutions: 0
      Role: !GetAtt Role.Arn
      Environment: {Variables: {A: 1, B: true, C: x}}
  Role: {Type: AWS::IAM::Role}
`),
    ),
  );
  expect(functions[0]).toMatchObject({
    functionName: 'mine',
    architecture: 'arm64',
    memorySizeMb: 512,
    reservedConcurrentExecutions: 0,
    role: 'arn:aws:iam::000000000000:role/Role',
    environment: { A: '1', B: 'true', C: 'x' },
  });
});

test('merges Globals: maps joined, lists appended, the own value wins', async () => {
  const globals = `Globals:
  Function:
    Timeout: 10
    Runtime: nodejs20.x
    Architectures: [arm64]
    Environment: {Variables: {A: global, B: global}}
`;
  const { functions } = await readText(
    sam(
      fn('      Architectures: [x86_64]\n      Environment: {Variables: {B: own}}\n') +
        fn('    IgnoreGlobals: "*"\n', 'Other'),
      globals,
    ),
  );
  expect(functions[0]).toMatchObject({
    timeoutSeconds: 10,
    runtime: 'nodejs22.x',
    architecture: 'x86_64',
    environment: { A: 'global', B: 'own' },
  });
  expect(functions[1]).toMatchObject({ timeoutSeconds: 3, environment: {} });
});

test('a streamed Api event: mode, URI, timeout, and the permission that SAM adds', async () => {
  const text = sam(
    `${fn(`      Events:
        Get:
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: "/download/{key+}", Method: get, ResponseTransferMode: RESPONSE_STREAM, TimeoutInMillis: 900000}
        All:
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: /all/, Method: any}
`)}  Api: {Type: AWS::Serverless::Api, Properties: {StageName: v1}}
`,
  );
  const { restApis, permissions } = await readText(text);
  const { id, resources } = restApis[0]?.restApi ?? { id: '', resources: [] };
  expect(id).toMatch(/^[a-z0-9]{10}$/);
  const byPath = new Map(resources.map(({ path, methods }) => [path, methods]));
  expect(byPath.get('/download/{key+}')?.['GET']?.integration).toEqual({
    type: 'AWS_PROXY',
    httpMethod: 'POST',
    uri: 'arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/arn:aws:lambda:eu-west-1:000000000000:function:Fn/response-streaming-invocations',
    responseTransferMode: 'STREAM',
    timeoutInMillis: 900_000,
    passthroughBehavior: 'WHEN_NO_MATCH',
    requestParameters: {},
    requestTemplates: {},
    integrationResponses: [],
  });
  expect(byPath.get('/all')?.['ANY']?.integration).toMatchObject({
    uri: expect.stringMatching(/\/2015-03-31\/functions\/.*:Fn\/invocations$/),
    responseTransferMode: 'BUFFERED',
  });
  expect(permissions).toEqual([
    {
      functionName: 'Fn',
      statementId: 'FnGetPermission',
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:eu-west-1:000000000000:${id}/*/GET/download/*`,
    },
    expect.objectContaining({ sourceArn: `arn:aws:execute-api:eu-west-1:000000000000:${id}/*/*/all` }),
  ]);
});

test('events without RestApiId make the implicit API, with the stage Prod and the Globals of Api', async () => {
  const text = sam(
    `${fn('      Events: {Get: {Type: Api, Properties: {Path: /a, Method: GET}}}\n')}`,
    `Globals: {Api: {EndpointConfiguration: REGIONAL, BinaryMediaTypes: [image~1png]}}
Outputs:
  Url: {Value: !Sub "https://\${ServerlessRestApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/\${ServerlessRestApiProdStage}/\${ServerlessRestApi.Stage}"}
  Role: {Value: !GetAtt FnRole.Arn}
`,
  );
  const { restApis, outputs } = await readText(text);
  expect(restApis[0]).toMatchObject({
    logicalId: 'ServerlessRestApi',
    restApi: { endpointType: 'REGIONAL', binaryMediaTypes: ['image/png'] },
    stages: [{ stageName: 'Prod', variables: {} }],
  });
  expect(outputs.map(({ value }) => value)).toEqual([
    `https://${restApis[0]?.restApi.id}.execute-api.eu-west-1.amazonaws.com/Prod/Prod`,
    'arn:aws:iam::000000000000:role/FnRole',
  ]);
});

test('two functions with one event path are named', async () => {
  const event = '      Events: {Get: {Type: Api, Properties: {Path: /a, Method: GET}}}\n';
  expect(await problemsOf(sam(fn(event) + fn(event, 'Other')))).toContain(
    'template.yaml:16:46: GET /a of ServerlessRestApi is defined twice.',
  );
});

test.each([
  ['TimeoutInMillis: 30000', 'Timeout should be between 50 ms and 29000 ms. More takes ResponseTransferMode STREAM.'],
  ['TimeoutInMillis: 49', 'Timeout should be between 50 ms and 29000 ms.'],
  ['ResponseTransferMode: RESPONSE_STREAM, TimeoutInMillis: 900001', 'Timeout should be between 50 ms and 900000 ms.'],
  ['RestApiId: !Ref Fn', 'RestApiId of Fn.Events.Get.Properties is no AWS::Serverless::Api of this template.'],
])('refuses an event with %s', async (property, message) => {
  const text = sam(fn(`      Events: {Get: {Type: Api, Properties: {Path: /a, Method: GET, ${property}}}}\n`));
  expect((await problemsOf(text)).join('\n')).toContain(message);
});

test.each([
  ['Events: {A: {Type: Schedule}}', 'of type Schedule is not supported'],
  ['Events: {A: {Type: HttpApi}}', 'HTTP APIs cannot stream responses'],
  ['Layers: [x]', 'Layers of Fn: "x" is not the ARN of a layer version.'],
  ['AutoPublishAlias: live', 'versions and aliases are not emulated'],
  ['PackageType: Image', 'container images are not run'],
  ['Wrong: 1', 'Wrong of Fn is not supported: Spillway does not know this property.'],
  ['FunctionName: a b', 'The function name "a b"'],
])('refuses %s', async (property, message) => {
  expect((await problemsOf(sam(fn(`      ${property}\n`)))).join('\n')).toContain(message);
});

test.each(['s3://bucket/key', '{Bucket: b, Key: k}'])('refuses code in a bucket: %s', async (uri) => {
  const text = sam(fn('').replace('CodeUri: src', `CodeUri: ${uri}`));
  expect(await problemsOf(text)).toContain(
    'template.yaml:6:7: CodeUri of Fn is not supported: code in a bucket is not fetched. Give the template before it was packaged, or point it at a local directory or zip file.',
  );
});

test('takes a zip file and inline code, and refuses another file', async () => {
  const files = { 'code.zip': 'PK', 'app.js': '' };
  const withCode = (code: string) => sam(fn('').replace('CodeUri: src', code));
  const zip = await readText(withCode('CodeUri: ./code.zip'), { files });
  expect(zip.functions[0]?.code).toEqual({ kind: 'zip', path: expect.stringMatching(/shop\/code\.zip$/) });
  const inline = await readText(withCode('InlineCode: "exports.handler = 1"'));
  expect(inline.functions[0]?.code).toEqual({ kind: 'inline', source: 'exports.handler = 1' });
  expect((await problemsOf(withCode('CodeUri: app.js'), { files })).join()).toContain(
    'is neither a directory nor a zip file',
  );
});
