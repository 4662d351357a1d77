import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedState, openEmbeddedState } from './embedded-state.ts';

let directory: string;
let state: EmbeddedState;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'embedded-state-'));
  state = await openEmbeddedState(directory);
});
afterEach(async () => {
  await state.close();
  await rm(directory, { recursive: true, force: true });
});

const path = () => join(directory, 'state.mdb');
const usageError = (message: string) =>
  expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) });

async function reopen(): Promise<void> {
  await state.close();
  state = await openEmbeddedState(directory);
}

describe('an embedded state', () => {
  it('keeps documents by table and key, in the order of keys, over a restart', async () => {
    const role = { name: 'r', tags: [['a', 'b']], created: 1.5, text: 'ü \u0000 "', missing: undefined };
    await state.table('roles').write([
      { key: 'b', value: role },
      { key: 'a', value: { name: 'first' } },
      { key: 'gone', value: { name: 'x' } },
    ]);
    await state.table('roles').write([{ key: 'gone', value: undefined }]);
    await state.table('policies').write([{ key: 'a', value: 'a text' }]);
    await reopen();
    expect([...state.table('roles').entries()]).toEqual([
      ['a', { name: 'first' }],
      ['b', { name: 'r', tags: [['a', 'b']], created: 1.5, text: 'ü \u0000 "' }],
    ]);
    expect([...state.table('policies').entries()]).toEqual([['a', 'a text']]);
    expect([...state.table('other').entries()]).toEqual([]);
  });

  it('makes all changes of a write or none', async () => {
    const changes = [
      { key: 'fits', value: 1 },
      { key: 'x'.repeat(2000), value: 2 },
    ];
    await expect(state.table('t').write(changes)).rejects.toThrow('2000');
    await expect(state.table('t').write([{ key: 'fits', value: 1n }])).rejects.toThrow();
    expect([...state.table('t').entries()]).toEqual([]);
    await state.table('t').write([{ key: 'x'.repeat(1900), value: { text: 'y'.repeat(1_000_000) } }]);
    await reopen();
    expect([...state.table<{ text: string }>('t').entries()][0]?.[1].text).toHaveLength(1_000_000);
  });

  it('takes many writes at a time, the last one of a key wins', async () => {
    const table = state.table<number>('t');
    await Promise.all(Array.from({ length: 200 }, (_, n) => table.write([{ key: `k${n % 10}`, value: n }])));
    await reopen();
    expect([...state.table('t').entries()].map(([, value]) => value)).toEqual(
      Array.from({ length: 10 }, (_, n) => 190 + n),
    );
  });
});

describe('what is no state of this version is refused, and named', () => {
  it('another format', async () => {
    await state.close();
    const root = open<string, string>({ path: path(), encoding: 'string' });
    await root.put('format', '2');
    await root.close();
    await expect(openEmbeddedState(directory)).rejects.toThrow(usageError('has the format 2'));
  });

  it("another program's database", async () => {
    await state.close();
    await rm(path());
    const root = open<string, string>({ path: path(), encoding: 'string' });
    await root.put('something', 'else');
    await root.close();
    await expect(openEmbeddedState(directory)).rejects.toThrow(usageError('names no format'));
  });

  it('a file that is no database, or has another layout', async () => {
    await state.close();
    const intact = await readFile(path());
    await writeFile(path(), 'garbage '.repeat(1000));
    await expect(openEmbeddedState(directory)).rejects.toThrow(usageError('no database'));
    intact.writeUInt32LE(3, 28);
    await writeFile(path(), intact);
    await expect(openEmbeddedState(directory)).rejects.toThrow(usageError('no database'));
  });

  it.each([100, 4096, 4200, 8192, 12_288])('a database that was cut off after %i bytes', async (sizeBytes) => {
    const table = state.table('t');
    for (let n = 0; n < 20; n += 1) await table.write([{ key: `k${n}`, value: 'x'.repeat(3000) }]);
    await state.close();
    await truncate(path(), sizeBytes);
    await expect(openEmbeddedState(directory)).rejects.toThrow(usageError('is damaged'));
  });

  it('but not the empty file of a start that was killed at once', async () => {
    await state.close();
    await rm(path());
    await writeFile(path(), '');
    state = await openEmbeddedState(directory);
    await state.table('t').write([{ key: 'k', value: 1 }]);
    await reopen();
    expect([...state.table('t').entries()]).toEqual([['k', 1]]);
  });
});
