import { expect, test } from 'vitest';
import { initGroups } from './groups/init.ts';
import { requestGroups } from './groups/requests.ts';
import { responseGroups } from './groups/responses.ts';
import type { KnownDifference } from './known-differences.ts';
import { play, type SceneGroup } from './play.ts';
import type { Recordings } from './recordings.ts';
import type { WebAdapter } from './web-adapters.ts';

export const groups: Readonly<Record<string, SceneGroup>> = { ...requestGroups, ...responseGroups, ...initGroups };

/** Plays every group in `adapter` and compares what Lambda and the app saw, and what was printed, with AWS's own adapter. */
export function webAdapterSuite(
  adapter: WebAdapter,
  recordings: Recordings,
  differences: Readonly<Record<string, KnownDifference>> = {},
): void {
  test('recordings and differences are of groups that there are', () => {
    const known = Object.keys(groups);
    expect(Object.keys(recordings)).toEqual(known);
    expect(Object.keys(differences).filter((name) => !known.includes(name))).toEqual([]);
  });
  for (const [name, group] of Object.entries(groups)) {
    const difference = differences[name];
    test.concurrent(difference ? `${name} (known difference: ${difference.reason})` : name, async () => {
      const recording = await play(adapter, group);
      const recorded = recordings[name];
      if (recorded === undefined) throw new Error(`There is no recording of AWS's adapter for "${name}".`);
      if (difference) expect(recording, 'a known difference that is none').not.toEqual(recorded);
      expect(recording).toEqual(difference ? difference.ours(recorded) : recorded);
    });
  }
}
