import { describe, expect, it } from 'vitest';
import { LentBody } from './lent-body.ts';

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

/** Pieces of one buffer, by their offsets. */
function piecesOf(content: string, ...spans: readonly [start: number, end: number][]): Uint8Array[] {
  const buffer = new Uint8Array(Buffer.from(content));
  return spans.map(([start, end]) => buffer.subarray(start, end));
}

describe('LentBody', () => {
  it.each([
    ['a short one to a long one', [0, 2], [4, 10]],
    ['a long one to a short one', [0, 7], [8, 10]],
    ['neighbours', [0, 5], [5, 10]],
  ] as const)('joins two pieces of one read: %s', async (_, first, second) => {
    const content = 'abcdefghij';
    const body = new LentBody(() => {});
    for (const piece of piecesOf(content, [...first], [...second])) body.add(piece);
    body.end();
    const pieces: string[] = [];
    for await (const piece of body) pieces.push(text(piece));
    expect(pieces).toEqual([content.slice(...first) + content.slice(...second)]);
  });

  it('keeps pieces of two buffers apart', async () => {
    const body = new LentBody(() => {});
    for (const content of ['ab', 'cd']) for (const piece of piecesOf(content, [0, 2])) body.add(piece);
    body.end();
    const pieces: string[] = [];
    for await (const piece of body) pieces.push(text(piece));
    expect(pieces).toEqual(['ab', 'cd']);
  });

  it('frees the buffer when the piece after the last one is asked for, and not before', async () => {
    let frees = 0;
    const body = new LentBody(() => {
      frees += 1;
    });
    body.add(new Uint8Array(1));
    const reader = body[Symbol.asyncIterator]();
    await reader.next();
    expect([body.isInUse, frees]).toEqual([true, 0]);
    const next = reader.next();
    await Promise.resolve();
    expect([body.isInUse, frees]).toEqual([false, 1]);
    body.add(new Uint8Array(2));
    expect((await next).value?.byteLength).toBe(2);
    expect(body.isInUse).toBe(true);
    body.end();
    expect((await reader.next()).done).toBe(true);
    expect(body.isInUse).toBe(false);
  });

  it('says nothing of the buffer when its end is read, if nothing of it lay there', async () => {
    let frees = 0;
    const body = new LentBody(() => {
      frees += 1;
    });
    body.end();
    for await (const _ of body);
    expect([body.isRead, frees]).toEqual([true, 0]);
  });

  it('gives what had come before the error', async () => {
    const body = new LentBody(() => {});
    body.add(new Uint8Array(1));
    body.fail(new Error('broken'));
    body.end();
    const reader = body[Symbol.asyncIterator]();
    expect((await reader.next()).value?.byteLength).toBe(1);
    await expect(reader.next()).rejects.toThrow('broken');
  });

  it.each([
    ['discarded', (body: LentBody) => body.discard()],
    ['left by its reader', async (body: LentBody) => void (await body[Symbol.asyncIterator]().return())],
  ])('takes nothing more once it is %s', async (_, leave) => {
    let frees = 0;
    const body = new LentBody(() => {
      frees += 1;
    });
    body.add(new Uint8Array(1));
    const reader = body[Symbol.asyncIterator]();
    await reader.next();
    const waiting = reader.next();
    await leave(body);
    body.discard();
    expect((await waiting).done).toBe(true);
    body.add(new Uint8Array(1));
    expect(body.isInUse).toBe(false);
    expect(frees).toBeGreaterThan(0);
  });
});
