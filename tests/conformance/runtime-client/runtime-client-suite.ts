import { expect, test } from 'vitest';
import { type Recording, record } from './recording.ts';
import type { RuntimeClient } from './runtime-clients.ts';
import { bufferedScenes } from './scenes/buffered.ts';
import { initScenes } from './scenes/init.ts';
import { logScenes } from './scenes/log.ts';
import { streamingScenes } from './scenes/streaming.ts';

const tables = { buffered: bufferedScenes, streaming: streamingScenes, init: initScenes, log: logScenes };

/** Plays every scene in `client` and compares what the Runtime API saw, and what was printed, with the tables. */
export function runtimeClientSuite(client: RuntimeClient, misses: ReadonlyMap<string, string> = new Map()): void {
  const known = new Set(Object.values(tables).flatMap((scenes) => Object.keys(scenes)));
  test('every known miss is a scene', () => {
    expect([...misses.keys()].filter((name) => !known.has(name))).toEqual([]);
  });
  for (const [table, scenes] of Object.entries(tables)) {
    for (const [name, { calls, exitCode, log, ...scene }] of Object.entries(scenes)) {
      const play = async () => {
        const recording = await record(client, scene);
        const expected: Recording = { calls, exitCode, log: log ?? recording.log };
        return { recording, expected };
      };
      const miss = misses.get(name);
      test.concurrent(
        miss === undefined ? `${table}: ${name}` : `${table}: ${name} (known miss: ${miss})`,
        async () => {
          const { recording, expected } = await play();
          if (miss === undefined) expect(recording).toEqual(expected);
          else expect(recording, 'a known miss that passes').not.toEqual(expected);
        },
      );
    }
  }
}
