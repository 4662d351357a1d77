import { expect, test } from 'vitest';
import * as tables from './property-support.ts';

test.each(Object.entries(tables))('%s says one thing about each property', (_name, support) => {
  const names = [...support.supported, ...Object.keys(support.notEnforced), ...Object.keys(support.unsupported)];
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
});
