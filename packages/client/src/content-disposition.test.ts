import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispositionFileName } from './content-disposition.ts';
import { safeFileName, urlFileName } from './file-name.ts';

/** As a header arrives: its bytes as Latin-1. */
const latin1 = (text: string) => Buffer.from(text).toString('latin1');

describe('dispositionFileName', () => {
  it.each([
    ['attachment; filename="a.txt"', 'a.txt'],
    ['attachment; filename=a.txt', 'a.txt'],
    ['ATTACHMENT; FILENAME="a.txt"', 'a.txt'],
    [`attachment; filename="_.pdf"; filename*=UTF-8''%E8%AB%8B%E6%B1%82.pdf`, '請求.pdf'],
    [`attachment; filename*=UTF-8''%E8%AB%8B.pdf; filename="_.pdf"`, '請.pdf'],
    [`attachment; filename*=iso-8859-1'en'%A3.txt`, '£.txt'],
    [latin1('attachment; filename="請求.pdf"'), '請求.pdf'],
    ['attachment; filename="\xa3.txt"', '£.txt'],
    [String.raw`attachment; filename="a\"b.txt"`, 'a"b.txt'],
    ['attachment; filename="a;b=c.txt"', 'a;b=c.txt'],
    ['attachment; filename="a%20b.txt"', 'a%20b.txt'],
    [`attachment; filename*=UTF-8''%zz.txt; filename="b.txt"`, 'b.txt'],
    [`attachment; filename*=UTF-8''%ff.txt; filename="b.txt"`, 'b.txt'],
    [`attachment; filename*=KOI8-R''%c1.txt; filename="b.txt"`, 'b.txt'],
    ['attachment; filename="one.txt"; filename="two.txt"', 'one.txt'],
    ['attachment', undefined],
    ['attachment; filename=""', undefined],
    ['inline; name="x"', undefined],
    [null, undefined],
  ])('%j gives %j', (header, name) => {
    expect(dispositionFileName(header)).toBe(name);
  });

  it('reads back every name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
        expect(dispositionFileName(`attachment; filename="x"; filename*=UTF-8''${encoded}`)).toBe(name);
      }),
    );
  });

  it('takes anything without failing', () => {
    const header = fc.string({ unit: fc.constantFrom(...'attachment;fileme*="\\%\'UTF-80 \xff\n') });
    fc.assert(fc.property(header, (text) => void dispositionFileName(text)));
  });
});

describe('safeFileName', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/etc/passwd', 'passwd'],
    ['dir/', 'dir'],
    ['..', 'download'],
    ['.', 'download'],
    ['', 'download'],
    ['.bashrc', '_bashrc'],
    ['...hidden', '_hidden'],
    ['-rf', '-rf'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['COM¹.log', '_COM¹.log'],
    ['console.log', 'console.log'],
    ['invoice\u202efdp.exe', 'invoice_fdp.exe'],
    ['a\0b\nc.txt', 'a_b_c.txt'],
    ['q:<>|?*.txt', 'q______.txt'],
    ['name. ', 'name'],
    ['C:evil.txt', 'C_evil.txt'],
    ['\ud800.txt', '_.txt'],
    ['請求書 (1).pdf', '請求書 (1).pdf'],
  ])('%j becomes %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it('is one component of a path, whatever it is made of', () => {
    const unit = fc.oneof(
      fc.constantFrom('/', '\\', '.', ' ', '\0', '\u202e', 'CON', '請', ':'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 300 }), (parts) => {
        const safe = safeFileName(parts.join(''));
        expect(Buffer.byteLength(`${safe}.part.json.new`)).toBeLessThanOrEqual(255);
        expect(safe).not.toMatch(/^\.|[/\\\p{Cc}\u202e]|[. ]$|^$/u);
        expect(safe).not.toMatch(/^(?:con|nul|aux|prn)(?:\.|$)/i);
        expect(safeFileName(safe)).toBe(safe);
      }),
    );
  });

  it('keeps the extension of a name that is too long', () => {
    expect(safeFileName(`${'請'.repeat(300)}.pdf`)).toMatch(/^請{79}\.pdf$/);
  });
});

it('takes the last part of a URL, decoded once', () => {
  expect(urlFileName('https://host/a/b%20c.bin?x=y#z')).toBe('b c.bin');
  expect(urlFileName('https://host/a/%252e%252e')).toBe('%2e%2e');
  expect(urlFileName('https://host/a/%ff')).toBe('%ff');
  expect(urlFileName('https://host/')).toBe('');
});
