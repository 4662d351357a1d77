import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS } from './support/fault-proxy.ts';
import type { HandlerFaultRun, HandlerFaultRunResult } from './support/handler-fault-run.ts';
import { makeWorkspace, type Workspace } from './support/system.ts';

const SIZE_BYTES = 8_000_000;
const SEED = 20_261_123;
const STORES = ['S3', 'HTTP'] as const;

let workspace: Workspace;
let script: string;
beforeAll(async () => {
  workspace = await makeWorkspace();
  script = join(workspace.path, 'handler-fault-run.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('support/handler-fault-run.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    mainFields: ['module', 'main'],
    // Some of what the AWS SDK is made of still calls require().
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    outfile: script,
    logLevel: 'silent',
  });
});
afterAll(() => workspace?.remove());

async function runInThread(workerData: HandlerFaultRun): Promise<HandlerFaultRunResult> {
  const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
  const worker = new Worker(script, { workerData, env: { ...process.env, ...credentials } });
  const [result] = (await once(worker, 'message')) as [HandlerFaultRunResult];
  await worker.terminate();
  return result;
}

/** One thread for each store. */
async function downloadAll(options: Pick<HandlerFaultRun, 'downloads' | 'isReplaced'>) {
  const downloads = options.downloads / STORES.length;
  const runs = STORES.map((store, thread) =>
    runInThread({ ...options, store, downloads, seed: SEED + thread, sizeBytes: SIZE_BYTES }),
  );
  const results = await Promise.all(runs);
  const counts = results.map(({ outcomes }) => Object.fromEntries(outcomes));
  const all = results.flatMap(({ outcomes }) => [...outcomes]);
  const count = (name: string) =>
    all.filter(([outcome]) => outcome.startsWith(name)).reduce((total, [, times]) => total + times, 0);
  const played = new Set(results.flatMap((result) => [...result.played.keys()]));
  expect(count('')).toBe(options.downloads);
  expect(
    all.map(([outcome]) => outcome).filter((outcome) => outcome.startsWith('wrong')),
    JSON.stringify(counts),
  ).toEqual([]);
  return { count, counts, played };
}

describe('the download function, with a network that fails between it and its store', () => {
  it('1,000 downloads of 8 MB are byte-identical or reported as failed', { timeout: 400_000 }, async () => {
    const { count, counts, played } = await downloadAll({ downloads: 1_000, isReplaced: false });
    expect([...played].sort()).toEqual([...FAULTS].sort());
    expect(count('whole'), JSON.stringify(counts)).toBeGreaterThan(700);
    expect(count('broken'), JSON.stringify(counts)).toBeGreaterThan(20);
  });

  it('200 objects that are replaced in the middle are never spliced', { timeout: 200_000 }, async () => {
    const { count, counts } = await downloadAll({ downloads: 200, isReplaced: true });
    expect(count('broken: changed'), JSON.stringify(counts)).toBeGreaterThan(60);
  });
});
