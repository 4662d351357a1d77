import { expect, it } from 'vitest';
import { parseXml } from '../../../packages/origin/test/xml-document.ts';
import { jsonFaults } from './json-shape.ts';
import type { ServiceModel } from './service-model.ts';
import { xmlFaults } from './xml-shape.ts';

const MODEL: ServiceModel = {
  metadata: { protocol: 'rest-json', apiVersion: '1' },
  operations: {},
  shapes: {
    Root: {
      type: 'structure',
      required: ['Name'],
      members: { Name: { shape: 'Text' }, Size: { shape: 'Count', locationName: 'size' }, Items: { shape: 'Items' } },
    },
    Items: { type: 'list', member: { shape: 'Mode' } },
    Mode: { type: 'string', enum: ['STREAM'] },
    Text: { type: 'string' },
    Count: { type: 'integer' },
  },
};

function faultsOfJson(value: unknown): string[] {
  return [...jsonFaults(MODEL, { shape: 'Root' }, value, '$')];
}

function faultsOfXml(text: string): string[] {
  return [...xmlFaults(MODEL, { shape: 'Root' }, parseXml(text), '$')];
}

it('finds what is unknown, missing, of another type or not in an enumeration, in JSON', () => {
  expect(faultsOfJson({ Name: 'n', size: 1, Items: ['STREAM'] })).toEqual([]);
  expect(faultsOfJson({ Name: 1, Size: 1, size: '1', Items: ['OTHER'] })).toEqual([
    '$.Name: 1 is no string (Text)',
    '$.Size: Root has no such key',
    '$.size: "1" is no integer (Count)',
    '$.Items[0]: OTHER is no Mode',
  ]);
  expect(faultsOfJson({})).toEqual(['$.Name: is required in Root']);
  expect(faultsOfJson([])).toEqual(['$: [] is no structure (Root)']);
});

it('finds the same in XML', () => {
  const items = (mode: string) => `<Items><member>${mode}</member></Items>`;
  expect(faultsOfXml(`<R><Name>n</Name><size>1</size>${items('STREAM')}</R>`)).toEqual([]);
  expect(faultsOfXml(`<R><Size>1</Size><size>x</size><size>2</size>${items('OTHER')}</R>`)).toEqual([
    '$.Size: Root has no such element',
    '$.size: "x" is no integer (Count)',
    '$.Items[0]: OTHER is no Mode',
    '$.Name: is required in Root',
    '$.size: is there 2 times',
  ]);
  expect(faultsOfXml('<R><Name>n</Name><Items><item>STREAM</item></Items></R>')).toEqual([
    '$.Items[0]: an item of Items is item, not member',
  ]);
});
