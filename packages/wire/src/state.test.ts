import { describe, expect, it } from 'vitest';
import { MemoryState } from './state.ts';

describe('MemoryState', () => {
  it('keeps documents of one table by key, apart from those of another', async () => {
    const state = new MemoryState();
    await state.table<number>('a').write([
      { key: 'y', value: 2 },
      { key: 'x', value: 1 },
    ]);
    await state.table<number>('a').write([{ key: 'y', value: undefined }]);
    expect([...state.table<number>('a').entries()]).toEqual([['x', 1]]);
    expect([...state.table<number>('b').entries()]).toEqual([]);
  });

  it('keeps a document as it was when it was written', async () => {
    const table = new MemoryState().table<{ list: number[] }>('a');
    const value = { list: [1] };
    await table.write([{ key: 'x', value }]);
    value.list.push(2);
    expect([...table.entries()]).toEqual([['x', { list: [1] }]]);
  });
});
