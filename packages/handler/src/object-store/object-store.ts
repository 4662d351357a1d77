import type { Body } from '@spillway/wire';
import type { RangeSpec } from '../range.ts';

/**
 * Where objects are read from. Two come with the handler: `S3ObjectStore` and `HttpObjectStore`. All time limits work by the signals: an
 * aborted one must end the wait for an answer, and the body with it.
 */
export interface ObjectStore {
  /** @throws StoreError */
  head(key: string, signal: AbortSignal): Promise<ObjectMetadata>;
  /** Settles at the head of the answer. The body must be read, or returned. @throws StoreError, the body also. */
  get(read: ObjectRead, signal: AbortSignal): Promise<OpenObject>;
  /** A URL that lets anybody read this one object for `expiresInSeconds`. Missing where there is no such thing. */
  presign?(key: string, options: PresignOptions): Promise<string>;
}

export interface ObjectRead {
  readonly key: string;
  /** All bytes without it. */
  readonly range?: RangeSpec | undefined;
  /** A strong entity tag, quotes included. Any other version is a StoreError `changed`. */
  readonly ifMatch?: string | undefined;
}

export interface PresignOptions {
  readonly expiresInSeconds: number;
  readonly contentDisposition: string;
  readonly contentType: string;
}

/** As the store has it. Whoever uploaded the object chose these texts: nothing of them may become a header unchecked. */
export interface ObjectMetadata {
  readonly sizeBytes?: number | undefined;
  readonly eTag?: string | undefined;
  readonly lastModifiedMs?: number | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly cacheControl?: string | undefined;
  /** Of the whole object. */
  readonly checksums?: Checksums | undefined;
}

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA256', 'SHA512', 'MD5'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** Base64 by algorithm, with S3's type: COMPOSITE is a checksum of the checksums of the parts. */
export interface Checksums {
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
  readonly values: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
}

/** An object whose bytes are on their way. */
export interface OpenObject {
  readonly metadata: ObjectMetadata;
  /** Which bytes come, inclusive. Undefined: all, and nobody knows how many. An empty object has `last` -1. */
  readonly range: { readonly first: number; readonly last: number } | undefined;
  /** Whether the store answered by a range: 206. */
  readonly isPartial: boolean;
  /** Each chunk is the receiver's own until it asks for the next. */
  readonly body: Body;
}

/**
 * `missing`, `denied`, `archived` (S3's InvalidObjectState), `changed` (not the version of If-Match), `unsatisfiable` (no byte in
 * range), `throttled`, `timeout`, `unavailable` (a failure that may pass), `misconfigured` (one that does not).
 */
export type StoreErrorReason =
  | 'missing'
  | 'denied'
  | 'archived'
  | 'changed'
  | 'unsatisfiable'
  | 'throttled'
  | 'timeout'
  | 'unavailable'
  | 'misconfigured';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreErrorReason;
  /** What the store asked for by Retry-After. */
  readonly retryAfterSeconds: number | undefined;
  /** HTTP status of the store, when it gave one. */
  readonly status: number | undefined;

  constructor(reason: StoreErrorReason, message: string, options: StoreErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.status = options.status;
  }

  /** Whether the same request may do better a little later. */
  get isTransient(): boolean {
    return this.reason === 'throttled' || this.reason === 'timeout' || this.reason === 'unavailable';
  }
}

export interface StoreErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number | undefined;
  readonly status?: number | undefined;
}
