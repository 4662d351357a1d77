import type { Checksum, ChecksumAlgorithm } from '../checksum.ts';
import { parseLength } from '../content-range.ts';
import { AttemptFailure } from '../download-error.ts';
import { type Answer, ask, type Exchange } from '../exchange.ts';
import type { Hash } from '../hash.ts';
import { Samples } from './samples.ts';

/** What came of the object in one stream. */
export interface WholeRead {
  readonly status: number;
  readonly headers: Headers;
  /** After redirects. */
  readonly url: string;
  /** Content-Length, else what arrived; undefined when neither tells. */
  readonly sizeBytes: number | undefined;
  readonly receivedBytes: number;
  /** Why it broke off; undefined when it ended by itself, or was left at the limit. */
  readonly failure: string | undefined;
  /** Left on purpose, since it is larger than what is to be read. */
  readonly isLeft: boolean;
  readonly firstByteMs: number;
  readonly lastByteMs: number;
  readonly arrivals: Arrivals;
  readonly samples: Samples;
  /** Of what arrived, by the algorithms that were asked for, in hexadecimal. */
  readonly digests: ReadonlyMap<ChecksumAlgorithm, string>;
}

export interface WholeReadOptions {
  readonly exchange: Exchange;
  readonly maxBytes: number;
  readonly createHash: (algorithm: ChecksumAlgorithm) => Promise<Hash>;
  /** By what the answer's headers tell. */
  readonly checksum: (headers: Headers) => Checksum | undefined;
}

const ARRIVAL_STEP_BYTES = 262_144;

/** When how many bytes had arrived, in steps. */
export class Arrivals {
  readonly #times: number[] = [];

  add(receivedBytes: number, atMs: number): void {
    while (this.#times.length < Math.floor(receivedBytes / ARRIVAL_STEP_BYTES)) this.#times.push(atMs);
  }

  /** When `sizeBytes` had arrived, ms after the request, to the step of 256 KiB above; undefined when they never did. */
  atMs(sizeBytes: number): number | undefined {
    return this.#times[Math.max(0, Math.ceil(sizeBytes / ARRIVAL_STEP_BYTES) - 1)];
  }
}

/** Reads the object once from its beginning. @throws AttemptFailure when no answer comes */
export async function readWhole(options: WholeReadOptions): Promise<WholeRead> {
  const answer = await ask(options.exchange, {});
  const toldBytes = answer.headers.has('content-encoding')
    ? undefined
    : parseLength(answer.headers.get('content-length'));
  const algorithms = new Set<ChecksumAlgorithm>(['sha-256', options.checksum(answer.headers)?.algorithm ?? 'sha-256']);
  const hashes = new Map<ChecksumAlgorithm, Hash>();
  for (const algorithm of algorithms) hashes.set(algorithm, await options.createHash(algorithm));
  const reading = new Reading(answer, new Samples(toldBytes), [...hashes.values()]);
  const failure = await reading.read(options.maxBytes);
  const isEnded = failure === undefined && !reading.isLeft;
  return {
    status: answer.status,
    headers: answer.headers,
    url: answer.url,
    sizeBytes: toldBytes ?? (isEnded ? reading.receivedBytes : undefined),
    receivedBytes: reading.receivedBytes,
    failure,
    isLeft: reading.isLeft,
    firstByteMs: reading.firstByteMs ?? reading.lastByteMs,
    lastByteMs: reading.lastByteMs,
    arrivals: reading.arrivals,
    samples: reading.samples,
    digests: new Map([...hashes].map(([algorithm, hash]) => [algorithm, hash.digestHex()])),
  };
}

class Reading {
  readonly arrivals: Arrivals = new Arrivals();
  readonly samples: Samples;
  readonly #answer: Answer;
  readonly #hashes: readonly Hash[];
  receivedBytes = 0;
  isLeft = false;
  firstByteMs: number | undefined;
  lastByteMs = 0;

  constructor(answer: Answer, samples: Samples, hashes: readonly Hash[]) {
    this.#answer = answer;
    this.samples = samples;
    this.#hashes = hashes;
  }

  /** Returns why it broke off. @throws the reason of the exchange's signal */
  async read(maxBytes: number): Promise<string | undefined> {
    try {
      for await (const chunk of this.#answer.chunks()) {
        this.#take(chunk);
        this.isLeft = this.receivedBytes > maxBytes;
        if (this.isLeft) break;
      }
      this.lastByteMs = performance.now() - this.#answer.sentAtMs;
      return undefined;
    } catch (error) {
      if (!(error instanceof AttemptFailure)) throw error;
      this.lastByteMs = performance.now() - this.#answer.sentAtMs;
      return error.message;
    }
  }

  #take(chunk: Uint8Array): void {
    const atMs = performance.now() - this.#answer.sentAtMs;
    this.firstByteMs ??= atMs;
    this.samples.add(this.receivedBytes, chunk);
    for (const hash of this.#hashes) hash.update(chunk);
    this.receivedBytes += chunk.byteLength;
    this.arrivals.add(this.receivedBytes, atMs);
  }
}
