import { amzChecksums, type Checksum, reprDigests } from './checksum.ts';
import { dispositionFileName } from './content-disposition.ts';
import { type ContentRange, parseContentRange, parseLength, parseUnsatisfiedRange } from './content-range.ts';
import { AttemptFailure, ChangedObject, DownloadError } from './download-error.ts';
import { type Answer, ask, type Exchange } from './exchange.ts';
import { safeFileName, urlFileName } from './file-name.ts';
import type { Interval } from './intervals.ts';
import type { Settings } from './options.ts';
import { isRetryable } from './retry.ts';
import { compareVersion, conditionsOf, type Version, versionOf } from './version.ts';
import { waitBeforeRetry } from './wait.ts';

/** What the first answer says of the object. */
export interface Source {
  /** Undefined when the server does not tell. */
  readonly sizeBytes: number | undefined;
  readonly version: Version;
  /** The server's name for it, made safe. */
  readonly fileName: string;
  /** Of the whole object. */
  readonly checksums: readonly Checksum[];
}

/** A source, and the body that came with it. */
export interface FirstAnswer {
  readonly source: Source;
  readonly answer: Answer;
  /** The range that the body is; undefined for the whole object. */
  readonly range: Interval | undefined;
  /** Why it is the whole object, where a range was asked. */
  readonly fallback?: string;
}

/** What `ask` is to bring: a range as a rule, of a version that an earlier run saw. */
export interface Wanted {
  /** Undefined asks for the whole object. */
  readonly range: Interval | undefined;
  readonly version?: Version | undefined;
}

/**
 * Asks for a range and learns of the object from the answer. A server without ranges answers with the whole object.
 * @throws AttemptFailure to be tried again, ChangedObject, DownloadError
 */
export async function askFirst(exchange: Exchange, wanted: Wanted): Promise<FirstAnswer> {
  const { range, version } = wanted;
  const answer = await ask(exchange, {
    ...(range && rangeHeader(range)),
    ...(version && conditionsOf(version)),
  });
  try {
    return await readFirst(exchange, wanted, answer);
  } catch (error) {
    answer.cancel();
    throw error;
  }
}

export const rangeHeader = ({ start, end }: Interval): Readonly<Record<string, string>> => ({
  Range: `bytes=${start}-${end - 1}`,
});

async function readFirst(exchange: Exchange, wanted: Wanted, answer: Answer): Promise<FirstAnswer> {
  if (answer.status === 206 && wanted.range !== undefined) return readPartial(exchange, wanted.range, wanted, answer);
  if (answer.status === 416 && wanted.range !== undefined) return readUnsatisfied(exchange, wanted, answer);
  if (answer.status !== 200) throw refusal(answer, wanted.version !== undefined);
  requireSameVersion(wanted.version, answer);
  const sizeBytes = isCoded(answer) ? undefined : parseLength(answer.headers.get('content-length'));
  const checksums = isCoded(answer) ? [] : [...reprDigests(answer.headers), ...amzChecksums(answer.headers)];
  return {
    source: sourceOf(exchange, answer, sizeBytes, checksums),
    answer,
    range: undefined,
    ...(wanted.range && { fallback: 'the server sends no ranges' }),
  };
}

async function readPartial(exchange: Exchange, asked: Interval, wanted: Wanted, answer: Answer): Promise<FirstAnswer> {
  const sent = parseContentRange(answer.headers.get('content-range'));
  const fallback = whyNoRanges(answer, sent);
  if (fallback !== undefined) return whole(exchange, wanted, answer, fallback);
  requireSameVersion(wanted.version, answer);
  const range = requireRange(asked, sent, answer);
  return { source: sourceOf(exchange, answer, sent?.sizeBytes, reprDigests(answer.headers)), answer, range };
}

/** What makes ranges useless although the server sends them. */
function whyNoRanges(answer: Answer, sent: ContentRange | undefined): string | undefined {
  if (isCoded(answer)) return 'the server sends ranges of coded bytes only';
  if (sent !== undefined)
    return sent.sizeBytes === undefined ? 'the server does not say how large the object is' : undefined;
  // A page may not read the header of another origin that does not list it in Access-Control-Expose-Headers.
  return answer.headers.has('content-range') ? undefined : 'the answers have no Content-Range that can be read';
}

/** Every object without bytes ends here: no range of it can be satisfied. */
async function readUnsatisfied(exchange: Exchange, wanted: Wanted, answer: Answer): Promise<FirstAnswer> {
  const sizeBytes = parseUnsatisfiedRange(answer.headers.get('content-range'));
  if (wanted.version !== undefined) throw new ChangedObject(`it is ${sizeBytes ?? 'fewer'} bytes now`);
  return whole(exchange, wanted, answer, 'the server can satisfy no range');
}

async function whole(exchange: Exchange, wanted: Wanted, answer: Answer, fallback: string): Promise<FirstAnswer> {
  answer.cancel();
  return { ...(await askFirst(exchange, { ...wanted, range: undefined })), fallback };
}

function sourceOf(
  exchange: Exchange,
  answer: Answer,
  sizeBytes: number | undefined,
  checksums: readonly Checksum[],
): Source {
  const name = dispositionFileName(answer.headers.get('content-disposition')) ?? urlFileName(exchange.url);
  return { sizeBytes, version: versionOf(answer.headers), fileName: safeFileName(name), checksums };
}

/** `fetch` decodes such a body, whatever was asked for. */
export function isCoded({ headers }: Answer): boolean {
  const coding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  return coding !== '' && coding !== 'identity';
}

/**
 * The range that a 206 holds, which may end before the one that was asked for.
 * @throws AttemptFailure when it is another one, or the length is not that of the range.
 */
export function requireRange(asked: Interval, sent: ContentRange | undefined, answer: Answer): Interval {
  if (sent === undefined || sent.start !== asked.start || sent.end > asked.end) {
    const text = answer.headers.get('content-range');
    throw new AttemptFailure('answer', `Content-Range ${JSON.stringify(text)} is not the range that was asked for`);
  }
  const lengthBytes = parseLength(answer.headers.get('content-length'));
  if (lengthBytes !== undefined && lengthBytes !== sent.end - sent.start) {
    throw new AttemptFailure('answer', `Content-Length ${lengthBytes} is not that of the range`);
  }
  return { start: sent.start, end: sent.end };
}

/** @throws ChangedObject, or AttemptFailure when the answer lacks the validator that it had before. */
export function requireSameVersion(version: Version | undefined, answer: Answer): void {
  const found = version === undefined ? 'same' : compareVersion(version, answer.headers);
  if (found === 'changed') throw new ChangedObject('it has another ETag or Last-Modified now');
  if (found === 'untold')
    throw new AttemptFailure('answer', 'the answer lacks the ETag or Last-Modified of the first one');
}

/** What an answer that brings no bytes means. */
export function refusal(answer: Answer, isConditional: boolean): Error {
  const { status, retryAfterMs } = answer;
  if (status === 412 && isConditional) return new ChangedObject('it is no longer the version that was asked for');
  if (status === 416) return new ChangedObject('it is shorter now');
  if (isRetryable(status)) {
    const kind = THROTTLED.has(status) ? 'throttled' : 'network';
    return new AttemptFailure(kind, `the server answered ${status}`, { status, retryAfterMs });
  }
  if (status === 200 || status === 206)
    return new AttemptFailure('answer', `${status} in answer to a range`, { status });
  return new DownloadError('Refused', `the server answered ${status}${ADVICE[status] ?? ''}`, { status });
}

const THROTTLED = new Set([429, 500, 502, 503]);
const ADVICE: Readonly<Record<number, string>> = {
  401: ': it wants to know who asks',
  403: ': not allowed, no such route, or a signed URL that has expired',
  404: ': there is no such object',
};

/** What a HEAD says of the same version. */
export interface Head {
  readonly checksums: readonly Checksum[];
  /** Undefined when it does not tell; 0 says as much, since gateways write it where a function said nothing. */
  readonly sizeBytes: number | undefined;
}

/** Of a HEAD that fails. Some servers never answer one, and are not to be waited for at length. */
const HEAD_ATTEMPTS = 3;

/**
 * Asks by HEAD: S3, and a handler before it, gives checksums there where a range has none. Nothing when anything is amiss; a network
 * that failed is asked again, since nothing else shows a short answer that calls itself whole.
 */
export async function askHead(exchange: Exchange, settings: Settings, source: Source): Promise<Head> {
  const nothing = { checksums: [], sizeBytes: undefined };
  for (let failures = 1; ; failures += 1) {
    try {
      const answer = await ask(exchange, {}, 'HEAD');
      answer.cancel();
      return headOf(source, answer) ?? nothing;
    } catch (error) {
      if (exchange.signal.aborted) throw error;
      if (!(error instanceof AttemptFailure) || failures >= HEAD_ATTEMPTS) return nothing;
      await waitBeforeRetry(exchange, settings, failures, error);
    }
  }
}

/** @throws AttemptFailure for a status that may be another one the next time */
function headOf(source: Source, answer: Answer): Head | undefined {
  if (isRetryable(answer.status)) throw refusal(answer, false);
  const isSame = source.version.isStrong && compareVersion(source.version, answer.headers) === 'same';
  if (answer.status !== 200 || !isSame || isCoded(answer)) return undefined;
  return {
    checksums: [...reprDigests(answer.headers), ...amzChecksums(answer.headers)],
    sizeBytes: parseLength(answer.headers.get('content-length')) || undefined,
  };
}
