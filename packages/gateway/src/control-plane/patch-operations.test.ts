import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyPatches, type PatchPath, patchedRecord } from './patch-operations.ts';

type Model = Readonly<Record<string, string>>;
const PATHS: readonly PatchPath<Model>[] = [
  {
    path: '/records/{name}',
    ops: ['add', 'replace', 'remove'],
    apply: (model, value, [name = ''], op) => patchedRecord(model, name, op, value),
  },
  { path: '/name', ops: ['replace'], apply: (model, value) => ({ ...model, name: value }) },
];
const encoded = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');

test('any key, written as JSON pointers write it, is found and removed again', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (key, value) => {
      fc.pre(key !== '__proto__');
      const path = `/records/${encoded(key)}`;
      const added = applyPatches<Model>({}, [{ op: 'add', path, value }], PATHS);
      expect(added).toEqual({ [key]: value });
      expect(applyPatches(added, [{ op: 'remove', path, value: undefined }], PATHS)).toEqual({});
    }),
  );
});

test('any other path is refused, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      fc.pre(path !== '/name' && !/^\/records\/[^/]+$/s.test(path));
      expect(() => applyPatches({}, [{ op: 'replace', path, value: 'x' }], PATHS)).toThrow(
        `Invalid patch path  '${path}' specified for op 'replace'. Must be one of: [/records/{name}, /name]`,
      );
    }),
  );
});
