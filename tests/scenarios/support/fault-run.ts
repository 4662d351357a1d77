// Downloads over a network that fails, in a thread of its own: two of them keep two processors busy. Bundled by the test that runs it.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { DownloadError, type DownloadOptions, download } from '../../../packages/client/src/index.ts';
import { downloadToFile } from '../../../packages/client/src/node/index.ts';
import { type Fault, startFaultProxy } from './fault-proxy.ts';
import { seededBytes } from './random.ts';
import { startRangeOrigin } from './range-origin.ts';

/** What a run is to do. */
export interface FaultRun {
  readonly seed: number;
  readonly downloads: number;
  readonly sizeBytes: number;
  /** For the downloads that go to a file: one in eight, as many to memory, and all others to a handle as a browser gives. */
  readonly directory: string;
}

/** What became of its downloads. */
export interface FaultRunResult {
  /** How many ended as `whole`, as `wrong`, or with the code of a DownloadError. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** What is wrong with each that was called whole. */
  readonly wrong: readonly string[];
  readonly played: ReadonlyMap<Fault, number>;
}

const AT_ONCE = 16;
const OPTIONS = { stallTimeoutMs: 1_000, retries: 7 };

function differenceOf(expected: Buffer, bytes: Uint8Array): string {
  const at = expected.findIndex((byte, index) => byte !== bytes[index]);
  return `${bytes.byteLength} bytes, other than expected from ${at} on`;
}

type Fetch = (url: string, index: number) => Promise<Uint8Array>;

async function outcomeOf(expected: Buffer, fetched: Promise<Uint8Array>): Promise<string> {
  try {
    // Byte by byte: faster than any digest.
    return expected.equals(await fetched) ? 'whole' : 'wrong';
  } catch (error) {
    if (error instanceof DownloadError) return error.code;
    throw error;
  }
}

const inMemory: Fetch = async (url) => {
  const { blob } = await download(url, { ...OPTIONS, destination: 'memory' });
  return new Uint8Array(await blob.arrayBuffer());
};

const inFile =
  (directory: string): Fetch =>
  async (url, index) => {
    const file = join(directory, String(index));
    await downloadToFile(url, { ...OPTIONS, file });
    const bytes = await readFile(file);
    await rm(file);
    return bytes;
  };

/** One buffer for all downloads that go one after another: new ones cost more than all else here. */
function inHandle(sizeBytes: number): Fetch {
  const bytes = Buffer.alloc(sizeBytes);
  const destination: Exclude<DownloadOptions['destination'], string | undefined> = {
    createWritable: async () => {
      bytes.fill(0);
      return {
        write: async ({ position, data }) => bytes.set(data, position),
        close: async () => {},
        abort: async () => void bytes.fill(0),
      };
    },
    getFile: async () => new Blob([]),
  };
  return async (url) => {
    bytes.fill(0);
    const downloaded = await download(url, { ...OPTIONS, destination });
    return bytes.subarray(0, downloaded.sizeBytes);
  };
}

async function run({ seed, downloads, sizeBytes, directory }: FaultRun): Promise<FaultRunResult> {
  const bytes = seededBytes(seed, sizeBytes);
  const expected = Buffer.from(bytes);
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
  const wrong: string[] = [];
  const work = paths.entries();
  const worker = async () => {
    const handle = inHandle(sizeBytes);
    const fetches = [inFile(directory), inMemory];
    for (const [index, path] of work) {
      const fetched = (fetches[index % 8] ?? handle)(proxy.url + path, index);
      const outcome = await outcomeOf(expected, fetched);
      if (outcome === 'wrong') wrong.push(`${path}: ${differenceOf(expected, await fetched)}`);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await proxy.close();
  await origin.close();
  return { outcomes, wrong, played: proxy.played };
}

parentPort?.postMessage(await run(workerData as FaultRun));
