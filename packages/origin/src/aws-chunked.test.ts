import { Readable } from 'node:stream';
import { concatBytes } from '@spillway/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AwsChunkedOptions, decodeAwsChunked } from './aws-chunked.ts';

const TRAILER = 'x-amz-checksum-crc32:AAAAAA==';

function frame(
  chunks: readonly Uint8Array[],
  { signed = false, trailers = [TRAILER] as readonly string[] } = {},
): Buffer {
  const signature = signed ? `;chunk-signature=${'a'.repeat(64)}` : '';
  const framed = [...chunks, new Uint8Array()].map((chunk) =>
    Buffer.concat([
      Buffer.from(`${chunk.byteLength.toString(16)}${signature}\r\n`),
      chunk,
      Buffer.from(chunk.byteLength > 0 ? '\r\n' : ''),
    ]),
  );
  return Buffer.concat([...framed, Buffer.from(`${trailers.map((line) => `${line}\r\n`).join('')}\r\n`)]);
}

async function decode(pieces: Iterable<Uint8Array>, options: Partial<AwsChunkedOptions> = {}) {
  let trailers: ReadonlyMap<string, string> | undefined;
  const decoded: Uint8Array[] = [];
  const body = decodeAwsChunked(Readable.from(pieces, { highWaterMark: 1 }), {
    isSigned: false,
    trailerNames: ['x-amz-checksum-crc32'],
    onTrailers: (read) => {
      trailers = read;
    },
    ...options,
  });
  for await (const chunk of body) decoded.push(chunk.slice());
  return { bytes: Buffer.from(concatBytes(decoded)), trailers };
}

function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const cuts = [0, ...at.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

describe('decodeAwsChunked', () => {
  const big = fc.uint8Array({ minLength: 8192, maxLength: 9000 });
  const content = fc.tuple(fc.array(big, { maxLength: 2 }), fc.option(fc.uint8Array({ minLength: 1, maxLength: 100 })));

  it('gives the bytes back, however the framing arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.boolean(),
        async ([full, rest], at, signed) => {
          const chunks = rest === null ? full : [...full, rest];
          const { bytes, trailers } = await decode(split(frame(chunks, { signed }), at), { isSigned: signed });
          expect(bytes.equals(Buffer.concat(chunks))).toBe(true);
          expect(trailers?.get('x-amz-checksum-crc32')).toBe('AAAAAA==');
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes no body for whole that was cut off, wherever', async () => {
    const framed = frame([Buffer.alloc(8192, 1), Buffer.from('tail')]);
    const cuts = [0, 1, 5, 6, 7, 100, 8197, 8198, 8199, 8200, 8201, 8202];
    for (let cut = 8203; cut < framed.byteLength; cut += 1) cuts.push(cut);
    for (const cut of cuts) {
      await expect(decode([framed.subarray(0, cut)]), `cut at ${cut}`).rejects.toMatchObject({
        code: 'IncompleteBody',
      });
    }
    await expect(decode([framed])).resolves.toBeDefined();
  });

  it('refuses what is not well formed', async () => {
    const refused = async (text: string, code: string, options: Partial<AwsChunkedOptions> = {}) =>
      expect(decode([Buffer.from(text)], options)).rejects.toMatchObject({ code });
    await refused('zz\r\n', 'IncompleteBody');
    await refused('1\na\r\n0\r\n\r\n', 'IncompleteBody');
    await refused('1\r\nab\r\n0\r\n\r\n', 'IncompleteBody');
    await refused('5'.repeat(20_000), 'IncompleteBody');
    await refused(`0\r\n${TRAILER}\r\n\r\nmore\r\n`, 'IncompleteBody');
    await refused(`0\r\n${TRAILER}\r\n\r\nmore`, 'IncompleteBody');
    await refused(`0\r\n${TRAILER}\n${TRAILER}\n\r\n\r\n`, 'IncompleteBody');
    await refused(`0\r\n${TRAILER}\r\n${TRAILER}\r\n\r\n`, 'MalformedTrailerError');
    await refused(`0\r\nx-amz-trailer-signature:a\r\n${TRAILER}\r\n\r\n`, 'MalformedTrailerError');
    await refused('0\r\nx-other: 1\r\n\r\n', 'MalformedTrailerError');
    await refused('0\r\nno colon\r\n\r\n', 'MalformedTrailerError');
    await refused('0\r\n\r\n', 'MalformedTrailerError');
    await refused('1\r\na\r\n1\r\nb\r\n0\r\n\r\n', 'InvalidChunkSizeError');
    await refused('1\r\na\r\n0\r\n\r\n', 'IncompleteBody', { isSigned: true });
    await refused('1\r\na\r\n0\r\n\r\n', 'IncompleteBody', { trailerNames: [], decodedBytes: 2 });
  });

  it('holds no line of any length', async () => {
    const endless = function* (start: string) {
      yield Buffer.from(start);
      for (let kib = 0; kib < 64; kib += 1) yield Buffer.alloc(1024, 'a');
      throw new Error('all of it was read');
    };
    for (const start of [
      '',
      '5;chunk-signature=',
      '5\r\nhello\r\n',
      '0\r\n',
      '0\r\nx-amz-checksum-crc32:',
      `0\r\n${TRAILER}\r\n\r\n`,
    ]) {
      await expect(decode(endless(start)), start).rejects.toMatchObject({ code: 'IncompleteBody' });
    }
  });

  it('refuses more bytes than announced before it reads them', async () => {
    const options = { trailerNames: [], decodedBytes: 4 };
    await expect(decode([Buffer.from('5\r\n')], options)).rejects.toThrow('x-amz-decoded-content-length says 4');
  });

  it('reads a trailer that ends as minio-go writes it', async () => {
    const framed = frame([Buffer.from('a')], { trailers: [`${TRAILER}\n`] });
    for (let cut = 0; cut < framed.byteLength; cut += 1) {
      await expect(decode([framed.subarray(0, cut)]), `cut at ${cut}`).rejects.toMatchObject({
        code: 'IncompleteBody',
      });
      const { trailers } = await decode([framed.subarray(0, cut), framed.subarray(cut)]);
      expect(trailers?.get('x-amz-checksum-crc32')).toBe('AAAAAA==');
    }
  });

  it('reads signed trailers', async () => {
    const framed = frame([Buffer.from('a')], {
      signed: true,
      trailers: [TRAILER, `x-amz-trailer-signature:${'b'.repeat(64)}`],
    });
    await expect(decode([framed], { isSigned: true, decodedBytes: 1 })).resolves.toMatchObject({
      bytes: Buffer.from('a'),
    });
  });
});
