// Downloads by the production handler from a store behind a network that fails, in a thread of its own. Bundled by the test that runs it.
import { parentPort, workerData } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import {
  BrokenResponse,
  type DownloadResponse,
  downloadSettings,
  respond,
} from '../../../packages/handler/src/index.ts';
import { FAULTS, type Fault, startFaultProxy } from './fault-proxy.ts';
import { seededBytes, seededRandom } from './random.ts';
import { type RangeOrigin, type ServedObject, startRangeOrigin } from './range-origin.ts';

/** What a run is to do. */
export interface HandlerFaultRun {
  readonly store: 'S3' | 'HTTP';
  readonly seed: number;
  readonly downloads: number;
  readonly sizeBytes: number;
  /** Whether each object is replaced as soon as its first bytes are on their way, which then break off. */
  readonly isReplaced: boolean;
}

/** What became of its downloads. */
export interface HandlerFaultRunResult {
  /** How many ended `whole`, `broken: REASON`, `refused: STATUS`, or as what must never be: `wrong: HOW`. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly played: ReadonlyMap<Fault, number>;
}

const AT_ONCE = 16;
const PATIENCE = { openTimeoutMs: 1_500, idleTimeoutMs: 1_500, resumeTimeoutMs: 6_000, backoffMs: 5 };
const BREAKS: readonly Fault[] = ['cut', 'reset', 'stall', 'clean-end', 'close-delimited'];
/** An HTTP server may ignore a range, and then nothing shows that its 200 is not the whole; S3 never does. */
const HTTP_FAULTS = FAULTS.filter((fault) => fault !== 'range-ignored');

const { store, seed, downloads, sizeBytes, isReplaced } = workerData as HandlerFaultRun;
const keys = Array.from({ length: downloads }, (_, index) => String(index));
const versions = [versionOf('"one"', seed), versionOf('"two"', seed + 1)] as const;

function versionOf(etag: string, bytesSeed: number): ServedObject & { readonly etag: string } {
  const bytes = seededBytes(bytesSeed, sizeBytes);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  // As S3 does, on the whole.
  const headers = { 'x-amz-checksum-crc32': checksum.toString('base64'), 'x-amz-checksum-type': 'FULL_OBJECT' };
  return { bytes, etag, headers };
}

/** After the first GET of a path has its answer, there is another object. In one half the origin looks at no If-Match. */
function replaceObjects(origin: RangeOrigin): void {
  origin.intercept = ({ method, url = '/' }) => {
    const { pathname } = new URL(url, 'http://localhost');
    const hasConditions = Number(pathname.split('/').at(-1)) % 2 === 0;
    // The answer to this request is made from what is there now.
    if (method === 'GET') queueMicrotask(() => origin.objects.set(pathname, { ...versions[1], hasConditions }));
    return false;
  };
}

async function run(): Promise<HandlerFaultRunResult> {
  const origin = await startRangeOrigin(Object.fromEntries(keys.map((key) => [`/objects/${key}`, versions[0]])));
  if (isReplaced) replaceObjects(origin);
  // Most see good answers in the end; one in forty never does.
  const isHopeless = (url: string) => !isReplaced && Number(/\d+/.exec(url)?.[0]) % 40 === 39;
  const proxy = await startFaultProxy({
    upstream: origin.url,
    seed,
    share: (url) => (isHopeless(url) || isReplaced ? 1 : 0.3),
    maxFaults: (url) => (isHopeless(url) ? Number.POSITIVE_INFINITY : isReplaced ? 1 : 5),
    faults: isReplaced ? BREAKS : store === 'S3' ? FAULTS : HTTP_FAULTS,
  });
  Object.assign(process.env, { AWS_ENDPOINT_URL_S3: proxy.url });
  const place =
    store === 'S3' ? { bucket: 'objects', region: 'us-east-1' } : { origin: { baseUrl: `${proxy.url}/objects/` } };
  const settings = downloadSettings({ ...place, patience: PATIENCE });
  const random = seededRandom(seed);
  const outcomes = new Map<string, number>();
  const work = keys.values();
  const worker = async () => {
    for (const key of work) {
      const outcome = await outcomeOf(key, headersOf(random), settings);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await proxy.close();
  await origin.close();
  return { outcomes, played: proxy.played };
}

/** The whole in one request to the store, or in two, or from somewhere on. */
function headersOf(random: () => number): Record<string, string> {
  const dice = random();
  const first = Math.floor(random() * sizeBytes * 0.1);
  if (dice < 0.5) return {};
  return dice < 0.75 ? { 'If-None-Match': '"other"' } : { Range: `bytes=${first}-` };
}

async function outcomeOf(
  key: string,
  headers: Record<string, string>,
  settings: ReturnType<typeof downloadSettings>,
): Promise<string> {
  const event = { httpMethod: 'GET', headers, pathParameters: { key } };
  const response = await respond(event, { getRemainingTimeInMillis: () => 900_000 }, settings);
  const { statusCode } = response.prelude;
  return statusCode >= 400
    ? `refused: ${statusCode}`
    : judge(response, Number(/\d+/.exec(headers['Range'] ?? '0')?.[0]));
}

/** Holds each byte against the version that the ETag names, as a client does that counts. */
async function judge({ prelude, body }: DownloadResponse, askedFirst: number): Promise<string> {
  const { headers, statusCode } = prelude;
  const first = statusCode === 206 ? askedFirst : 0;
  const contentRange = `bytes ${first}-${sizeBytes - 1}/${sizeBytes}`;
  if (statusCode === 206 && headers['Content-Range'] !== contentRange) return `wrong: ${headers['Content-Range']}`;
  const version = versions.find(({ etag }) => etag === headers['ETag']) ?? versions[0];
  const received = new Received(version.bytes, first);
  try {
    for await (const chunk of body) received.add(chunk);
  } catch (error) {
    const announcedBytes = Number(headers['Content-Length'] ?? Number.POSITIVE_INFINITY);
    return judgeBroken(error, received, first + announcedBytes);
  }
  return received.position === sizeBytes && !received.isSpliced ? 'whole' : `wrong: ends at ${received.position}`;
}

function judgeBroken(error: unknown, { position, isSpliced }: Received, announcedEnd: number): string {
  if (!(error instanceof BrokenResponse)) return `wrong: ${String(error)}`;
  return isSpliced || position >= announcedEnd ? 'wrong: not broken for one who counts' : `broken: ${error.reason}`;
}

class Received {
  readonly #expected: Uint8Array;
  position: number;
  isSpliced = false;

  constructor(expected: Uint8Array, position: number) {
    this.#expected = expected;
    this.position = position;
  }

  add(chunk: Uint8Array): void {
    // More than there is shows at the end.
    const known = chunk.subarray(0, Math.max(0, sizeBytes - this.position));
    const expected = this.#expected.subarray(this.position, this.position + known.byteLength);
    if (Buffer.compare(known, expected) !== 0) this.isSpliced = true;
    this.position += chunk.byteLength;
  }
}

parentPort?.postMessage(await run());
