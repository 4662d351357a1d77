import { functionUrlId } from '@spillway/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { streaming } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

// docs/function-urls.md says what these show: an HTTP_PROXY integration before a function URL calls it as anyone would.

const SOURCE = streaming(
  "console.log('entered'); await write('first'); await sleep(600); stream.end('last');",
  "{ statusCode: 200, headers: { 'Content-Type': 'text/plain', 'x-arn': String(event.requestContext.authorizer) } }",
);

const fn = (name: string, functionUrlConfig?: object) => ({
  Type: 'AWS::Serverless::Function',
  Properties: {
    FunctionName: name,
    CodeUri: 'code',
    Handler: 'index.handler',
    Runtime: 'nodejs22.x',
    ...(functionUrlConfig && { FunctionUrlConfig: functionUrlConfig }),
  },
});

/** A method that streams from the function URL with this logical ID. */
const proxy = (logicalId: string) => ({
  get: {
    'x-amazon-apigateway-integration': {
      type: 'http_proxy',
      httpMethod: 'GET',
      uri: { 'Fn::Sub': `\${${logicalId}.FunctionUrl}object` },
      responseTransferMode: 'STREAM',
    },
  },
});

const SOURCE_ARN = { 'Fn::Sub': `arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/*` };

/** A statement as it would be for API Gateway's Lambda integration: by the API's ARN. */
const statement = (action: string, more: object) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: { FunctionName: { Ref: 'Named' }, Action: action, Principal: '*', SourceArn: SOURCE_ARN, ...more },
});

const RESOURCES = {
  Open: fn('open', { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }),
  Signed: fn('signed', { AuthType: 'AWS_IAM', InvokeMode: 'RESPONSE_STREAM' }),
  Named: fn('named'),
  NamedUrl: {
    Type: 'AWS::Lambda::Url',
    Properties: { TargetFunctionArn: { Ref: 'Named' }, AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' },
  },
  NamedUrlStatement: statement('lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'NONE' }),
  NamedInvokeStatement: statement('lambda:InvokeFunction', { InvokedViaFunctionUrl: true }),
  Api: {
    Type: 'AWS::Serverless::Api',
    Properties: {
      StageName: 'prod',
      EndpointConfiguration: { Type: 'REGIONAL' },
      DefinitionBody: {
        openapi: '3.0.1',
        info: { title: 'before function URLs', version: '1' },
        paths: { '/open': proxy('OpenUrl'), '/signed': proxy('SignedUrl'), '/named': proxy('NamedUrl') },
      },
    },
  },
};

let system: System;

beforeAll(async () => {
  system = await startSystem({
    'template.yaml': JSON.stringify({ Transform: 'AWS::Serverless-2016-10-31', Resources: RESOURCES }),
    'code/index.mjs': SOURCE,
  });
});
afterAll(() => system?.close());

describe('an HTTP_PROXY integration in STREAM mode before a function URL', () => {
  it('streams with NONE, and so does the function URL to who leaves the gateway out', async () => {
    const result = await curl(system.url('/open'), '--no-buffer');
    expect(result).toMatchObject({ exitCode: 0, status: 200, text: 'firstlast' });
    expect((result.lastByteMs ?? 0) - (result.firstByteMs ?? 0)).toBeGreaterThan(400);
    // Nothing tells the function who called.
    expect(result.headers.get('x-arn')).toBe('undefined');
    const around = await curl(`${system.local.url}/_aws/lambda-url/${functionUrlId('open')}/object`);
    expect(around).toMatchObject({ exitCode: 0, status: 200, text: 'firstlast' });
  });

  it('is refused with AWS_IAM: the gateway does not sign', async () => {
    const result = await curl(system.url('/signed'));
    expect(result).toMatchObject({
      status: 403,
      text: '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}',
    });
    expect(result.headers.get('x-amzn-errortype')).toBe('AccessDeniedException');
    expect(await system.logs('Signed')).toBe('');
  });

  it("is refused by a policy that names the API's ARN: the call carries none", async () => {
    const result = await curl(system.url('/named'));
    expect(result).toMatchObject({ status: 403, text: expect.stringContaining('urls-auth.html') });
    expect(await system.logs('Named')).toBe('');
  });
});
