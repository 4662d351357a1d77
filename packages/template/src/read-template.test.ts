import { expect, test } from 'vitest';
import { lines, problemsOf, readText, sam } from '../test/read-text.ts';

const FUNCTION = `
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: index.handler
      Runtime: nodejs22.x
`;

test('names every problem at once, each with its place', async () => {
  const text = `Parameters:
  Stage: {Type: String}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Code: nowhere
      Handler: index.handler
      Runtime: nodejs22.x
      Timeout: 1000
      FileSystemConfigs: []
      Environment: {Variables: {TABLE: !Ref Tabel}}
`;
  expect(await problemsOf(text)).toEqual([
    'Template template.yaml has 6 problems:',
    'template.yaml:2:3: Parameter Stage has no value: it has no Default, and none was given.',
    'template.yaml:5:11: Table: AWS::DynamoDB::Table is not supported.',
    'template.yaml:9:7: Code of Fn: nowhere does not exist.',
    'template.yaml:12:7: Timeout of Fn must be a whole number from 1 to 900.',
    'template.yaml:13:7: FileSystemConfigs of Fn is not supported: there is no EFS here.',
    'template.yaml:14:45: Tabel is neither a resource nor a parameter of this template.',
    '--ignore-unsupported starts without what Spillway does not support.',
  ]);
});

test('goes on without what is not supported when told to; references to it give its name', async () => {
  const text = sam(`${FUNCTION}      Layers: [arn:aws:lambda:eu-west-1:1:layer:x:1]
      Environment: {Variables: {TABLE: !Ref Table, ARN: !GetAtt Table.Arn}}
  Table:
    Type: AWS::DynamoDB::Table
`);
  const { functions, warnings } = await readText(text, { ignoreUnsupported: true });
  expect(functions[0]?.environment).toEqual({ TABLE: 'Table', ARN: 'Table.Arn' });
  expect(functions[0]?.layers).toEqual([]);
  expect(lines(warnings)).toEqual([
    '13:11: Table: AWS::DynamoDB::Table is not supported. It is left out (--ignore-unsupported).',
    expect.stringMatching(
      /^10:7: Layers of Fn: the layer arn:aws:lambda:eu-west-1:1:layer:x:1 is not supported: .* It is left out \(--ignore-unsupported\)\.$/,
    ),
  ]);
});

test('a syntax error has file, line and column', async () => {
  const [, problem] = await problemsOf('Resources:\n  Fn:\n    Type: X\n   Properties: {}\n');
  expect(problem).toMatch(/^template\.yaml:4:\d+: /);
});

test.each([
  ['', 'template.yaml:1:1: This is no template: a template is a map with the key Resources.'],
  ['Resources: {}', 'template.yaml:1:12: The template has no Resources.'],
  ['- a', 'template.yaml:1:1: This is no template: a template is a map with the key Resources.'],
  ['Resources: {A: {}}', 'template.yaml:1:13: The resource A has no Type.'],
  ['Rules: {}\nResources: {A: {Type: AWS::IAM::Role}}', 'template.yaml:1:1: The section Rules is not supported.'],
  [
    'Transform: My::Macro\nResources: {A: {Type: AWS::IAM::Role}}',
    'template.yaml:1:12: The transform My::Macro is not supported: macros run at AWS only.',
  ],
  [
    `Resources:${FUNCTION}`,
    'template.yaml:3:11: AWS::Serverless::Function takes "Transform: AWS::Serverless-2016-10-31" at the top of the template; CloudFormation refuses it without.',
  ],
])('refuses %j', async (text, problem) => {
  expect(await problemsOf(text)).toContain(problem);
});

test('a template that does not exist is a UsageError that says where it was looked for', async () => {
  await expect(readText('', { file: 'other.yaml' })).rejects.toThrow(
    /shop\/other\.yaml does not exist\. Name one with --template FILE\.$/,
  );
});

test('the stack is named after the directory, or after the file', async () => {
  expect((await readText(sam(FUNCTION))).name).toBe('shop');
  expect((await readText('', { file: 'my_files.yml', files: { 'my_files.yml': sam(FUNCTION) } })).name).toBe(
    'my-files',
  );
});

test('the output of sam build gives the same stack and ids as its source', async () => {
  const events = '      Events: {Get: {Type: Api, Properties: {Path: /a, Method: get}}}\n';
  const source = await readText(sam(FUNCTION + events));
  const built = sam(
    FUNCTION.replace('CodeUri: src', 'CodeUri: Fn') +
      events +
      '    Metadata: {SamResourceId: Fn, BuildMethod: esbuild}\n',
  );
  const output = await readText('', {
    file: '.aws-sam/build/template.yaml',
    files: { '.aws-sam/build/template.yaml': built, '.aws-sam/build/Fn/index.mjs': '' },
  });
  expect(output.name).toBe('shop');
  expect(output.restApis).toEqual(source.restApis);
  expect(output.functions[0]?.code).toMatchObject({
    kind: 'directory',
    path: expect.stringMatching(/shop\/\.aws-sam\/build\/Fn$/),
  });
  expect(output.warnings.filter(({ message }) => /sam build/.test(message))).toEqual([]);
});

test('a function that sam build would build is warned about', async () => {
  const { warnings } = await readText(sam(`${FUNCTION}    Metadata: {BuildMethod: esbuild}\n`));
  expect(lines(warnings)).toEqual([expect.stringMatching(/^4:3: Fn is built by esbuild, which Spillway does not run/)]);
});

test('JSON is read like YAML', async () => {
  const resources = {
    Fn: {
      Type: 'AWS::Serverless::Function',
      Properties: { CodeUri: 'src', Handler: 'index.handler', Runtime: 'nodejs22.x' },
    },
  };
  const json = JSON.stringify(
    { Transform: ['AWS::LanguageExtensions', 'AWS::Serverless-2016-10-31'], Resources: resources },
    null,
    '\t',
  );
  const fromJson = await readText('', { file: 'template.json', files: { 'template.json': json } });
  const fromYaml = await readText(sam(FUNCTION));
  expect(fromJson.functions.map(({ code: _code, ...rest }) => rest)).toEqual(
    fromYaml.functions.map(({ code: _code, ...rest }) => rest),
  );
});

test('parameters, conditions, mappings and outputs come together', async () => {
  const text = sam(
    `${FUNCTION}      FunctionName: !Sub "\${AWS::StackName}-\${Stage}"
      MemorySize: !FindInMap [Sizes, !Ref Stage, mb]
      Timeout: !If [IsProd, 60, !Ref AWS::NoValue]
  Extra:
    Type: AWS::S3::Bucket
    Condition: IsProd
`,
    `Parameters:
  Stage: {Type: String, Default: test, AllowedValues: [test, prod]}
Mappings: {Sizes: {test: {mb: 256}, prod: {mb: 512}}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Outputs:
  Arn: {Value: !GetAtt Fn.Arn, Description: whose}
  Bucket: {Condition: IsProd, Value: !Ref Extra}
`,
  );
  const byDefault = await readText(text);
  expect(byDefault.functions[0]).toMatchObject({ functionName: 'shop-test', memorySizeMb: 256, timeoutSeconds: 3 });
  expect(byDefault.buckets).toEqual([]);
  expect(byDefault.outputs).toEqual([
    { name: 'Arn', value: 'arn:aws:lambda:eu-west-1:000000000000:function:shop-test', description: 'whose' },
  ]);
  const prod = await readText(text, { parameters: { Stage: 'prod' } });
  expect(prod.functions[0]).toMatchObject({ functionName: 'shop-prod', memorySizeMb: 512, timeoutSeconds: 60 });
  expect(prod.outputs[1]).toEqual({ name: 'Bucket', value: 'extra' });
});

test('a reference to a resource whose condition is false is named', async () => {
  const text = sam(
    `${FUNCTION}      Environment: {Variables: {B: !Ref Extra}}
  Extra: {Type: AWS::S3::Bucket, Condition: Never}
`,
    'Conditions: {Never: !Equals [a, b]}\n',
  );
  expect(await problemsOf(text)).toContain(
    'template.yaml:11:41: Extra is not created, since its condition Never is false.',
  );
});

test('names that refer to each other are no endless loop', async () => {
  const text = sam(
    '  A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref B}}\n  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref A}}\n',
  );
  expect((await problemsOf(text)).join()).toContain('refers to itself');
});

test('IAM, log groups and metadata are listed as not enforced', async () => {
  const text = sam(`${FUNCTION}      Policies: AmazonS3ReadOnlyAccess
      LoggingConfig: {LogGroup: !Ref Logs, LogFormat: JSON, ApplicationLogLevel: WARN}
  Role: {Type: AWS::IAM::Role}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /mine}}
`);
  const { notEnforced, warnings, functions } = await readText(text);
  expect(warnings).toEqual([]);
  expect(functions[0]).toMatchObject({ logGroup: '/mine', logFormat: 'JSON', applicationLogLevel: 'WARN' });
  expect(lines(notEnforced)).toEqual([
    '12:16: Role (AWS::IAM::Role): IAM is not enforced.',
    '13:16: Logs (AWS::Logs::LogGroup): log groups appear with their first event and never expire.',
    '10:7: Policies of Fn: IAM is not enforced.',
  ]);
});
