import { expect, test } from 'vitest';
import { s3Host } from './s3-host.ts';

test.each([
  ['my-bucket.s3.us-east-1.amazonaws.com', 'my-bucket', 's3.us-east-1.amazonaws.com'],
  ['my-bucket.s3.amazonaws.com', 'my-bucket', 's3.amazonaws.com'],
  ['s3.eu-central-1.amazonaws.com', undefined, 's3.eu-central-1.amazonaws.com'],
  ['s3.amazonaws.com', undefined, 's3.amazonaws.com'],
  ['My-Bucket.S3.US-East-1.amazonaws.com', 'my-bucket', 's3.us-east-1.amazonaws.com'],
  ['a.b.c.s3.us-gov-west-1.amazonaws.com', 'a.b.c', 's3.us-gov-west-1.amazonaws.com'],
  ['my-bucket.s3-eu-west-1.amazonaws.com', 'my-bucket', 's3-eu-west-1.amazonaws.com'],
  ['my-bucket.s3.dualstack.us-east-1.amazonaws.com', 'my-bucket', 's3.dualstack.us-east-1.amazonaws.com'],
])('%s', (hostName, bucketName, domain) => {
  expect(s3Host(hostName)).toEqual({ bucketName, domain });
});

test.each([
  'amazonaws.com',
  'sts.us-east-1.amazonaws.com',
  'my-bucket.s3-website-us-east-1.amazonaws.com',
  'my-bucket.s3-accelerate.amazonaws.com',
  'point-123456789012.s3-accesspoint.us-east-1.amazonaws.com',
  'mys3.amazonaws.com',
  's3.us-east-1.amazonaws.com.example.com',
  's3.us-east-1.amazonaws.com:443',
  '127.0.0.1',
  '',
])('%j is no endpoint of buckets', (hostName) => {
  expect(s3Host(hostName)).toBeUndefined();
});
