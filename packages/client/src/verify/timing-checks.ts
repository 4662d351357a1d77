import { AWS_LIMITS } from '@spillway/wire';
import { askPart } from './ask-part.ts';
import { type Finding, fail, pass, skip, warn } from './check.ts';
import type { Endpoint } from './endpoint.ts';
import { bytesText, secondsText } from './sizes.ts';
import type { WholeRead } from './whole-read.ts';

/** Below this all may come in one piece, and nothing can be told. */
const TELLING_BYTES = 1_048_576;
/** A transfer so quick is no proof against anybody. */
const TELLING_MS = 500;

/** First byte before last: what streaming is for. */
export function checkFirstByte({ whole }: Endpoint): Finding {
  const { firstByteMs, lastByteMs, receivedBytes } = whole;
  if (receivedBytes < TELLING_BYTES) return skip(`${bytesText(receivedBytes)} are too few to tell`);
  const seen = `first byte after ${secondsText(firstByteMs)}, last after ${secondsText(lastByteMs)}`;
  if (lastByteMs >= TELLING_MS && firstByteMs > 0.9 * lastByteMs) return fail(seen, STREAM_ADVICE);
  return pass(seen);
}

const STREAM_ADVICE =
  'set the integration to STREAM and deploy, use the response-streaming URI, and let the function write as it reads';

/** What waits for the whole body shows as a first byte that comes the later the larger the object is. */
export async function checkBuffering({ exchange, whole, quickFirstByteMs }: Endpoint): Promise<Finding> {
  if (whole.receivedBytes < TELLING_BYTES) return skip(`${bytesText(whole.receivedBytes)} are too few to tell`);
  if (quickFirstByteMs === undefined) return skip('neither a range nor HEAD was answered, to compare with');
  const isLate = (ms: number) => ms > 3 * quickFirstByteMs + TELLING_MS;
  let { firstByteMs } = whole;
  // Once may be a cold start.
  if (isLate(firstByteMs)) firstByteMs = Math.min(firstByteMs, (await askPart(exchange, {}, 1)).firstByteMs);
  const via = whole.headers.get('via');
  const times = `first byte after ${secondsText(firstByteMs)}, of a small answer after ${secondsText(quickFirstByteMs)}`;
  const seen = `${times}${via === null ? '' : `; on the way: ${via}`}`;
  if (isLate(firstByteMs)) return fail(`the body is held back: ${seen}`, BUFFERING_ADVICE);
  return pass(`nothing holds it back: ${seen}; longest silence within ${secondsText(longestPauseMs(whole))}`);
}

const BUFFERING_ADVICE =
  'look for a proxy, CDN, virus scanner or BUFFERED integration that waits for all of it before it sends any';

function longestPauseMs({ arrivals, receivedBytes, firstByteMs }: WholeRead): number {
  let longestMs = 0;
  let beforeMs = firstByteMs;
  for (let at = STEP_BYTES; at <= receivedBytes; at += STEP_BYTES) {
    const atMs = arrivals.atMs(at) ?? beforeMs;
    longestMs = Math.max(longestMs, atMs - beforeMs);
    beforeMs = atMs;
  }
  return longestMs;
}

const STEP_BYTES = 262_144;

/** How fast the body came, bytes per second. */
export interface Pace {
  readonly verdict: 'paced' | 'faster' | 'slower';
  /** Of the first 6 MiB, after the first byte. */
  readonly burstBytesPerSecond: number;
  /** Of what came after them. */
  readonly laterBytesPerSecond: number;
}

const BURST_BYTES = AWS_LIMITS.lambdaStreamBurstBytes;
const PACE = AWS_LIMITS.lambdaStreamBytesPerSecond;
/** 2 MB/s may be meant decimal or binary, and is kept in steps. */
const TOLERANCE = 0.2;
/** So much behind the burst, and so much to measure. */
const BEHIND_BYTES = 2_097_152;
const MEASURED_BYTES = 1_048_576;

/** Undefined for an object that ends before the pace shows. */
export function paceOf(whole: WholeRead): Pace | undefined {
  const { arrivals, receivedBytes, firstByteMs, lastByteMs } = whole;
  const from = Math.max(BURST_BYTES + BEHIND_BYTES, Math.floor(receivedBytes / 2));
  const fromMs = arrivals.atMs(from);
  const burstMs = arrivals.atMs(BURST_BYTES);
  if (fromMs === undefined || burstMs === undefined || receivedBytes - from < MEASURED_BYTES) return undefined;
  const laterBytesPerSecond = rate(receivedBytes - from, lastByteMs - fromMs);
  const verdict =
    laterBytesPerSecond > PACE * (1 + TOLERANCE)
      ? 'faster'
      : laterBytesPerSecond < PACE * (1 - TOLERANCE)
        ? 'slower'
        : 'paced';
  return { verdict, burstBytesPerSecond: rate(BURST_BYTES, burstMs - firstByteMs), laterBytesPerSecond };
}

const rate = (sizeBytes: number, ms: number) => Math.round(sizeBytes / (Math.max(ms, 1) / 1000));

export function checkPace(pace: Pace | undefined): Finding {
  if (pace === undefined) return skip('it ends before a pace would show: 9.5 MB are needed');
  const seen = `${bytesText(pace.burstBytesPerSecond)}/s for the first 6 MiB, then ${bytesText(pace.laterBytesPerSecond)}/s`;
  if (pace.verdict === 'paced') return pass(`paced, as AWS documents it: ${seen}`);
  if (pace.verdict === 'faster')
    return pass(`faster than AWS's 2 MB/s: ${seen} (no Lambda stream on AWS, or limits off)`);
  return warn(`slower than AWS's 2 MB/s: ${seen}`, 'the function, its store or the network is the limit here');
}
