import { expect, test } from 'vitest';
import { lines, problemsOf, readText, sam } from '../../test/read-text.ts';

const LAYER = 'arn:aws:lambda:eu-west-1:000000000000:layer';
const WEB_ADAPTER = 'arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayer';

const fn = (layers: string, more = '') => `  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: index.handler
      Runtime: python3.12
      Layers: ${layers}
${more}`;

const layersOf = async (resources: string, head = '') => {
  const { functions } = await readText(sam(resources, head), { files: { 'layer/a.txt': '', 'b.zip': '' } });
  return functions[0]?.layers;
};

const LAYERS = `  Tools:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer, CompatibleRuntimes: [python3.12], CompatibleArchitectures: [x86_64, arm64]}
  Other:
    Type: AWS::Lambda::LayerVersion
    Properties: {LayerName: other-tools, Content: b.zip}
`;

test('reads layers from directories and zip files, in the order in which a function names them', async () => {
  expect(await layersOf(fn('[!Ref Other, !Ref Tools]', LAYERS))).toEqual([
    { kind: 'zip', path: expect.stringMatching(/\/shop\/b\.zip$/), name: 'other-tools' },
    {
      kind: 'directory',
      path: expect.stringMatching(/\/shop\/layer$/),
      name: 'Tools',
      compatibleArchitectures: ['x86_64', 'arm64'],
    },
  ]);
});

test('joins the layers of Globals and those of the function', async () => {
  const globals = `Globals: {Function: {Layers: [!Sub "${WEB_ADAPTER.replace('eu-west-1', '${' + 'AWS::Region}')}X86:27"]}}\n`;
  expect(await layersOf(fn('[!Ref Tools]', LAYERS), globals)).toMatchObject([
    { kind: 'web-adapter', architecture: 'x86_64', arn: `${WEB_ADAPTER}X86:27` },
    { kind: 'directory', name: 'Tools' },
  ]);
});

test.each([
  ['x86_64', 'X86'],
  ['arm64', 'Arm64'],
])('knows the public parameter of the web adapter for %s', async (architecture, suffix) => {
  const reference = `["{{resolve:ssm:/lambda-web-adapter/layer/${architecture}/latest}}"]`;
  expect(await layersOf(fn(`${reference}\n      Architectures: [${architecture}]`))).toEqual([
    { kind: 'web-adapter', architecture, arn: `${WEB_ADAPTER}${suffix}:27` },
  ]);
});

test('gives the ARN of a layer version to whoever refers to it', async () => {
  const outputs = `Outputs: {A: {Value: !Ref Tools}, B: {Value: !GetAtt Other.LayerVersionArn}}\n`;
  const stack = await readText(sam(LAYERS, outputs), { files: { 'layer/a.txt': '', 'b.zip': '' } });
  expect(stack.outputs).toEqual([
    { name: 'A', value: `${LAYER}:Tools:1` },
    { name: 'B', value: `${LAYER}:other-tools:1` },
  ]);
});

test.each([
  [
    'arn:aws:lambda:eu-west-1:017000801446:layer:Powertools:3',
    'Layers of Fn: the layer arn:aws:lambda:eu-west-1:017000801446:layer:Powertools:3 is not supported: layers at AWS are not fetched. Download it (curl -o Powertools.zip "$(aws lambda get-layer-version-by-arn --region eu-west-1 --arn arn:aws:lambda:eu-west-1:017000801446:layer:Powertools:3',
  ],
  ['powertools', 'Layers of Fn: "powertools" is not the ARN of a layer version.'],
  [
    `${WEB_ADAPTER}X86:26, ${WEB_ADAPTER}X86:27`,
    `Two different versions of the same layer are not allowed to be referenced in the same function. ${WEB_ADAPTER}X86:26 and ${WEB_ADAPTER}X86:27 are versions of the same layer.`,
  ],
  [
    ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${LAYER}:${name}:1`).join(', '),
    'Cannot reference more than 5 layers.',
  ],
])('refuses the layers %s', async (layers, message) => {
  expect((await problemsOf(sam(fn(`[${layers}]`)))).join('\n')).toContain(message);
});

test.each([
  ['AWS::Serverless::LayerVersion', 'ContentUri: s3://bucket/layer.zip', 'ContentUri of L is not supported: code in a'],
  ['AWS::Lambda::LayerVersion', 'Content: {S3Bucket: a, S3Key: b}', 'Content of L is not supported: code in a bucket'],
  ['AWS::Lambda::LayerVersion', 'LayerName: a', 'L has no Content.'],
  ['AWS::Serverless::LayerVersion', 'ContentUri: nowhere', 'nowhere does not exist.'],
  ['AWS::Serverless::LayerVersion', 'ContentUri: src\n      Nonsense: 1', 'Nonsense of L is not supported'],
])('refuses a layer of type %s with %s', async (type, property, message) => {
  const text = sam(`  L:\n    Type: ${type}\n    Properties:\n      ${property}\n`);
  expect((await problemsOf(text)).join('\n')).toContain(message);
});

test('says that a layer with a BuildMethod is used as it stands', async () => {
  const text = sam(`  L:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: src, RetentionPolicy: Delete}
    Metadata: {BuildMethod: python3.12}
`);
  const { warnings, notEnforced } = await readText(text);
  expect(lines(warnings)).toEqual([expect.stringContaining('L is built by python3.12, which Spillway does not run')]);
  expect(lines(notEnforced)).toEqual([expect.stringContaining('RetentionPolicy of L: every start makes version 1.')]);
});
