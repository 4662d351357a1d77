import { type Checksum, strongest } from './checksum.ts';
import { AttemptFailure, ChangedObject, DownloadError } from './download-error.ts';
import { type Exchange, openExchange } from './exchange.ts';
import type { Interval } from './intervals.ts';
import type { Settings } from './options.ts';
import { ProgressMeter, type Summary, type TransferMode } from './progress.ts';
import { transferRanges } from './ranges.ts';
import { askFirst, askHead, type FirstAnswer, isCoded, type Source } from './source.ts';
import { requireProof, transferStream } from './stream.ts';
import type { Target } from './target.ts';
import type { Version } from './version.ts';
import { waitBeforeRetry } from './wait.ts';

/** What an earlier run left. */
export interface Earlier {
  readonly version: Version;
  readonly sizeBytes: number;
  /** The first range that it lacks; undefined when it has all. */
  readonly missing: Interval | undefined;
}

/** Where an object goes. */
export interface Destination {
  /** Where the file is known before the server is asked. */
  readonly earlier: Earlier | undefined;
  /**
   * Called with what the server says: makes the target ready, with what there is of this very version, or empty. Undefined when the
   * whole object is there already and nothing is to be fetched.
   */
  open(source: Source, checksum: ExpectedChecksum | undefined): Promise<Target | undefined>;
}

export type ExpectedChecksum = Checksum & { readonly source: 'caller' | 'server' };

/** The object is there, whole and verified as far as can be. */
export interface Fetched {
  readonly source: Source;
  readonly summary: Summary;
}

/** Times that a download begins again when the object changes. */
const MAX_RESTARTS = 3;

/**
 * Fetches an object to its destination and verifies it. Nothing is put in place here: that is for the caller to do.
 * @throws DownloadError, or the reason of the settings' signal
 */
export async function fetchObject(url: string, settings: Settings, destination: Destination): Promise<Fetched> {
  const startedAtMs = performance.now();
  const { headers, fetch, stallTimeoutMs, signal } = settings;
  const exchange = openExchange({ url, headers, fetch, stallTimeoutMs, signal });
  let earlier = destination.earlier;
  try {
    while (true) {
      try {
        return await new Run(exchange, settings, startedAtMs).run(destination, earlier);
      } catch (error) {
        if (!(error instanceof ChangedObject)) throw error;
        restart(exchange, settings, error);
        earlier = undefined;
      }
    }
  } catch (error) {
    throw error instanceof AttemptFailure ? error.toDownloadError() : error;
  } finally {
    for (const end of exchange.live) end();
  }
}

/** @throws DownloadError when it is not to begin again. */
function restart(exchange: Exchange, settings: Settings, change: ChangedObject): void {
  if (settings.onChange === 'fail' || exchange.counts.restarts >= MAX_RESTARTS) {
    throw new DownloadError('ObjectChanged', `the object changed while it was fetched: ${change.message}`, {
      cause: change,
    });
  }
  exchange.counts.restarts += 1;
  settings.onEvent({ type: 'restart', reason: change.message });
}

/** One try to fetch one version. */
class Run {
  readonly #exchange: Exchange;
  readonly #settings: Settings;
  readonly #startedAtMs: number;
  #concurrency = 1;

  constructor(exchange: Exchange, settings: Settings, startedAtMs: number) {
    this.#exchange = exchange;
    this.#settings = settings;
    this.#startedAtMs = startedAtMs;
  }

  async run(destination: Destination, earlier: Earlier | undefined): Promise<Fetched> {
    let first = await this.#first(earlier);
    try {
      first = await this.#withProvenParts(first);
      // Asked beside the transfer: it is not needed before the end.
      const checksums = this.#checksums(first);
      checksums.catch(() => {});
      const known = this.#expected(first.source.checksums);
      const target = await destination.open(first.source, known ?? this.#expected(await checksums));
      return target === undefined
        ? this.#alreadyThere(first, known ?? this.#expected(await checksums))
        : await this.#fetch(first, target, checksums);
    } finally {
      first.answer.cancel();
    }
  }

  /** The first range that lacks, so that no request only asks. */
  async #first(earlier: Earlier | undefined): Promise<FirstAnswer> {
    const start = earlier?.missing?.start ?? 0;
    const end = Math.min(start + this.#settings.rangeSizeBytes, earlier?.missing?.end ?? Number.POSITIVE_INFINITY);
    for (let failures = 1; ; failures += 1) {
      try {
        return await askFirst(this.#exchange, { range: { start, end }, version: earlier?.version });
      } catch (error) {
        if (!(error instanceof AttemptFailure) || failures > this.#settings.retries) throw error;
        await waitBeforeRetry(this.#exchange, this.#settings, failures, error);
      }
    }
  }

  /** Parts are put together by a strong validator, or where a digest of the whole will prove them; else it is one stream. */
  async #withProvenParts(first: FirstAnswer): Promise<FirstAnswer> {
    const { source, range } = first;
    const isWhole = range === undefined || (range.start === 0 && range.end === source.sizeBytes);
    if (isWhole || this.#mayJoin(source)) return first;
    first.answer.cancel();
    const fallback = 'the server gives no strong ETag by which ranges could be held to one version';
    return { ...(await askFirst(this.#exchange, { range: undefined })), fallback };
  }

  #mayJoin({ version, checksums }: Source): boolean {
    return version.isStrong || this.#expected(checksums) !== undefined;
  }

  /** What the first answer tells, else what a HEAD does, which is a second opinion on the size as well. */
  async #checksums({ source }: FirstAnswer): Promise<readonly Checksum[]> {
    if (source.checksums.length > 0 || this.#settings.checksum !== undefined) return source.checksums;
    const head = await askHead(this.#exchange, this.#settings, source);
    const { sizeBytes } = source;
    if (head.sizeBytes !== undefined && sizeBytes !== undefined && head.sizeBytes !== sizeBytes) {
      throw new ChangedObject(`it is ${head.sizeBytes} bytes by a HEAD, ${sizeBytes} by a GET`);
    }
    return head.checksums;
  }

  #expected(checksums: readonly Checksum[]): ExpectedChecksum | undefined {
    if (this.#settings.checksum !== undefined) return { ...this.#settings.checksum, source: 'caller' };
    const checksum = strongest(checksums);
    return checksum && { ...checksum, source: 'server' };
  }

  async #fetch(first: FirstAnswer, target: Target, checksums: Promise<readonly Checksum[]>): Promise<Fetched> {
    const { source, range } = first;
    const mode = range === undefined ? 'stream' : 'ranges';
    const resumedBytes = target.done.sizeBytes;
    this.#settings.onEvent({ type: 'source', sizeBytes: source.sizeBytes, mode, resumedBytes });
    // Of nothing there are no ranges, which is nothing to tell.
    if (first.fallback !== undefined && source.sizeBytes !== 0)
      this.#settings.onEvent({ type: 'fallback', reason: first.fallback });
    const metered = this.#metered(source, target);
    const sizeBytes =
      range === undefined ? await this.#stream(first, metered) : await this.#ranges(first, range, metered);
    const expected = this.#expected(await checksums);
    await this.#verify(target, sizeBytes, expected);
    return { source: { ...source, sizeBytes }, summary: this.#summary(sizeBytes, mode, resumedBytes, expected) };
  }

  async #ranges({ source, answer }: FirstAnswer, range: Interval, target: Target): Promise<number> {
    const sizeBytes = source.sizeBytes ?? range.end;
    const isMissing = target.done
      .missingOf(sizeBytes)
      .some(({ start, end }) => start <= range.start && end >= range.end);
    if (!isMissing) answer.cancel();
    await transferRanges({
      exchange: this.#exchange,
      settings: this.#settings,
      target,
      version: source.version,
      mayJoin: this.#mayJoin(source),
      sizeBytes,
      first: isMissing ? { answer, range } : undefined,
      onConcurrency: (concurrency) => {
        this.#concurrency = concurrency;
      },
    });
    return sizeBytes;
  }

  async #stream({ source, answer }: FirstAnswer, target: Target): Promise<number> {
    const hasChecksum = this.#expected(source.checksums) !== undefined;
    requireProof(this.#settings, { isCoded: isCoded(answer), sizeBytes: source.sizeBytes, hasChecksum });
    this.#exchange.counts.peakConcurrency = Math.max(1, this.#exchange.counts.peakConcurrency);
    return transferStream({
      exchange: this.#exchange,
      settings: this.#settings,
      target,
      // The offsets of a body that 'fetch' decodes are not those of a range.
      version: isCoded(answer) ? { ...source.version, isStrong: false } : source.version,
      sizeBytes: source.sizeBytes,
      first: answer,
    });
  }

  /** The target, telling of its progress. */
  #metered({ sizeBytes }: Source, target: Target): Target {
    const report = () =>
      this.#settings.onEvent({
        type: 'progress',
        doneBytes: target.done.sizeBytes,
        sizeBytes,
        concurrency: this.#concurrency,
      });
    const meter = new ProgressMeter(report);
    return {
      done: target.done,
      write: (chunks, offset) => target.write(chunks, offset),
      moved: () => {
        target.moved();
        meter.moved();
      },
      reset: () => target.reset(),
      digestHex: (algorithm, size, signal) => target.digestHex(algorithm, size, signal),
    };
  }

  async #verify(target: Target, sizeBytes: number, expected: ExpectedChecksum | undefined): Promise<void> {
    if (expected === undefined) return;
    this.#settings.onEvent({ type: 'verifying', checksum: expected });
    const hex = await target.digestHex(expected.algorithm, sizeBytes, this.#settings.signal);
    if (hex === expected.hex) return;
    await target.reset();
    throw new DownloadError(
      'DigestMismatch',
      `the ${expected.algorithm} of what came is ${hex}, but the ${expected.source} says ${expected.hex}`,
    );
  }

  #alreadyThere({ source, range, answer }: FirstAnswer, expected: ExpectedChecksum | undefined): Fetched {
    answer.cancel();
    const sizeBytes = source.sizeBytes ?? 0;
    const mode = range === undefined ? 'stream' : 'ranges';
    return { source, summary: this.#summary(sizeBytes, mode, sizeBytes, expected) };
  }

  #summary(
    sizeBytes: number,
    mode: TransferMode,
    resumedBytes: number,
    verified: ExpectedChecksum | undefined,
  ): Summary {
    const elapsedMs = performance.now() - this.#startedAtMs;
    return { ...this.#exchange.counts, sizeBytes, mode, resumedBytes, verified, elapsedMs };
  }
}
