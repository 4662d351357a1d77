/** A route of the test stack: one function behind one method. */
export interface TestRoute {
  /** File name without `.mjs`, and the function's logical ID in lower case. */
  readonly name: string;
  readonly path: string;
  readonly mode: 'STREAM' | 'BUFFERED';
  readonly source: string;
  readonly methods?: readonly string[];
  readonly timeoutSeconds?: number;
  readonly memorySizeMb?: number;
  readonly timeoutInMillis?: number;
  readonly reservedConcurrentExecutions?: number;
  readonly endpointType?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Logical ID of a route's function: `first-byte` gives `FirstByteFunction`. */
export const logicalId = (name: string): string =>
  `${name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Function`;

/** The bucket that every test stack has; everyone may read it. */
export const BUCKET_NAME = 'scenario-objects';

/** The files of a stack with these routes: a SAM template and one directory of code a function. */
export function stackFiles(routes: readonly TestRoute[], endpointType = 'REGIONAL'): Record<string, string> {
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: {
      ...bucketResources(),
      ...apiResource(endpointType),
      ...Object.assign({}, ...routes.map(functionResource)),
    },
  };
  const code = routes.map(({ name, source }) => [`${name}/index.mjs`, source] as const);
  return { 'template.yaml': JSON.stringify(template, null, 2), ...Object.fromEntries(code) };
}

const bucketResources = () => ({
  Objects: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: BUCKET_NAME,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: false,
        RestrictPublicBuckets: false,
      },
    },
  },
  ObjectsPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Objects' },
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET_NAME}/*` },
        ],
      },
    },
  },
});

const apiResource = (endpointType: string) => ({
  Api: {
    Type: 'AWS::Serverless::Api',
    Properties: { StageName: 'prod', EndpointConfiguration: { Type: endpointType }, BinaryMediaTypes: ['*/*'] },
  },
});

function functionResource(route: TestRoute): Record<string, unknown> {
  const { name, path, mode, methods = ['GET'], timeoutInMillis } = route;
  const event = (method: string) => ({
    Type: 'Api',
    Properties: {
      RestApiId: { Ref: 'Api' },
      Path: path,
      Method: method,
      ...(mode === 'STREAM' ? { ResponseTransferMode: 'RESPONSE_STREAM' } : {}),
      ...(timeoutInMillis === undefined ? {} : { TimeoutInMillis: timeoutInMillis }),
    },
  });
  return {
    [logicalId(name)]: {
      Type: 'AWS::Serverless::Function',
      Properties: {
        CodeUri: name,
        Handler: 'index.handler',
        Runtime: 'nodejs22.x',
        Timeout: route.timeoutSeconds ?? 60,
        MemorySize: route.memorySizeMb ?? 256,
        Environment: { Variables: { BUCKET_NAME, ...route.environment } },
        ...(route.reservedConcurrentExecutions === undefined
          ? {}
          : { ReservedConcurrentExecutions: route.reservedConcurrentExecutions }),
        Events: Object.fromEntries(methods.map((method) => [method, event(method)])),
      },
    },
  };
}

/** A streaming handler whose body gets `stream` (prelude given by `head`), `event` and `context`. */
export const streaming = (
  body: string,
  head = "{ statusCode: 200, headers: { 'Content-Type': 'application/octet-stream' } }",
): string => `
import { setTimeout as sleep } from 'node:timers/promises';
export const handler = awslambda.streamifyResponse(async (event, responseStream, context) => {
  const stream = awslambda.HttpResponseStream.from(responseStream, ${head});
  const write = (chunk) => new Promise((resolve) => (stream.write(chunk) ? resolve() : stream.once('drain', resolve)));
  ${body}
});
`;

/** A function that relays the object named by `{key+}` as it comes, its length included. */
export const RELAY: string = `
import { get } from 'node:http';
import { pipeline } from 'node:stream/promises';
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const url = process.env.AWS_ENDPOINT_URL_S3 + '/' + process.env.BUCKET_NAME + '/' + event.pathParameters.key;
  const object = await new Promise((resolve, reject) => get(url, resolve).on('error', reject));
  const headers = { 'Content-Type': object.headers['content-type'], 'Content-Length': object.headers['content-length'] };
  await pipeline(object, awslambda.HttpResponseStream.from(responseStream, { statusCode: object.statusCode, headers }));
});
`;
