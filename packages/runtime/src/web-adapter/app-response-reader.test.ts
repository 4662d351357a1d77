import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AppResponseHead, AppResponseReader } from './app-response-reader.ts';

interface Read {
  readonly heads: AppResponseHead[];
  readonly body: string;
  readonly mayStay: boolean | undefined;
  readonly isWhole: boolean;
}

/** What comes out when `text` arrives in pieces of these sizes, and then the connection closes. */
function read(text: string, { sizes = [text.length], method = 'GET', maxHeaderBytes = 1000 } = {}): Read {
  const heads: AppResponseHead[] = [];
  const body: string[] = [];
  let mayStay: boolean | undefined;
  const reader = new AppResponseReader({
    method,
    maxHeaderBytes,
    onHead: (head) => heads.push(head),
    onBody: (piece) => body.push(Buffer.from(piece).toString('latin1')),
    onEnd: (stay) => {
      mayStay = stay;
    },
  });
  const bytes = Buffer.from(text, 'latin1');
  let offset = 0;
  for (const size of [...sizes, bytes.byteLength]) {
    // One buffer that is used again, as a connection's.
    const piece = new Uint8Array(bytes.subarray(offset, offset + size));
    reader.read(piece);
    piece.fill(0x58);
    offset += size;
  }
  return { heads, body: body.join(''), isWhole: reader.close(), mayStay };
}

const head = (statusCode: number, ...rawHeaders: string[]) => ({ statusCode, rawHeaders });

describe('AppResponseReader', () => {
  it('reads a body by its length', () => {
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello')).toEqual({
      heads: [head(200, 'Content-Length', '5', 'X-A', 'b')],
      body: 'hello',
      mayStay: true,
      isWhole: true,
    });
  });

  it.each([
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n', 'abc', true],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\nabc', 'abc', false],
    ['no reason and line feeds alone', 'HTTP/1.1 200\nContent-Length: 1\n\na', 'a', true],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', 'a', false],
    ['HTTP/1.0 that stays', 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na', 'a', true],
    ['a close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na', 'a', false],
    ['the same length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na', 'a', true],
    ['more than it promised', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab', 'a', false],
    ['bytes behind no content', 'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200', '', false],
    ['no content', 'HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n', '', true],
    ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', '', false],
  ])('reads an answer with %s', (_, text, body, mayStay) => {
    expect(read(text)).toMatchObject({ body, mayStay, isWhole: true });
  });

  it('takes no longer over many spaces than over as many letters', () => {
    const value = `a${' '.repeat(200_000)}b`;
    const text = `HTTP/1.1 204 OK\r\nX-A: \t${value} \t\r\n\r\n`;
    expect(read(text, { maxHeaderBytes: 300_000 }).heads).toEqual([head(204, 'X-A', value)]);
  }, 2_000);

  it('takes what was informational for no answer', () => {
    const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 OK\r\n\r\n';
    expect(read(text).heads).toEqual([head(204)]);
  });

  it('finds no body in an answer to HEAD', () => {
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', { method: 'HEAD' })).toMatchObject({ isWhole: true });
  });

  it.each([
    ['short of its length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell'],
    ['without its last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'],
    ['within its trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n'],
    ['within its head', 'HTTP/1.1 200 OK\r\nContent'],
  ])('knows an answer that ends %s as broken', (_, text) => {
    expect(read(text).isWhole).toBe(false);
  });

  it.each([
    ['another protocol', 'SSH-2.0-x\r\n'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n'],
    ['a chunk that is too long', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n'],
    ['a head that is too long', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(1000)}\r\n\r\n`],
  ])('refuses %s', (_, text) => {
    expect(() => read(text)).toThrow();
  });

  it('reads the same however the bytes are cut', () => {
    const bodyText = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
    const framed = fc.tuple(fc.array(bodyText), fc.boolean()).map(([parts, isChunked]) => {
      const filled = parts.filter((part) => part !== '');
      const whole = filled.join('');
      const chunks = filled.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
      const framing = isChunked
        ? `Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`
        : `Content-Length: ${whole.length}\r\n\r\n${whole}`;
      return { whole, text: `HTTP/1.1 200 OK\r\n${framing}` };
    });
    fc.assert(
      fc.property(framed, fc.array(fc.integer({ min: 1, max: 40 })), ({ whole, text }, sizes) => {
        expect(read(text, { sizes })).toMatchObject({ body: whole, isWhole: true, mayStay: true });
      }),
    );
  });
});
