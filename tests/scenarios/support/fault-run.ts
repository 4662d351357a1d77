// Downloads over a network that fails, in a thread of its own: two of them keep two processors busy. Bundled by the test that runs it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { DownloadError, download } from '../../../packages/client/src/index.ts';
import { downloadToFile } from '../../../packages/client/src/node/index.ts';
import { type Fault, startFaultProxy } from './fault-proxy.ts';
import { seededBytes } from './random.ts';
import { startRangeOrigin } from './range-origin.ts';

/** What a run is to do. */
export interface FaultRun {
  readonly seed: number;
  readonly downloads: number;
  readonly sizeBytes: number;
  /** For the downloads that go to a file, one in eight. */
  readonly directory: string;
}

/** What became of its downloads. */
export interface FaultRunResult {
  /** How many ended as `whole`, as `wrong`, or with the code of a DownloadError. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly played: ReadonlyMap<Fault, number>;
}

const AT_ONCE = 16;
const OPTIONS = { stallTimeoutMs: 1_000, retries: 7 };

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function outcomeOf(url: string, file: string | undefined, expected: string): Promise<string> {
  try {
    const digest = file === undefined ? await inMemory(url) : await inFile(url, file);
    return digest === expected ? 'whole' : 'wrong';
  } catch (error) {
    if (error instanceof DownloadError) return error.code;
    throw error;
  }
}

async function inMemory(url: string): Promise<string> {
  const { blob } = await download(url, { ...OPTIONS, destination: 'memory' });
  return sha256(new Uint8Array(await blob.arrayBuffer()));
}

async function inFile(url: string, file: string): Promise<string> {
  await downloadToFile(url, { ...OPTIONS, file });
  return sha256(await readFile(file));
}

async function run({ seed, downloads, sizeBytes, directory }: FaultRun): Promise<FaultRunResult> {
  const bytes = seededBytes(seed, sizeBytes);
  const expected = sha256(bytes);
  const paths = Array.from({ length: downloads }, (_, index) => `/objects/${index}`);
  // Most see good answers in the end; one in forty never does.
  const isHopeless = (path: string) => Number(path.split('/').at(-1)) % 40 === 39;
  const origin = await startRangeOrigin(Object.fromEntries(paths.map((path) => [path, { bytes, etag: '"one"' }])));
  const proxy = await startFaultProxy({
    upstream: origin.url,
    seed,
    share: (path) => (isHopeless(path) ? 1 : 0.3),
    maxFaults: (path) => (isHopeless(path) ? Number.POSITIVE_INFINITY : 5),
  });
  const outcomes = new Map<string, number>();
  const work = paths.entries();
  const worker = async () => {
    for (const [index, path] of work) {
      const file = index % 8 === 0 ? join(directory, String(index)) : undefined;
      const outcome = await outcomeOf(proxy.url + path, file, expected);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await proxy.close();
  await origin.close();
  return { outcomes, played: proxy.played };
}

parentPort?.postMessage(await run(workerData as FaultRun));
