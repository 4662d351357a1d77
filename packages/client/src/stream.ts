import { batches } from './batches.ts';
import { parseContentRange, parseLength } from './content-range.ts';
import { AttemptFailure, DownloadError } from './download-error.ts';
import { type Answer, ask, type Exchange } from './exchange.ts';
import type { Settings } from './options.ts';
import { isCoded, refusal, requireSameVersion } from './source.ts';
import type { Target } from './target.ts';
import { conditionsOf, type Version } from './version.ts';
import { waitBeforeRetry } from './wait.ts';

/** A transfer in one stream. */
export interface StreamPlan {
  readonly exchange: Exchange;
  readonly settings: Settings;
  readonly target: Target;
  readonly version: Version;
  /** Undefined when the server does not tell. */
  readonly sizeBytes: number | undefined;
  /** The whole object, on its way already. */
  readonly first: Answer;
}

/**
 * Brings the whole object in one stream. One that is cut goes on where it was: by a range if the server knows them, else by
 * leaving out what is there. Without a strong validator it begins anew, since nothing tells whether the rest is of the same version.
 * @throws ChangedObject, AttemptFailure, DownloadError
 */
export async function transferStream(plan: StreamPlan): Promise<number> {
  const { target } = plan;
  if (!plan.version.isStrong) await target.reset();
  let answer: Answer | undefined = plan.first;
  let failures = 0;
  while (true) {
    const before = target.done.prefixBytes;
    try {
      return await receive(plan, answer ?? (await askRest(plan, before)));
    } catch (error) {
      failures = target.done.prefixBytes > before ? 1 : failures + 1;
      await prepareNext(plan, error, failures);
    }
    answer = undefined;
  }
}

/** @throws the error when there is to be no next attempt */
async function prepareNext({ exchange, settings, target, version }: StreamPlan, error: unknown, failures: number) {
  const isLast = !(error instanceof AttemptFailure) || exchange.signal.aborted || failures > settings.retries;
  if (isLast) throw error;
  if (!version.isStrong) await target.reset();
  await waitBeforeRetry(exchange, settings, failures, error);
}

async function askRest({ exchange, version }: StreamPlan, offset: number): Promise<Answer> {
  const range = offset > 0 ? { Range: `bytes=${offset}-` } : {};
  return ask(exchange, { ...conditionsOf(version), ...range });
}

/** Returns the object's size. */
async function receive(plan: StreamPlan, answer: Answer): Promise<number> {
  const { target, sizeBytes } = plan;
  const known = target.done.prefixBytes;
  let offset = startOf(plan, answer, known);
  for await (const batch of batches(answer.chunks())) {
    const end = offset + batch.sizeBytes;
    if (sizeBytes !== undefined && end > sizeBytes) {
      target.done.clear();
      throw new AttemptFailure('answer', 'the body is longer than its Content-Length');
    }
    await put(target, behind(batch.chunks, Math.max(0, known - offset)), Math.max(known, offset), end);
    offset = end;
  }
  if (offset < (sizeBytes ?? known)) {
    // It said nothing of its length, and ended well: nothing tells what it was a part of.
    if (answer.status === 200 && !answer.headers.has('content-length')) target.done.clear();
    throw new AttemptFailure('network', `the body ended ${(sizeBytes ?? known) - offset} bytes short`);
  }
  return offset;
}

async function put(target: Target, chunks: readonly Uint8Array[], start: number, end: number): Promise<void> {
  if (end <= start) return;
  await target.write(chunks, start);
  target.done.add({ start, end });
  target.moved();
}

/** Without the first `skipBytes`. */
function behind(chunks: readonly Uint8Array[], skipBytes: number): readonly Uint8Array[] {
  let restBytes = skipBytes;
  return chunks.map((chunk) => {
    const skipped = Math.min(restBytes, chunk.byteLength);
    restBytes -= skipped;
    return chunk.subarray(skipped);
  });
}

/** Where the body begins in the object. */
function startOf({ version, sizeBytes }: StreamPlan, answer: Answer, known: number): number {
  try {
    if (answer.status !== 200 && answer.status !== 206) throw refusal(answer, true);
    requireSameVersion(version, answer);
    if (sizeBytes !== undefined && isCoded(answer)) {
      throw new AttemptFailure('answer', 'the rest came with a Content-Encoding');
    }
    if (answer.status === 200) {
      requireWhole(sizeBytes, answer, known);
      return 0;
    }
    const sent = parseContentRange(answer.headers.get('content-range'));
    if (sent?.start === known && (sizeBytes === undefined || sent.sizeBytes === sizeBytes)) return known;
    throw new AttemptFailure('answer', 'the Content-Range is not the rest that was asked for');
  } catch (error) {
    answer.cancel();
    throw error;
  }
}

/** @throws AttemptFailure for the rest of an object that calls itself the whole: its bytes would be put in the wrong place. */
function requireWhole(sizeBytes: number | undefined, answer: Answer, known: number): void {
  const lengthBytes = parseLength(answer.headers.get('content-length'));
  const isUntold = lengthBytes === undefined && known === 0;
  if (sizeBytes === undefined || isUntold || lengthBytes === sizeBytes) return;
  throw new AttemptFailure('answer', `200 with ${lengthBytes ?? 'an unknown number of'} bytes, not the whole`);
}

/** @throws DownloadError when nothing would tell a cut body from a whole one. */
export function requireProof(
  settings: Settings,
  { isCoded, sizeBytes, hasChecksum }: { isCoded: boolean; sizeBytes: number | undefined; hasChecksum: boolean },
): void {
  if (settings.acceptUnknownLength || hasChecksum) return;
  if (isCoded) {
    throw new DownloadError(
      'ContentCoded',
      'the server sends the object with a Content-Encoding, though identity was asked for: neither its length nor its digest could be checked',
    );
  }
  if (sizeBytes === undefined) {
    throw new DownloadError(
      'UnknownLength',
      'the server tells neither length nor checksum: a cut transfer could not be told from a whole one',
    );
  }
}
