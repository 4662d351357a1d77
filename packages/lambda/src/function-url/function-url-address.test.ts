import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { functionUrlAddress } from './function-url-address.ts';

const address = (host: string, url: string) => functionUrlAddress({ headers: { host }, url } as IncomingMessage);

test('reads the host, with or without a port', () => {
  const expected = {
    urlId: 'abc123',
    region: 'eu-west-1',
    domainName: 'abc123.lambda-url.eu-west-1.localhost',
    rawPath: '/a%2Fb',
    rawQuery: 'x=1',
  };
  expect(address('abc123.lambda-url.eu-west-1.localhost:4566', '/a%2Fb?x=1')).toEqual(expected);
  expect(address('ABC123.lambda-url.eu-west-1.localhost', '/a%2Fb?x=1')).toEqual(expected);
});

test('reads the path on any host', () => {
  expect(address('127.0.0.1:4566', '/_aws/lambda-url/abc/a/b?c')).toEqual({
    urlId: 'abc',
    rawPath: '/a/b',
    rawQuery: 'c',
  });
  expect(address('127.0.0.1:4566', '/_aws/lambda-url/abc')).toMatchObject({ rawPath: '/', rawQuery: '' });
});

test('leaves all else', () => {
  expect(address('127.0.0.1:4566', '/_aws/execute-api/abc')).toBeUndefined();
  expect(address('abc.lambda-url.localhost:4566', '/')).toBeUndefined();
  expect(address('abc.lambda-url.eu-west-1.localhost.example.com', '/')).toBeUndefined();
  expect(address('abc.lambda-url.eu-west-1.on.aws', '/')).toBeUndefined();
});
