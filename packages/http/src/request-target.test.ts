import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTarget, percentDecode } from './request-target.ts';

describe('parseTarget', () => {
  it('decodes and normalises nothing in the path', () => {
    expect(parseTarget('/a/../%2e%2E//b%2Fc/?x')).toMatchObject({ rawPath: '/a/../%2e%2E//b%2Fc/', rawQuery: 'x' });
  });

  it('reads an absolute target', () => {
    expect(parseTarget('http://host:80/a?b=1')).toMatchObject({ rawPath: '/a', rawQuery: 'b=1' });
    expect(parseTarget('http://host')).toMatchObject({ rawPath: '/', rawQuery: '' });
  });

  it('keeps order, repeats and empty values of a query', () => {
    expect(parseTarget('/?b=1&a&b=%E6%97%A5&&c=1=2+3').query).toEqual([
      ['b', '1'],
      ['a', ''],
      ['b', '日'],
      ['c', '1=2+3'],
    ]);
  });
});

describe('percentDecode', () => {
  it('undoes encodeURIComponent', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => percentDecode(encodeURIComponent(text)) === text),
    ));

  it('never throws', () => fc.assert(fc.property(fc.string(), (text) => typeof percentDecode(text) === 'string')));
});
