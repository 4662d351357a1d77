import { AdaptiveConcurrency } from './adaptive-concurrency.ts';
import { batches } from './batches.ts';
import { parseContentRange } from './content-range.ts';
import { AttemptFailure, ChangedObject } from './download-error.ts';
import { type Answer, ask, type Exchange } from './exchange.ts';
import type { Interval } from './intervals.ts';
import type { Settings } from './options.ts';
import { retryDelayMs } from './retry.ts';
import { isCoded, rangeHeader, refusal, requireRange, requireSameVersion } from './source.ts';
import type { Target } from './target.ts';
import { conditionsOf, type Version } from './version.ts';

/** A transfer in ranges. */
export interface RangesPlan {
  readonly exchange: Exchange;
  readonly settings: Settings;
  readonly target: Target;
  readonly version: Version;
  /** False: nothing would show that two answers are of different versions, and one answer must bring all. */
  readonly mayJoin: boolean;
  readonly sizeBytes: number;
  /** An answer that is there already, and the range that it holds. */
  readonly first: { readonly answer: Answer; readonly range: Interval } | undefined;
  readonly onConcurrency: (concurrency: number) => void;
}

/** What is still to come, asked for as one range at most. */
interface Piece extends Interval {
  /** Attempts in a row that brought next to nothing. */
  readonly failures: number;
  readonly notBeforeMs: number;
}

/** Progress by which a failed attempt does not count. */
const PROGRESS_BYTES = 65_536;

/** Brings all bytes that the target lacks, several ranges at once. @throws ChangedObject, AttemptFailure, DownloadError */
export function transferRanges(plan: RangesPlan): Promise<void> {
  return new RangesTransfer(plan).run();
}

class RangesTransfer {
  readonly #plan: RangesPlan;
  readonly #concurrency: AdaptiveConcurrency;
  readonly #active: Set<Promise<void>> = new Set();
  /** Not asked for yet, in order. Cut when it is its turn: whatever size a server claims, it takes no memory. */
  readonly #fresh: Interval[];
  /** To be asked for again. */
  readonly #waiting: Piece[] = [];
  /** No request before: the server has throttled one. */
  #pausedUntilMs = 0;
  #throttledInARow = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(plan: RangesPlan) {
    const { settings, target, sizeBytes, first } = plan;
    this.#plan = plan;
    this.#concurrency = new AdaptiveConcurrency(settings.concurrency, settings.maxConcurrency, performance.now());
    this.#fresh = target.done
      .missingOf(sizeBytes)
      .flatMap((missing) => (first ? without(missing, first.range) : [missing]));
  }

  async run(): Promise<void> {
    const { first } = this.#plan;
    if (first !== undefined) this.#start({ ...first.range, ...FRESH }, first.answer);
    while (this.#failure === undefined && (this.#isAnyLeft || this.#active.size > 0)) {
      const waitMs = this.#startDue();
      await this.#next(waitMs);
    }
    // Nobody writes any more when this settles.
    if (this.#failure !== undefined) for (const end of this.#plan.exchange.live) end();
    await Promise.all(this.#active);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  get #isAnyLeft(): boolean {
    return this.#waiting.length > 0 || this.#fresh.length > 0;
  }

  /** Starts what may be started now; returns how long the next piece has to wait. */
  #startDue(): number | undefined {
    const nowMs = performance.now();
    while (this.#active.size < this.#concurrency.limit && nowMs >= this.#pausedUntilMs) {
      const piece = this.#takeDue(nowMs);
      if (piece === undefined) break;
      this.#start(piece);
    }
    if (!this.#isAnyLeft || this.#active.size >= this.#concurrency.limit) return undefined;
    const dueMs = this.#fresh.length > 0 ? nowMs : Math.min(...this.#waiting.map(({ notBeforeMs }) => notBeforeMs));
    return Math.max(dueMs, this.#pausedUntilMs) - nowMs;
  }

  #takeDue(nowMs: number): Piece | undefined {
    const index = this.#waiting.findIndex(({ notBeforeMs }) => notBeforeMs <= nowMs);
    if (index >= 0) return this.#waiting.splice(index, 1)[0];
    const [missing] = this.#fresh;
    if (missing === undefined) return undefined;
    const end = Math.min(missing.end, missing.start + this.#plan.settings.rangeSizeBytes);
    if (end === missing.end) this.#fresh.shift();
    else this.#fresh[0] = { start: end, end: missing.end };
    return { start: missing.start, end, ...FRESH };
  }

  async #next(waitMs: number | undefined): Promise<void> {
    if (waitMs === undefined) {
      await Promise.race(this.#active);
      return;
    }
    const { promise, end } = timer(waitMs);
    const { signal } = this.#plan.exchange;
    signal.addEventListener('abort', end, { once: true });
    await Promise.race([...this.#active, promise]);
    signal.removeEventListener('abort', end);
    end();
    if (signal.aborted) this.#failure ??= { error: signal.reason };
  }

  #start(piece: Piece, answer?: Answer): void {
    const attempt = this.#attempt(piece, answer).finally(() => this.#active.delete(attempt));
    this.#active.add(attempt);
    const { counts } = this.#plan.exchange;
    counts.peakConcurrency = Math.max(counts.peakConcurrency, this.#active.size);
    this.#plan.onConcurrency(this.#active.size);
  }

  /** Never rejects: what went wrong becomes a piece that waits, or the end of the transfer. */
  async #attempt(piece: Piece, first: Answer | undefined): Promise<void> {
    const sentAtMs = first?.sentAtMs ?? performance.now();
    const reached = { offset: piece.start };
    try {
      const answer = first ?? (await this.#ask(piece));
      const range = first ? piece : this.#requireRange(piece, answer);
      await this.#receive(range, answer, reached);
      this.#throttledInARow = 0;
      this.#concurrency.rangeDone(performance.now());
      if (range.end < piece.end) this.#waiting.unshift({ start: range.end, end: piece.end, ...FRESH });
    } catch (error) {
      if (error instanceof AttemptFailure && !this.#plan.exchange.signal.aborted && this.#failure === undefined) {
        this.#again(piece, error, reached.offset, sentAtMs);
      } else {
        this.#failure ??= { error };
      }
    }
  }

  async #ask(piece: Piece): Promise<Answer> {
    const { exchange, version } = this.#plan;
    return ask(exchange, { ...conditionsOf(version), ...rangeHeader(piece) });
  }

  #requireRange(piece: Piece, answer: Answer): Interval {
    try {
      if (answer.status === 200) requireSameVersion(this.#plan.version, answer);
      if (answer.status !== 206) throw refusal(answer, true);
      requireSameVersion(this.#plan.version, answer);
      if (isCoded(answer)) throw new AttemptFailure('answer', 'the range came with a Content-Encoding');
      const sent = parseContentRange(answer.headers.get('content-range'));
      if (sent?.sizeBytes !== undefined && sent.sizeBytes !== this.#plan.sizeBytes) {
        throw new ChangedObject(`it is ${sent.sizeBytes} bytes now, not ${this.#plan.sizeBytes}`);
      }
      const range = requireRange(piece, sent, answer);
      if (range.end < piece.end && !this.#plan.mayJoin) throw new AttemptFailure('answer', 'a part came for the whole');
      return range;
    } catch (error) {
      answer.cancel();
      throw error;
    }
  }

  async #receive({ start, end }: Interval, answer: Answer, reached: { offset: number }): Promise<void> {
    const { target } = this.#plan;
    for await (const { chunks, sizeBytes } of batches(answer.chunks())) {
      if (reached.offset + sizeBytes > end) {
        // Who sends more than it says may have sent anything.
        target.done.remove({ start, end: reached.offset });
        reached.offset = start;
        throw new AttemptFailure('answer', 'the body is longer than its range');
      }
      await target.write(chunks, reached.offset);
      target.done.add({ start: reached.offset, end: reached.offset + sizeBytes });
      reached.offset += sizeBytes;
      this.#concurrency.received(sizeBytes);
      target.moved();
    }
    if (reached.offset < end) {
      throw new AttemptFailure('network', `the body ended ${end - reached.offset} bytes short of its range`);
    }
  }

  #again(piece: Piece, failure: AttemptFailure, start: number, sentAtMs: number): void {
    const { settings, exchange, mayJoin } = this.#plan;
    const hasProgress = mayJoin && start - piece.start >= PROGRESS_BYTES;
    const failures = hasProgress ? 1 : piece.failures + 1;
    if (failures > settings.retries) {
      this.#failure ??= { error: failure };
      return;
    }
    const nowMs = performance.now();
    const delayMs = retryDelayMs(failures, failure.retryAfterMs);
    if (failure.kind === 'throttled') this.#throttle(sentAtMs, nowMs, failure.retryAfterMs);
    exchange.counts.retries += 1;
    settings.onEvent({ type: 'retry', reason: failure.message, delayMs });
    // A body whose end failed after its last byte is not believed.
    const rest = start < piece.end && mayJoin ? start : piece.start;
    this.#plan.target.done.remove({ start: rest, end: piece.end });
    this.#waiting.unshift({ start: rest, end: piece.end, failures, notBeforeMs: nowMs + delayMs });
  }

  /** All wait: a throttled function has no room for the others either. */
  #throttle(sentAtMs: number, nowMs: number, retryAfterMs: number | undefined): void {
    this.#plan.exchange.counts.throttled += 1;
    this.#concurrency.throttled(sentAtMs, nowMs);
    if (sentAtMs < this.#pausedUntilMs) return;
    this.#throttledInARow += 1;
    this.#pausedUntilMs = nowMs + retryDelayMs(this.#throttledInARow, retryAfterMs);
  }
}

const FRESH = { failures: 0, notBeforeMs: 0 } as const;

const without = (whole: Interval, taken: Interval): Interval[] =>
  [
    { start: whole.start, end: Math.min(whole.end, taken.start) },
    { start: Math.max(whole.start, taken.end), end: whole.end },
  ].filter(({ start, end }) => end > start);

function timer(delayMs: number): { readonly promise: Promise<void>; readonly end: () => void } {
  let end: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    const id = setTimeout(resolve, delayMs);
    end = () => {
      clearTimeout(id);
      resolve();
    };
  });
  return { promise, end };
}
