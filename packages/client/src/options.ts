import { INITIAL_CONCURRENCY, MAX_CONCURRENCY } from './adaptive-concurrency.ts';
import { type Checksum, isChecksum } from './checksum.ts';
import type { DownloadEvent } from './progress.ts';

/** 5 MiB: below the 6 MB that Lambda and API Gateway send at full speed, with room for headers. */
export const RANGE_SIZE_BYTES = 5_242_880;

/** How a download is made, wherever it goes. */
export interface TransferOptions {
  /** Sent with each request to the URL's own origin; where the client follows redirects by itself (Node.js), to no other. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 5 MiB (5,242,880). */
  readonly rangeSizeBytes?: number;
  /** Ranges at once at the start; 4 by default. Grows while that pays, and is halved when the server throttles. */
  readonly concurrency?: number;
  /** Ranges at once at most; 16 by default. The same as `concurrency`: never grows. */
  readonly maxConcurrency?: number;
  /** What the file must be, in place of the server's word. */
  readonly checksum?: Checksum;
  /** When the object is replaced in the middle: begin again (three times at most), or fail. Default `restart`. */
  readonly onChange?: 'restart' | 'fail';
  /** How often in a row a range may fail before the download does; 8 by default. Progress begins the count again. */
  readonly retries?: number;
  /** An answer that sends nothing for so long is given up and asked for again. Default 30,000. */
  readonly stallTimeoutMs?: number;
  /** Takes a body that has neither length nor checksum, where a cut transfer can look whole. Default false. */
  readonly acceptUnknownLength?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: DownloadEvent) => void;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
}

/** The same with every default. */
export type Settings = Required<Omit<TransferOptions, 'checksum'>> & { readonly checksum: Checksum | undefined };

/** @throws TypeError for what no download could be made with. */
export function settingsOf(options: TransferOptions): Settings {
  const concurrency = wholeNumber('concurrency', options.concurrency ?? INITIAL_CONCURRENCY, 1);
  const { checksum } = options;
  if (checksum !== undefined && !isChecksum(checksum)) {
    throw new TypeError(`checksum: ${JSON.stringify(checksum.hex)} is no ${checksum.algorithm} in hexadecimal`);
  }
  return {
    headers: Object.fromEntries(new Headers(options.headers)),
    rangeSizeBytes: wholeNumber('rangeSizeBytes', options.rangeSizeBytes ?? RANGE_SIZE_BYTES, 1),
    concurrency,
    maxConcurrency: Math.max(concurrency, wholeNumber('maxConcurrency', options.maxConcurrency ?? MAX_CONCURRENCY, 1)),
    checksum,
    onChange: options.onChange ?? 'restart',
    retries: wholeNumber('retries', options.retries ?? 8, 0),
    stallTimeoutMs: wholeNumber('stallTimeoutMs', options.stallTimeoutMs ?? 30_000, 1),
    acceptUnknownLength: options.acceptUnknownLength ?? false,
    signal: options.signal ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => {}),
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
  };
}

function wholeNumber(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new TypeError(`${name} takes a whole number from ${least}, not ${value}`);
}
