import type { Integration, Method, Resource } from '@spillway/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mock } from '../testing/served-gateway.ts';
import { pathTemplates, route } from './route.ts';

const integration: Integration = mock();
const method = (httpMethod: string): Method => ({
  httpMethod,
  authorizationType: 'NONE',
  requestParameters: {},
  integration,
});
const resource = (path: string, ...methods: string[]): Resource => ({
  id: path,
  path,
  methods: Object.fromEntries(methods.map((name) => [name, method(name)])),
});
const find = (resources: readonly Resource[], httpMethod: string, path: string) => {
  const { resource, method, pathParameters } = route(pathTemplates(resources), httpMethod, path);
  return [resource.path, method.httpMethod, pathParameters];
};

const PETS = [
  resource('/{proxy+}', 'ANY'),
  resource('/pets/{id}', 'GET', 'ANY'),
  resource('/pets/{id}/toys', 'GET'),
  resource('/pets/cats', 'GET'),
  resource('/pets', 'POST'),
  resource('/', 'GET'),
];

test('a static segment beats a parameter, which beats a greedy one', () => {
  expect(find(PETS, 'GET', '/pets/cats')).toEqual(['/pets/cats', 'GET', {}]);
  expect(find(PETS, 'GET', '/pets/7')).toEqual(['/pets/{id}', 'GET', { id: '7' }]);
  expect(find(PETS, 'GET', '/pets/7/toys')).toEqual(['/pets/{id}/toys', 'GET', { id: '7' }]);
  expect(find(PETS, 'GET', '/pets/7/food')).toEqual(['/{proxy+}', 'ANY', { proxy: 'pets/7/food' }]);
  expect(find(PETS, 'GET', '/')).toEqual(['/', 'GET', {}]);
});

test('an exact method beats ANY', () => {
  expect(find(PETS, 'GET', '/pets/7')[1]).toBe('GET');
  expect(find(PETS, 'PUT', '/pets/7')[1]).toBe('ANY');
});

test('a slash at the end is ignored, slashes within and escapes are kept', () => {
  expect(find(PETS, 'GET', '/pets/cats/')[0]).toBe('/pets/cats');
  expect(find(PETS, 'GET', '/a//b%2Fc+d/')[2]).toEqual({ proxy: 'a//b%2Fc+d' });
});

test.each([
  ['HEAD', '/pets/cats'],
  ['GET', '/pets'],
  ['constructor', '/pets'],
])('%s %s is 403 Missing Authentication Token', (httpMethod, path) => {
  expect(() => find(PETS, httpMethod, path)).toThrow(
    expect.objectContaining({ code: 'MissingAuthenticationTokenException', status: 403 }),
  );
});

test('a greedy resource needs at least one segment', () => {
  expect(() => find([resource('/download/{key+}', 'GET')], 'GET', '/download/')).toThrow(
    'Missing Authentication Token',
  );
});

const segment = fc.string({ unit: fc.constantFrom(...'abc%2F.-~+'), minLength: 1, maxLength: 6 });

test('any key comes back whole from a greedy template, and any segment from its parameter', () => {
  fc.assert(
    fc.property(segment, fc.array(segment, { minLength: 1, maxLength: 5 }), (id, key) => {
      const resources = [resource('/{id}/files/{key+}', 'GET'), resource('/{id}', 'GET')];
      expect(find(resources, 'GET', `/${id}/files/${key.join('/')}`)[2]).toEqual({ id, key: key.join('/') });
      expect(find(resources, 'GET', `/${id}`)[2]).toEqual({ id });
    }),
  );
});

test('the order in which resources were made does not matter', () => {
  const paths = ['/', '/{p+}', '/a', '/a/{x}', '/a/{x}/b', '/a/c', '/{y}/c', '/a/{x+}'];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(paths, { minLength: paths.length }),
      fc.constantFrom('/a/c', '/a/9', '/z/c', '/a/1/b'),
      (order, path) => {
        const inOrder = (given: readonly string[]) =>
          find(
            given.map((each) => resource(each, 'GET')),
            'GET',
            path,
          );
        expect(inOrder(order)).toEqual(inOrder(paths));
      },
    ),
  );
});

test('no path keeps it busy, however many slashes it has', () => {
  const startedAt = performance.now();
  const slashes = '/'.repeat(60_000);
  expect(find([resource('/{p+}', 'GET')], 'GET', `/x${slashes}x`)[2]).toEqual({ p: `x${slashes}x` });
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
