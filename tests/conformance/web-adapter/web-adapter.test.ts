import { describe, test } from 'vitest';
import { knownDifferences } from './known-differences.ts';
import { play } from './play.ts';
import type { GroupRecording } from './recording.ts';
import { readRecordings, writeRecordings } from './recordings.ts';
import { groups, webAdapterSuite } from './web-adapter-suite.ts';
import { awsWebAdapter, LWA_VARIABLE, ourWebAdapter } from './web-adapters.ts';

const theirs = awsWebAdapter();

// After a change of scenes, with AWS's adapter at hand: SPILLWAY_RECORD=1. Look at what changed before you keep it.
if (process.env['SPILLWAY_RECORD'] === '1' && theirs) {
  test('record', { timeout: 300_000 }, async () => {
    const recordings: Record<string, GroupRecording> = {};
    for (const [name, group] of Object.entries(groups)) recordings[name] = await play(theirs, group);
    writeRecordings(recordings);
  });
} else {
  const recordings = readRecordings();
  describe('web-adapter', () => webAdapterSuite(ourWebAdapter(), recordings, knownDifferences));
  if (theirs) describe(theirs.name, () => webAdapterSuite(theirs, recordings));
  else {
    describe.skip(`lambda_web_adapter 1.0.0-rc1: ${LWA_VARIABLE} is not set, see scripts/install-conformance.sh`, () =>
      webAdapterSuite(ourWebAdapter(), recordings));
  }
}
