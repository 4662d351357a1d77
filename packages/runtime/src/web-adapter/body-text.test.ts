import { describe, expect, it } from 'vitest';
import { decodeText, textEncoding } from './body-text.ts';

const typed = (contentType: string) => new Map([['content-type', [contentType]]]);

describe('textEncoding', () => {
  it.each([
    ['text/html', 'utf-8'],
    ['text/html; charset=ISO-8859-1', 'ISO-8859-1'],
    ['text/html; charset="shift_jis"', 'shift_jis'],
    ['application/json', 'utf-8'],
    ['application/javascript', 'utf-8'],
    ['application/vnd.api+json; v=1', 'utf-8'],
    ['image/svg+xml', 'utf-8'],
    ['application/x+json ; v=1', undefined],
    ['TEXT/HTML', undefined],
    ['text/plain\xe9', undefined],
    ['application/x-www-form-urlencoded', undefined],
    ['application/octet-stream', undefined],
    ['', undefined],
  ])('of %j is %j', (contentType, encoding) => {
    expect(textEncoding(typed(contentType))).toBe(encoding);
  });

  it('is UTF-8 without a type, and none of what is encoded', () => {
    expect(textEncoding(new Map())).toBe('utf-8');
    expect(textEncoding(new Map([['content-encoding', ['gzip']]]))).toBeUndefined();
  });
});

describe('decodeText', () => {
  it('believes a byte order mark, and knows no unknown encoding', () => {
    expect(decodeText(Buffer.from('\ufeffé', 'utf16le'), 'utf-8')).toBe('é');
    expect(decodeText(Buffer.from('\ufeffé'), 'iso-8859-1')).toBe('é');
    expect(decodeText(Buffer.from('é', 'latin1'), 'iso-8859-1')).toBe('é');
    expect(decodeText(Buffer.from('é'), 'klingon')).toBe('é');
    expect(decodeText(Uint8Array.of(0x61, 0xff), 'utf-8')).toBe('a\ufffd');
  });
});
