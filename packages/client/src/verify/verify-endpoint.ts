import { amzChecksums, type Checksum, type ChecksumAlgorithm, reprDigests, strongest } from '../checksum.ts';
import { AttemptFailure } from '../download-error.ts';
import { type Exchange, openExchange } from '../exchange.ts';
import type { ExpectedChecksum } from '../fetch-object.ts';
import type { Hash } from '../hash.ts';
import { askPart, type Part } from './ask-part.ts';
import { checkBuffered } from './buffered-check.ts';
import { type Check, type CheckName, type Finding, fail, pass, skip } from './check.ts';
import { checkIfMatch, checkIfModifiedSince, checkIfNoneMatch } from './condition-checks.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import {
  checkAcceptRanges,
  checkCacheControl,
  checkContentType,
  checkEtag,
  checkHead,
  checkName,
} from './header-checks.ts';
import {
  checkIfRange,
  checkOpenRange,
  checkRange,
  checkResume,
  checkSuffixRange,
  checkUnsatisfiableRange,
} from './range-checks.ts';
import { checkBuffering, checkFirstByte, checkPace, type Pace, paceOf } from './timing-checks.ts';
import { checkDigest, checkLength, checkSize } from './transfer-checks.ts';
import { readWhole, type WholeRead } from './whole-read.ts';

/** What one response of a Lambda function holds: more is never read of one. */
export const VERIFY_MAX_BYTES = 209_715_200;

/** 200 MiB at AWS's pace take 97 s. */
export const VERIFY_TIMEOUT_MS = 300_000;

export interface VerifyOptions {
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the object must be, in place of the server's word. */
  readonly checksum?: Checksum;
  /** A BUFFERED route with an object that is too large for it. */
  readonly bufferedUrl?: string;
  /** Read of the object at most; other checks together read about 6 MB. Default 200 MiB. */
  readonly maxBytes?: number;
  /** For all of it together. Default 300,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
  /** HTTP versions are beyond `fetch`. */
  readonly checkHttpVersion?: (signal: AbortSignal) => Promise<Finding>;
  readonly onCheck?: (check: Check) => void;
  readonly createHash: (algorithm: ChecksumAlgorithm) => Promise<Hash>;
}

/** What was found, and what it cost to find. */
export interface Verification {
  /** No check failed. */
  readonly ok: boolean;
  readonly url: string;
  readonly checks: readonly Check[];
  /** Undefined when the server does not tell, or does not answer. */
  readonly sizeBytes: number | undefined;
  /** Of what arrived; undefined when that was not all. */
  readonly sha256: string | undefined;
  readonly firstByteMs: number | undefined;
  readonly lastByteMs: number | undefined;
  readonly pace: Pace | undefined;
  readonly requests: number;
  readonly receivedBytes: number;
  readonly elapsedMs: number;
}

/** An answer may begin late (a cold start, a slow store), and a stream may be silent for so long. */
const WHOLE_STALL_MS = 60_000;
/** Small answers: those without a body hang where a function ends its stream without a chunk. */
const PART_STALL_MS = 20_000;

/**
 * Proves a download endpoint with plain requests, one after another. Nothing in it knows what serves it; memory is flat. An endpoint
 * that fails is an answer, not an error.
 * @throws the reason of `signal`
 */
export async function verifyEndpoint(url: string, options: VerifyOptions): Promise<Verification> {
  return new Verifying(url, options).run();
}

type Probe = (endpoint: Endpoint) => Finding | Promise<Finding>;

class Verifying {
  readonly #options: VerifyOptions;
  readonly #startedAtMs: number = performance.now();
  readonly #exchange: Exchange;
  readonly #timeout: AbortSignal;
  readonly #checks: Check[] = [];

  constructor(url: string, options: VerifyOptions) {
    this.#options = options;
    this.#timeout = AbortSignal.timeout(options.timeoutMs ?? VERIFY_TIMEOUT_MS);
    this.#exchange = openExchange({
      url,
      headers: options.headers ?? {},
      fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
      stallTimeoutMs: PART_STALL_MS,
      signal: AbortSignal.any([this.#timeout, ...(options.signal === undefined ? [] : [options.signal])]),
    });
  }

  async run(): Promise<Verification> {
    try {
      const endpoint = await this.#open();
      if (endpoint !== undefined) await this.#probe(endpoint);
      await this.#besides();
      return this.#verification(endpoint?.whole);
    } finally {
      for (const end of this.#exchange.live) end();
    }
  }

  /** What needs no endpoint: undefined when there is nothing to check. */
  async #open(): Promise<Endpoint | undefined> {
    let headFailure: string | undefined;
    const head = await this.#try({}, 1, 'HEAD').catch((error: unknown) => {
      headFailure = messageOf(error);
      return undefined;
    });
    // The second one: by now a cold start is over.
    const small = await this.#try({ Range: 'bytes=0-0' }, 1).catch(() => undefined);
    const quickFirstByteMs = small?.status === 206 ? small.firstByteMs : head?.firstByteMs;
    const whole = await this.#whole(head).catch((error: unknown) => messageOf(error));
    if (typeof whole === 'string') {
      this.#add('answer', fail(whole, 'look at the address, the network and the certificate'));
      return undefined;
    }
    if (whole.status !== 200) {
      this.#add(
        'answer',
        fail(`GET answers ${whole.status}`, ANSWER_ADVICE[whole.status] ?? "read the function's log"),
      );
      return undefined;
    }
    const isElsewhere = whole.url !== this.#exchange.url;
    this.#add(
      'answer',
      pass(isElsewhere ? `GET answers 200, from ${new URL(whole.url).origin} after a redirect` : 'GET answers 200'),
    );
    return endpointOf({ exchange: this.#exchange, whole, head, headFailure, quickFirstByteMs });
  }

  #try(headers: Readonly<Record<string, string>>, limitBytes: number, method?: string): Promise<Part> {
    return askPart(this.#exchange, headers, limitBytes, method);
  }

  #whole(head: Part | undefined): Promise<WholeRead> {
    return readWhole({
      exchange: { ...this.#exchange, stallTimeoutMs: WHOLE_STALL_MS },
      maxBytes: this.#options.maxBytes ?? VERIFY_MAX_BYTES,
      createHash: this.#options.createHash,
      checksum: (headers) => this.#expected(headers, head),
    });
  }

  /** The caller's, then what GET tells, then what HEAD does. */
  #expected(headers: Headers, head: Part | undefined): ExpectedChecksum | undefined {
    if (this.#options.checksum !== undefined) return { ...this.#options.checksum, source: 'caller' };
    const isSame = head?.status === 200 && head.headers.get('etag') === headers.get('etag');
    const told = strongest([headers, ...(isSame ? [head.headers] : [])].flatMap(checksumsOf));
    return told === undefined ? undefined : { ...told, source: 'server' };
  }

  async #probe(endpoint: Endpoint): Promise<void> {
    const expected = this.#expected(endpoint.whole.headers, endpoint.head);
    const probes: readonly (readonly [CheckName, Probe])[] = [
      ['size', checkSize],
      ['length', (known) => checkLength(known, expected)],
      ['digest', (known) => checkDigest(known, expected)],
      ['first-byte', checkFirstByte],
      ['buffering', checkBuffering],
      ['pace', ({ whole }) => checkPace(paceOf(whole))],
      ['head', checkHead],
      ['etag', checkEtag],
      ['range', checkRange],
      ['suffix-range', checkSuffixRange],
      ['open-range', checkOpenRange],
      ['unsatisfiable-range', checkUnsatisfiableRange],
      ['resume', checkResume],
      ['if-range', checkIfRange],
      ['if-match', checkIfMatch],
      ['if-none-match', checkIfNoneMatch],
      ['if-modified-since', checkIfModifiedSince],
      ['accept-ranges', checkAcceptRanges],
      ['content-type', checkContentType],
      ['cache-control', checkCacheControl],
      ['name', checkName],
    ];
    for (const [name, probe] of probes) await this.#check(name, async () => probe(endpoint));
  }

  /** What is asked of others than the object. */
  async #besides(): Promise<void> {
    const { checkHttpVersion, bufferedUrl } = this.#options;
    const { signal } = this.#exchange;
    if (checkHttpVersion !== undefined) await this.#check('http-version', () => checkHttpVersion(signal));
    if (bufferedUrl === undefined) return this.#add('buffered', skip('no --buffered URL given'));
    await this.#check('buffered', () =>
      checkBuffered({ ...this.#exchange, url: bufferedUrl, stallTimeoutMs: WHOLE_STALL_MS }),
    );
  }

  async #check(name: CheckName, probe: () => Promise<Finding>): Promise<void> {
    this.#add(name, this.#timeout.aborted ? skip('no time is left') : await probe().catch(findingOf));
  }

  #add(name: CheckName, finding: Finding): void {
    const check = { name, ...finding };
    this.#checks.push(check);
    this.#options.onCheck?.(check);
  }

  #verification(whole: WholeRead | undefined): Verification {
    const { requests, receivedBytes } = this.#exchange.counts;
    const isAll = whole !== undefined && !whole.isLeft && whole.failure === undefined && whole.status === 200;
    return {
      ok: this.#checks.every(({ verdict }) => verdict !== 'fail'),
      url: this.#exchange.url,
      checks: this.#checks,
      sizeBytes: whole?.sizeBytes,
      sha256: isAll ? whole.digests.get('sha-256') : undefined,
      firstByteMs: whole?.firstByteMs,
      lastByteMs: whole?.lastByteMs,
      pace: whole && paceOf(whole),
      requests,
      receivedBytes,
      elapsedMs: Math.round(performance.now() - this.#startedAtMs),
    };
  }
}

const checksumsOf = (headers: Headers): readonly Checksum[] => [...reprDigests(headers), ...amzChecksums(headers)];

/** @throws what is no answer of a network or server */
function messageOf(error: unknown): string {
  if (error instanceof AttemptFailure) return error.message;
  if (error instanceof Error && error.name === 'TimeoutError') return 'the time for all of it ran out';
  throw error;
}

const findingOf = (error: unknown): Finding =>
  fail(
    messageOf(error),
    'it must be answered, and to its end: an answer without a body needs one empty chunk from a streaming function',
  );

const ANSWER_ADVICE: Readonly<Record<number, string>> = {
  401: 'give what it wants to know who asks: --header',
  403: 'no such route or stage, not allowed, or a signed URL that has expired',
  404: 'name an object that is there',
  405: 'give the route the method GET',
  429: 'wait, or ask for more concurrency',
  502: 'a BUFFERED route with an object too large for it, or a function that failed',
};
