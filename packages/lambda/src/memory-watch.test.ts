import { spawn } from 'node:child_process';
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
      const memory = watch.add([child.pid ?? 0], 120 * MIB, () => {
        expect(memory.peakBytes()).toBeGreaterThan(120 * MIB);
        memory.stop();
        resolve();
      });
    });
  } finally {
    child.kill('SIGKILL');
  }
});
