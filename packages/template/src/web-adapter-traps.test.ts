import { expect, test } from 'vitest';
import { lines, readText, sam } from '../test/read-text.ts';

interface Settings {
  readonly layers?: string;
  readonly wrapper?: string;
  readonly mode?: string;
  readonly port?: string;
  readonly handler?: string;
  readonly runtime?: string;
  readonly architecture?: string;
  readonly event?: string;
  readonly more?: string;
}

const LAYER = 'arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayer';
const STREAM = ', ResponseTransferMode: RESPONSE_STREAM';

const template = (settings: Settings) => {
  const { handler = 'run.sh', runtime = 'python3.12', architecture = 'x86_64', event = STREAM, more = '' } = settings;
  const { layers = `${LAYER}X86:27`, wrapper = '/opt/bootstrap', mode = 'response_stream', port = '8080' } = settings;
  const variables = Object.entries({ AWS_LAMBDA_EXEC_WRAPPER: wrapper, AWS_LWA_INVOKE_MODE: mode, PORT: port });
  const given = variables.filter(([, value]) => value !== '').map(([name, value]) => `${name}: "${value}"`);
  return sam(`  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, EndpointConfiguration: REGIONAL}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Timeout: 900
      Handler: ${handler}
      Runtime: ${runtime}
      Architectures: [${architecture}]
      Layers: [${layers}]
      Environment: {Variables: {${given.join(', ')}}}
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: "/a/{key+}", Method: get${event}}}}
${more}`);
};

const warningsOf = async (settings: Settings) =>
  lines((await readText(template(settings), { files: { 'src/run.sh': '#!/bin/sh\n' } })).warnings);

test.each([
  {},
  { mode: 'RESPONSE_STREAM' },
  { mode: '', event: '' },
  { mode: 'buffered', event: '' },
  { port: '' },
  { architecture: 'arm64', layers: `${LAYER}Arm64:27` },
  { runtime: 'provided.al2023', wrapper: '', handler: 'bootstrap' },
])('has nothing to say about %j', async (settings) => {
  expect(await warningsOf(settings)).toEqual([]);
});

test.each<[Settings, RegExp]>([
  [
    { mode: '' },
    /^16:\d+: GET \/a\/\{key\+\} streams, but AWS_LWA_INVOKE_MODE of Fn is not set, so the adapter buffers: every request is answered 500\. Set AWS_LWA_INVOKE_MODE: response_stream\.$/,
  ],
  [{ mode: 'stream' }, /streams, but AWS_LWA_INVOKE_MODE of Fn is stream, so the adapter buffers/],
  [
    { event: '' },
    /^16:\d+: GET \/a\/\{key\+\} is BUFFERED, but AWS_LWA_INVOKE_MODE of Fn is response_stream: clients get status and headers, but no body\./,
  ],
  [
    { layers: '' },
    /^15:7: AWS_LAMBDA_EXEC_WRAPPER of Fn is \/opt\/bootstrap, but the function has no layer .* "\/opt\/bootstrap: does not exist"/,
  ],
  [{ wrapper: '' }, /^14:7: Fn has the web adapter's layer, but no AWS_LAMBDA_EXEC_WRAPPER: Lambda starts the runtime/],
  [
    { handler: 'lambda_function.lambda_handler' },
    /^11:7: Handler of Fn is lambda_function\.lambda_handler, and .* "\/opt\/bootstrap: \.\.\. \/var\/task\/lambda_function\.lambda_handler: No such file or directory"\.$/,
  ],
  [{ architecture: 'arm64' }, /^14:7: Fn is arm64, but arn:\S+X86:27 is for x86_64: .*exec format error/],
  [{ port: '80' }, /^15:7: PORT of Fn is 80: only root may listen below 1024/],
  [{ port: '9001' }, /PORT of Fn is 9001: it is the Runtime API's on Lambda/],
  [{ port: '3000' }, /PORT of Fn is 3000: it is CloudWatch Lambda Insights'/],
])('warns about %j', async (settings, message) => {
  expect(await warningsOf(settings)).toEqual([expect.stringMatching(message)]);
});

test('compares the architectures that a layer of the template names', async () => {
  const more = `  Tools:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: src, CompatibleArchitectures: [arm64]}
`;
  expect(await warningsOf({ layers: `${LAYER}X86:27, !Ref Tools`, more })).toEqual([
    expect.stringMatching(/^14:7: Fn is x86_64, but layer Tools is for arm64: /),
  ]);
});
