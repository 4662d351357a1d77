import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS } from './support/fault-proxy.ts';
import type { FaultRun, FaultRunResult } from './support/fault-run.ts';
import { makeWorkspace, type Workspace } from './support/system.ts';

const DOWNLOADS = 1_000;
const THREADS = 2;
const SIZE_BYTES = 8_000_000;
const SEED = 20_261_123;

let workspace: Workspace;
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => workspace.remove());

async function runInThread(script: string, run: FaultRun): Promise<FaultRunResult> {
  await mkdir(run.directory);
  const worker = new Worker(script, { workerData: run });
  const [result] = (await once(worker, 'message')) as [FaultRunResult];
  await worker.terminate();
  return result;
}

const sum = <K>(maps: readonly ReadonlyMap<K, number>[]): Map<K, number> => {
  const total = new Map<K, number>();
  for (const [key, count] of maps.flatMap((map) => [...map])) total.set(key, (total.get(key) ?? 0) + count);
  return total;
};

describe('1,000 downloads of 8 MB over a network that fails', () => {
  it('are byte-identical or reported as failed: none short, none spliced', { timeout: 600_000 }, async () => {
    const script = join(workspace.path, 'fault-run.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('support/fault-run.ts', import.meta.url))],
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['source'],
      outfile: script,
      logLevel: 'silent',
    });
    const results = await Promise.all(
      Array.from({ length: THREADS }, (_, thread) =>
        runInThread(script, {
          seed: SEED + thread,
          downloads: DOWNLOADS / THREADS,
          sizeBytes: SIZE_BYTES,
          directory: join(workspace.path, String(thread)),
        }),
      ),
    );

    const outcomes = sum(results.map((result) => result.outcomes));
    expect([...sum(results.map(({ played }) => played)).keys()].sort()).toEqual([...FAULTS].sort());
    expect(results.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(outcomes.size).toBeGreaterThan(1);
    expect(outcomes.get('whole')).toBeGreaterThanOrEqual(DOWNLOADS * 0.8);
    expect([...outcomes.values()].reduce((total, count) => total + count, 0)).toBe(DOWNLOADS);
  });
});
