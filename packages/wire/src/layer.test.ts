import { expect, test } from 'vitest';
import { parseWebAdapterLayerArn } from './layer.ts';

test.each([
  ['arn:aws:lambda:ap-northeast-1:753240598075:layer:LambdaAdapterLayerX86:27', 'x86_64'],
  ['arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerArm64:3', 'arm64'],
  ['arn:aws-cn:lambda:cn-north-1:041581134020:layer:LambdaAdapterLayerX86:27', 'x86_64'],
  ['arn:aws-cn:lambda:cn-northwest-1:069767869989:layer:LambdaAdapterLayerArm64:27', 'arm64'],
])('%s is the web adapter for %s', (arn, architecture) => {
  expect(parseWebAdapterLayerArn(arn)).toEqual({ kind: 'web-adapter', arn, architecture });
});

test.each([
  'arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86',
  'arn:aws:lambda:us-east-1:123456789012:layer:LambdaAdapterLayerX86:27',
  'arn:aws:lambda:us-east-1:753240598075:layer:Other:1',
])('%s is not', (arn) => {
  expect(parseWebAdapterLayerArn(arn)).toBeUndefined();
});
