import { describe, expect, it } from 'vitest';
import { findRestOperation } from './rest-operations.ts';

const operations = [
  { name: 'GetResource', method: 'GET', path: '/restapis/{restapi_id}/resources/{resource_id}', run: 1 },
  { name: 'GetThis', method: 'GET', path: '/restapis/{restapi_id}/resources/this', run: 2 },
  { name: 'GetTags', method: 'GET', path: '/tags/{resource_arn+}', run: 3 },
  { name: 'GetRestApis', method: 'GET', path: '/restapis', run: 4 },
];

const find = (method: string, path: string) => {
  const found = findRestOperation(operations, method, path);
  return found === undefined ? undefined : [found.operation.name, found.parameters];
};

describe('findRestOperation', () => {
  it.each([
    ['GET', '/restapis', 'GetRestApis', {}],
    ['GET', '/restapis/', 'GetRestApis', {}],
    ['GET', '/restapis/a%2Fb/resources/c', 'GetResource', { restapi_id: 'a/b', resource_id: 'c' }],
    ['GET', '/restapis/a/resources/this', 'GetThis', { restapi_id: 'a' }],
    [
      'GET',
      '/tags/arn%3Aaws%3Aapigateway:us-east-1::/restapis/x',
      'GetTags',
      {
        resource_arn: 'arn:aws:apigateway:us-east-1::/restapis/x',
      },
    ],
  ])('%s %s is %s', (method, path, name, parameters) => {
    expect(find(method, path)).toEqual([name, parameters]);
  });

  it.each([
    ['POST', '/restapis'],
    ['GET', '/'],
    ['GET', '/restapis/a/resources/'],
    ['GET', '/restapis/a/resources/b/c'],
  ])('%s %s is none', (method, path) => {
    expect(find(method, path)).toBeUndefined();
  });
});
