import { dirname } from 'node:path';
import { BUNDLE_PATH } from '@spillway/handler/bundle';

export const BUCKET_NAME = 'private-objects';

/** A stack with the ready-made download function on a private bucket, at `/download/{key+}`. */
export function downloadStack(
  options: { readonly memorySizeMb?: number; readonly environment?: Readonly<Record<string, string>> } = {},
): Record<string, string> {
  const event = (method: string) => ({
    Type: 'Api',
    Properties: {
      RestApiId: { Ref: 'Api' },
      Path: '/download/{key+}',
      Method: method,
      ResponseTransferMode: 'RESPONSE_STREAM',
      TimeoutInMillis: 900_000,
    },
  });
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: {
      Objects: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET_NAME } },
      Api: {
        Type: 'AWS::Serverless::Api',
        Properties: { StageName: 'prod', EndpointConfiguration: { Type: 'REGIONAL' } },
      },
      DownloadFunction: {
        Type: 'AWS::Serverless::Function',
        Properties: {
          CodeUri: dirname(BUNDLE_PATH),
          Handler: 'index.handler',
          Runtime: 'nodejs22.x',
          Timeout: 900,
          MemorySize: options.memorySizeMb ?? 256,
          Environment: { Variables: { SPILLWAY_BUCKET: BUCKET_NAME, ...options.environment } },
          Events: { Get: event('GET'), Head: event('HEAD'), Post: event('POST') },
        },
      },
    },
  };
  return { 'template.yaml': JSON.stringify(template, null, 2) };
}
