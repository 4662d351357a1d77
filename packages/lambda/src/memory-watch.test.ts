import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { groupMemory, MemoryWatch } from './memory-watch.ts';

const MIB = 1_048_576;

test('sums up what ps tells of each group', () => {
  expect(groupMemory('    1   100\n  200  1024\n  200  2048\n')).toEqual(
    new Map([
      [1, 102_400],
      [200, 3 * MIB],
    ]),
  );
});

test('tells when a group is over its limit, and how much it used at most', async () => {
  const child = spawn(process.execPath, ['-e', 'const held = Buffer.alloc(150e6, 1); setInterval(() => held, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  const watch = new MemoryWatch();
  try {
    await new Promise<void>((resolve) => {
      const memory = watch.add([{ processGroupId: child.pid ?? 0 }], 120 * MIB, () => {
        expect(memory.peakBytes()).toBeGreaterThan(120 * MIB);
        memory.stop();
        resolve();
      });
    });
  } finally {
    child.kill('SIGKILL');
  }
});

test('counts a first process as it is told to while it lives, and its children as they are', async () => {
  const child = spawn(
    '/bin/sh',
    ['-c', `"$0" -e "const held = Buffer.alloc(60e6, 1); process.stdin.resume()"; :`, process.execPath],
    {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  const [alone, withChildren] = [3 * MIB, 60 * MIB];
  const group = { processGroupId: child.pid ?? 0, countedBytes: alone };
  const watch = new MemoryWatch();
  try {
    const memory = await new Promise<{ peakBytes(): number }>((resolve) => {
      const watched = watch.add([group], withChildren, () => {
        watched.stop();
        resolve(watched);
      });
    });
    expect(memory.peakBytes()).toBeLessThan(withChildren + 80 * MIB);
    const other = watch.add([group], withChildren, () => {});
    expect(other.peakBytes()).toBe(alone);
    other.stop();
  } finally {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  }
  await once(child, 'exit');
  const gone = watch.add([group], withChildren, () => {});
  expect(gone.peakBytes()).toBe(0);
  gone.stop();
});
