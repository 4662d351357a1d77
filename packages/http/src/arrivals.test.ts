import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.ts';

describe('Arrivals', () => {
  it('gives what one turn of the event loop brings in one piece', async () => {
    const stream = new PassThrough();
    const arrivals = new Arrivals(stream);
    for (const text of ['a', 'b', 'c']) stream.write(text);
    expect(String(await arrivals.next())).toBe('abc');
    const later = arrivals.next();
    stream.write('d');
    expect(String(await later)).toBe('d');
    stream.end();
    expect(await arrivals.next()).toBeUndefined();
  });

  it('holds the stream while nobody takes, and goes on after', async () => {
    const stream = new PassThrough({ highWaterMark: 1_048_576 });
    const arrivals = new Arrivals(stream);
    const first = arrivals.next();
    for (let index = 0; index < 64; index += 1) stream.write(Buffer.alloc(65_536, index));
    stream.end();
    expect((await first)?.byteLength).toBeLessThan(4 * 131_072);
    expect(stream.isPaused()).toBe(false);
    let sizeBytes = (await first)?.byteLength ?? 0;
    for (let piece = await arrivals.next(); piece !== undefined; piece = await arrivals.next())
      sizeBytes += piece.byteLength;
    expect(sizeBytes).toBe(64 * 65_536);
  });

  it('fails as its stream does, after what had come', async () => {
    const stream = new PassThrough();
    const arrivals = new Arrivals(stream);
    stream.write('a');
    expect(String(await arrivals.next())).toBe('a');
    const failed = expect(arrivals.next()).rejects.toThrow('gone');
    stream.destroy(new Error('gone'));
    await failed;
  });

  it('destroys a stream that nobody wants any more', () => {
    const stream = new PassThrough();
    new Arrivals(stream).close();
    expect(stream.destroyed).toBe(true);
  });
});
