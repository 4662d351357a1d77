import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { executeApiAddress } from './execute-api-address.ts';

function address(host: string, url: string) {
  const request = new IncomingMessage(new Socket());
  request.headers.host = host;
  request.url = url;
  return executeApiAddress(request);
}

test('the API is in the host name, with or without Region and port', () => {
  const expected = { apiId: 'abcdefghij', stageName: 'prod', rawPath: '/a%2Fb//c/', rawQuery: 'x=1' };
  for (const host of ['abcdefghij.execute-api.localhost:4566', 'ABCDEFGHIJ.execute-api.eu-west-1.localhost']) {
    expect(address(host, '/prod/a%2Fb//c/?x=1')).toMatchObject(expected);
  }
});

test('the API is in the path, whatever the host', () => {
  expect(address('127.0.0.1:4566', '/_aws/execute-api/abcdefghij/prod/a?b')).toEqual({
    apiId: 'abcdefghij',
    stageName: 'prod',
    rawPath: '/a',
    rawQuery: 'b',
    domainName: 'abcdefghij.execute-api.localhost',
  });
});

test('a request without path or stage is still the API', () => {
  expect(address('h', '/_aws/execute-api/abc/prod')).toMatchObject({ stageName: 'prod', rawPath: '/' });
  expect(address('h', '/_aws/execute-api/abc')).toMatchObject({ stageName: '', rawPath: '/' });
  expect(address('abc.execute-api.localhost', '/')).toMatchObject({ stageName: '', rawPath: '/' });
});

test('other hosts and paths are not REST APIs', () => {
  expect(address('127.0.0.1:4566', '/bucket/key')).toBeUndefined();
  expect(address('abc.execute-api.example.com', '/prod/x')).toBeUndefined();
  expect(address('bucket.s3.localhost', '/_aws/execute-api')).toBeUndefined();
});
