import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problems } from './problems.ts';
import { normalized, RestApiDraft } from './rest-api-draft.ts';

const at = { file: 't', line: 1, column: 1 };

function draftOf(paths: readonly string[]) {
  const problems = new Problems(false);
  const options = {
    logicalId: 'Api',
    id: 'abcdefghij',
    at,
    name: 'Api',
    endpointType: undefined,
    disableExecuteApiEndpoint: false,
  };
  const draft = new RestApiDraft(options, problems);
  for (const path of paths) draft.addResource(path, at);
  return { resources: draft.toRestApi().resources, errors: problems.errors.map(({ message }) => message) };
}

test('adds every resource above a path, each below its parent', () => {
  const { resources } = draftOf(['/a/b/{key+}', '/a/c/']);
  expect(resources.map(({ path, pathPart }) => [path, pathPart])).toEqual([
    ['/', undefined],
    ['/a', 'a'],
    ['/a/b', 'b'],
    ['/a/b/{key+}', '{key+}'],
    ['/a/c', 'c'],
  ]);
  const byPath = new Map(resources.map((resource) => [resource.path, resource]));
  expect(byPath.get('/a/b')?.parentId).toBe(byPath.get('/a')?.id);
  expect(byPath.get('/a')?.parentId).toBe(byPath.get('/')?.id);
});

test.each([
  [['/{a}', '/{b}'], 'A sibling ({a}) of this resource already has a variable path part -- only one is allowed'],
  [['/{proxy+}/x'], 'Cannot create a child of a resource with a greedy path variable: {proxy+}'],
  [
    ['/a{b}'],
    '"a{b}" cannot be a part of a path: API Gateway allows letters, digits and _ - . , : or a variable such as {key} or {key+}.',
  ],
])('refuses %j', (paths, message) => {
  expect(draftOf(paths).errors).toEqual([message]);
});

test('any set of plain paths gives a tree: ids unique, parents present, paths made of their parts', () => {
  const segment = fc.stringMatching(/^[a-c]{1,2}$/);
  const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
  fc.assert(
    fc.property(fc.array(path), (paths) => {
      const { resources, errors } = draftOf(paths);
      expect(errors).toEqual([]);
      const byId = new Map(resources.map((resource) => [resource.id, resource]));
      expect(byId.size).toBe(resources.length);
      expect(new Set(resources.map((resource) => resource.path))).toEqual(new Set(['/', ...paths.flatMap(above)]));
      for (const { path: own, pathPart, parentId } of resources) {
        if (own === '/') continue;
        expect(own).toBe(`${byId.get(parentId ?? '')?.path.replace(/\/$/, '')}/${pathPart}`);
      }
    }),
  );
});

const above = (path: string): string[] => {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
};

test('normalizing twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      expect(normalized(normalized(path))).toBe(normalized(path));
    }),
  );
});
