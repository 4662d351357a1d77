/** Ranges at once at the start. */
export const INITIAL_CONCURRENCY = 4;
/** Ranges at once at most: beyond it only the seconds of Lambda grow, not the speed (docs/performance.md). */
export const MAX_CONCURRENCY = 16;
/** What one more range at once must bring, to be worth a function more. */
const WORTHWHILE_GAIN = 1.05;
/** Rounds without a try to grow, after one that brought nothing and after a throttled request. */
const REST_ROUNDS = 3;
/** Rounds without a try to grow, after one that brought nothing and after a throttled request. */
/**
 * How many ranges are on their way at once. One more after each round of ranges that was faster than the one before; one less, and
 * no try to grow for a while, when one more brought nothing; half when the server throttles.
 */
export class AdaptiveConcurrency {
  readonly #max: number;
  #limit: number;
  /** Before the limit last grew. */
  #bytesPerMs = 0;
  #roundStartedAtMs: number;
  #roundBytes = 0;
  #roundRanges = 0;
  #restRounds = 0;
  #halvedAtMs: number = Number.NEGATIVE_INFINITY;

  constructor(initial: number, max: number, nowMs: number) {
    this.#max = max;
    this.#limit = Math.min(initial, max);
    this.#roundStartedAtMs = nowMs;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Bytes that came, of whichever range. */
  received(sizeBytes: number): void {
    this.#roundBytes += sizeBytes;
  }

  /** A range that came whole. A round is over after as many of them as there may be at once. */
  rangeDone(nowMs: number): void {
    this.#roundRanges += 1;
    if (this.#roundRanges < this.#limit) return;
    this.#adapt(this.#roundBytes / Math.max(1, nowMs - this.#roundStartedAtMs));
    this.#beginRound(nowMs);
  }

  #adapt(bytesPerMs: number): void {
    if (this.#restRounds > 1) {
      this.#restRounds -= 1;
    } else if (this.#restRounds === 1 || bytesPerMs > this.#bytesPerMs * WORTHWHILE_GAIN) {
      this.#restRounds = 0;
      this.#bytesPerMs = bytesPerMs;
      this.#limit = Math.min(this.#max, this.#limit + 1);
    } else {
      this.#limit = Math.max(1, this.#limit - 1);
      this.#restRounds = REST_ROUNDS;
    }
  }

  /** A throttled request. Those that were sent before the limit was halved count once, together. */
  throttled(sentAtMs: number, nowMs: number): void {
    if (sentAtMs < this.#halvedAtMs) return;
    this.#halvedAtMs = nowMs;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    this.#restRounds = REST_ROUNDS;
    this.#beginRound(nowMs);
  }

  #beginRound(nowMs: number): void {
    this.#roundStartedAtMs = nowMs;
    this.#roundBytes = 0;
    this.#roundRanges = 0;
  }
}
