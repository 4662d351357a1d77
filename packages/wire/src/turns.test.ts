import { expect, test } from 'vitest';
import { NamedTurns, Turns } from './turns.ts';

/** Notes when it begins, and ends when it is told to. */
function newTask(name: string, begun: string[]): { run: () => Promise<string>; end: () => void; fail: () => void } {
  const { promise, resolve, reject } = deferred();
  return {
    run: () => {
      begun.push(name);
      return promise;
    },
    end: () => resolve(name),
    fail: () => reject(new Error(name)),
  };
}

function deferred(): { promise: Promise<string>; resolve: (value: string) => void; reject: (error: Error) => void } {
  let settle: { resolve: (value: string) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('one task at a time, in their order, whatever became of the one before', async () => {
  const begun: string[] = [];
  const turns = new Turns();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => newTask(name, begun));
  const results = [a, b, c].map((task) => task && turns.run(task.run));
  const settled = Promise.allSettled(results);
  c?.end();
  await turn();
  expect(begun).toEqual(['a']);
  a?.end();
  await turn();
  expect([begun, turns.isIdle]).toEqual([['a', 'b'], false]);
  b?.fail();
  expect(await settled).toEqual([
    { status: 'fulfilled', value: 'a' },
    { status: 'rejected', reason: new Error('b') },
    { status: 'fulfilled', value: 'c' },
  ]);
  expect([begun, turns.isIdle]).toEqual([['a', 'b', 'c'], true]);
});

test('what throws before it waits is a failed task', async () => {
  const turns = new Turns();
  const thrown = turns.run(() => {
    throw new Error('at once');
  });
  await expect(thrown).rejects.toThrow('at once');
  expect(await turns.run(async () => 1)).toBe(1);
});

test('tasks of one name wait for each other, of others they do not', async () => {
  const begun: string[] = [];
  const turns = new NamedTurns();
  const [first, second, other] = ['first', 'second', 'other'].map((name) => newTask(name, begun));
  const results = Promise.allSettled([
    first && turns.run('x', first.run),
    second && turns.run('x', second.run),
    other && turns.run('y', other.run),
  ]);
  await turn();
  expect(begun).toEqual(['first', 'other']);
  first?.fail();
  await turn();
  expect(begun).toEqual(['first', 'other', 'second']);
  second?.end();
  other?.end();
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(await turns.run('x', async () => 'again')).toBe('again');
});

test('a task that is added as another ends has its turn after it', async () => {
  const turns = new NamedTurns();
  let running = 0;
  const order: number[] = [];
  const run = (value: number) =>
    turns.run('x', async () => {
      running += 1;
      await turn();
      expect(running).toBe(1);
      running -= 1;
      order.push(value);
    });
  await Promise.all(
    [1, 2, 3].map(async (value) => {
      await run(value);
      await run(value + 10);
    }),
  );
  expect(order).toEqual([1, 2, 3, 11, 12, 13]);
});
