import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { findService } from './find-service.ts';

const OURS = { host: '127.0.0.1:4566' };
const REBOUND = { host: 'evil.example:4566' };
const CROSS_SITE = { ...OURS, 'sec-fetch-site': 'cross-site' };
const SIGNED_BY_HEADER = {
  authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, Signature=0',
};
const signedFor = (service: string) => ({
  ...OURS,
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, Signature=0`,
});
const FORM = { ...OURS, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const at = (host: string) => ({ host: `${host}:4566` });
const LOGS_TARGET = { 'x-amz-target': 'Logs_20140328.FilterLogEvents' };

type Headers = Readonly<Record<string, string>>;
const find = (method: string, url: string, headers: Headers) =>
  findService({ method, url, headers } as unknown as IncomingMessage);

describe('findService', () => {
  it.each<[string, string, Headers, string]>([
    ['GET', '/_aws/execute-api/abcdefghij/prod/x', OURS, 'gateway'],
    ['POST', '/prod/x', { host: 'abcdefghij.execute-api.localhost:4566' }, 'gateway'],
    ['GET', '/_aws/lambda-url/abcdefghij/x', OURS, 'lambda'],
    ['POST', '/', { host: 'abcdefghij.lambda-url.us-east-1.localhost:4566' }, 'lambda'],
    ['POST', '/', { ...OURS, ...LOGS_TARGET }, 'lambda'],
    ['POST', '/', signedFor('logs'), 'lambda'],
    ['POST', '/2015-03-31/functions', signedFor('lambda'), 'lambda'],
    ['GET', '/2015-03-31/functions/', OURS, 'lambda'],
    ['GET', '/anything', at('lambda.us-east-1.localhost'), 'lambda'],
    ['POST', '/restapis', signedFor('apigateway'), 'gateway'],
    ['GET', '/restapis', OURS, 'gateway'],
    ['PUT', '/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc', OURS, 'gateway'],
    ['GET', '/prod/x', signedFor('execute-api'), 'gateway'],
    ['GET', '/', at('apigateway.localhost'), 'gateway'],
    ['POST', '/', signedFor('sts'), 'iam'],
    ['POST', '/', { ...signedFor('iam'), ...FORM }, 'iam'],
    ['POST', '/', FORM, 'iam'],
    ['POST', '/', at('sts.localhost'), 'iam'],
    ['GET', '/_spillway/functions', OURS, 'admin'],
    ['GET', '/bucket/key', OURS, 'origin'],
    ['PUT', '/bucket/key', { ...OURS, ...SIGNED_BY_HEADER }, 'origin'],
    ['PUT', '/bucket/key?X-Amz-Signature=0', OURS, 'origin'],
    ['PUT', '/key', { host: 'bucket.s3.localhost:4566', ...SIGNED_BY_HEADER }, 'origin'],
    // Buckets and keys with the names of services and their paths.
    ['GET', '/restapis/x', at('lambda.s3.localhost'), 'origin'],
    ['GET', '/2015-03-31/functions', at('bucket.s3.us-east-1.localhost'), 'origin'],
    ['POST', '/', { ...FORM, ...at('bucket.s3.localhost') }, 'origin'],
    ['GET', '/restapis/x', signedFor('s3'), 'origin'],
    ['GET', '/restapis/x?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request', OURS, 'origin'],
    ['GET', '/restapis-backup/x', OURS, 'origin'],
  ])('%s %s %j is for %s', (method, url, headers, service) => {
    expect(find(method, url, headers)).toBe(service);
  });

  it.each<[string, string, Headers]>([
    ['POST', '/_aws/execute-api/abcdefghij/prod/x', CROSS_SITE],
    ['GET', '/_aws/execute-api/abcdefghij/prod/x', REBOUND],
    ['POST', '/_aws/lambda-url/abcdefghij/x', CROSS_SITE],
    ['POST', '/x', { host: 'abcdefghij.lambda-url.us-east-1.localhost:4566', origin: 'http://evil.example' }],
    ['GET', '/bucket/key', CROSS_SITE],
    ['GET', '/bucket/key', REBOUND],
    ['GET', '/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0', CROSS_SITE],
    ['HEAD', '/bucket/key?AWSAccessKeyId=test&Signature=0&Expires=1', CROSS_SITE],
  ])('a web page may ask %s %s with %j', (method, url, headers) => {
    expect(() => find(method, url, headers)).not.toThrow();
  });

  it.each<[string, string, Headers]>([
    // What a page signs with the key that all know, where it could read the answer.
    ['GET', '/bucket/key?X-Amz-Signature=0', REBOUND],
    ['GET', '/bucket?X%2DAmz-Signature=0', REBOUND],
    ['GET', '/bucket/key?AWSAccessKeyId=test&Signature=0&Expires=1', REBOUND],
    // What changes something, however it is signed.
    ['PUT', '/bucket/key?X-Amz-Signature=0', REBOUND],
    ['PUT', '/bucket/key?X-Amz-Signature=0', CROSS_SITE],
    ['POST', '/bucket/key?uploads&X-Amz-Signature=0', CROSS_SITE],
    ['POST', '/bucket/key?uploads&X-Amz-Signature=0', { ...OURS, origin: 'http://evil.example' }],
    ['DELETE', '/bucket/key?Signature=0', REBOUND],
    ['POST', '/bucket', { ...OURS, origin: 'null' }],
    ['PUT', '/bucket', CROSS_SITE],
    // What only this machine's own tools ask.
    ['GET', '/', { ...REBOUND, ...SIGNED_BY_HEADER }],
    ['GET', '/', { ...CROSS_SITE, ...LOGS_TARGET }],
    ['POST', '/?X-Amz-Signature=0', { ...REBOUND, ...LOGS_TARGET }],
    ['GET', '/_spillway/functions', REBOUND],
    ['POST', '/_spillway/logs', { ...OURS, origin: 'http://evil.example', ...LOGS_TARGET }],
    ['POST', '/_spillway/logs', { ...REBOUND, ...LOGS_TARGET }],
    ['GET', '/_spillway/functions', CROSS_SITE],
    ['GET', '/_spillway/functions?X-Amz-Signature=0', REBOUND],
    ['GET', 'http://127.0.0.1:4566/_spillway/functions', REBOUND],
    // What each service does and tells; a page's simple request has a type that needs no preflight.
    ['POST', '/restapis', { ...OURS, origin: 'http://evil.example', 'content-type': 'text/plain' }],
    ['POST', '/2015-03-31/functions/f/invocations', { ...OURS, origin: 'null', 'content-type': 'text/plain' }],
    ['POST', '/2015-03-31/functions', { ...REBOUND, 'content-type': 'text/plain' }],
    ['POST', '/', { ...FORM, ...CROSS_SITE }],
    ['POST', '/', { ...FORM, ...REBOUND }],
    ['POST', '/', { ...at('sts.localhost'), origin: 'http://evil.example', 'content-type': 'text/plain' }],
    ['GET', '/restapis', CROSS_SITE],
    ['GET', '/restapis', REBOUND],
    ['GET', '/2015-03-31/functions', REBOUND],
    ['HEAD', '/2015-03-31/functions', CROSS_SITE],
    ['OPTIONS', '/restapis', CROSS_SITE],
    ['GET', '/', { ...at('lambda.localhost'), 'sec-fetch-site': 'cross-site' }],
    ['GET', '/?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Signature=0', CROSS_SITE],
    ['GET', '/x?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fdynamodb%2Faws4_request', REBOUND],
    ['OPTIONS', '/_aws/other', CROSS_SITE],
    ['GET', '/_aws/execute-api', REBOUND],
    ['GET', '/prod/x', { host: 'abcdefghij.execute-api.localhost.evil.example', ...SIGNED_BY_HEADER }],
  ])('a web page may not ask %s %s with %j', (method, url, headers) => {
    expect(() => find(method, url, headers)).toThrow(expect.objectContaining({ code: 'CrossSiteRequestRefused' }));
  });

  it('names a service that is not served', () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request';
    expect(() => find('POST', '/', { ...OURS, authorization })).toThrow(/the service dynamodb/);
    expect(() => find('POST', '/', { ...OURS, 'x-amz-target': 'DynamoDB_20120810.GetItem' })).toThrow(
      /DynamoDB_20120810/,
    );
    const presigned = '/?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Signature=0';
    expect(() => find('GET', presigned, OURS)).toThrow(/presigned calls of the service sts/);
  });
});
