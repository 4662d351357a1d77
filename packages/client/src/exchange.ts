import { AttemptFailure } from './download-error.ts';
import { parseRetryAfterMs } from './retry.ts';

/** What a download has cost so far. */
export interface Counts {
  /** Requests that were sent. */
  requests: number;
  /** Requests that reached a function as far as can be told: all that were answered, but for 429, which a gateway says by itself. */
  estimatedInvocations: number;
  /** Bytes of bodies that arrived, those that were not used included. */
  receivedBytes: number;
  /** Requests that were made again. */
  retries: number;
  /** Answers of 429, 500, 502 and 503. */
  throttled: number;
  /** Times that the download began again, since the object had changed. */
  restarts: number;
  /** Most ranges that were on their way at once. */
  peakConcurrency: number;
}

const noCounts = (): Counts => ({
  requests: 0,
  estimatedInvocations: 0,
  receivedBytes: 0,
  retries: 0,
  throttled: 0,
  restarts: 0,
  peakConcurrency: 0,
});

/** With whom a download talks, and how. */
export interface Exchange {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly counts: Counts;
  /** Ends of the attempts on their way. One listener at the signal for all: Node.js warns of more than ten. */
  readonly live: Set<() => void>;
}

/** An exchange, ended by its signal. */
export function openExchange(
  options: Pick<Exchange, 'url' | 'headers' | 'fetch' | 'stallTimeoutMs' | 'signal'>,
): Exchange {
  const live = new Set<() => void>();
  options.signal.addEventListener(
    'abort',
    () => {
      for (const end of live) end();
    },
    { once: true },
  );
  return { ...options, counts: noCounts(), live };
}

/** An answer whose body is still to come. Every answer is read to its end or cancelled. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** After redirects. */
  readonly url: string;
  readonly sentAtMs: number;
  /** What Retry-After asks for. */
  readonly retryAfterMs: number | undefined;
  /** The body. @throws AttemptFailure when it is cut, or nothing comes for `stallTimeoutMs`. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Leaves the rest of the body; frees the connection. */
  cancel(): void;
}

/**
 * Sends one request. Identity is asked for; where a Range goes along, `fetch` asks for it by itself.
 * @throws AttemptFailure when no answer comes, the reason of the exchange's signal when that is aborted.
 */
export async function ask(
  exchange: Exchange,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Promise<Answer> {
  exchange.signal.throwIfAborted();
  const attempt = new Attempt(exchange);
  exchange.counts.requests += 1;
  const sentAtMs = performance.now();
  try {
    const response = await exchange.fetch(exchange.url, {
      method,
      headers: { ...('Range' in headers ? {} : IDENTITY), ...exchange.headers, ...headers },
      signal: attempt.signal,
      ...UNCACHED,
    });
    if (response.status !== 429) exchange.counts.estimatedInvocations += 1;
    return {
      status: response.status,
      headers: response.headers,
      url: response.url || exchange.url,
      sentAtMs,
      retryAfterMs: parseRetryAfterMs(response.headers.get('retry-after')),
      chunks: () => attempt.read(response),
      cancel: () => attempt.end(),
    };
  } catch (error) {
    throw attempt.failure(error);
  }
}

const IDENTITY = { 'accept-encoding': 'identity' } as const;

/** A cached part may be of another version, and a large file is not worth a place in the cache. Node.js has no cache, nor the option. */
const UNCACHED: object = { cache: 'no-store' };

/** A request and its answer's body, ended when nothing comes for too long. */
class Attempt {
  readonly #exchange: Exchange;
  readonly #controller: AbortController = new AbortController();
  readonly #watch: ReturnType<typeof setInterval>;
  #heardAtMs: number = performance.now();
  #isStalled = false;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    exchange.live.add(this.end);
    // One timer that looks up a few times costs less than one that is set anew with each chunk.
    this.#watch = setInterval(this.#look, Math.max(10, exchange.stallTimeoutMs / 8));
  }

  readonly #look = (): void => {
    if (performance.now() - this.#heardAtMs < this.#exchange.stallTimeoutMs) return;
    this.#isStalled = true;
    this.end();
  };

  readonly end = (): void => {
    clearInterval(this.#watch);
    this.#exchange.live.delete(this.end);
    this.#controller.abort();
  };

  async *read(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = response.body?.getReader();
    try {
      while (reader !== undefined) {
        this.#heardAtMs = performance.now();
        const { done, value } = await reader.read();
        if (done) break;
        this.#exchange.counts.receivedBytes += value.byteLength;
        yield value;
      }
    } catch (error) {
      throw this.failure(error);
    } finally {
      this.end();
    }
  }

  failure(error: unknown): unknown {
    this.end();
    if (this.#exchange.signal.aborted) return this.#exchange.signal.reason;
    if (this.#isStalled) {
      return new AttemptFailure('stalled', `nothing came for ${this.#exchange.stallTimeoutMs / 1000} s`);
    }
    return new AttemptFailure('network', reasonOf(error), { cause: error });
  }
}

/** `fetch failed` and `terminated` say nothing; their cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}
