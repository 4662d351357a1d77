/** Why a download has no file to show. */
export type DownloadErrorCode =
  /** The server said no: 401, 403, 404 and so on. `status` has it. */
  | 'Refused'
  /** It could not be reached, stalled, or failed (429, 5xx) more often than `retries` allows. */
  | 'Unreachable'
  /** Answers that contradict themselves, more often than `retries` allows. */
  | 'BadAnswer'
  /** The object was replaced in the middle, and `onChange` is `fail`, or it is replaced again and again. */
  | 'ObjectChanged'
  /** The bytes are not those of the checksum. */
  | 'DigestMismatch'
  /** Content-Encoding, though identity was asked: `fetch` decodes it, so that neither length nor digest can be checked. */
  | 'ContentCoded'
  /** No length and no checksum: a cut transfer could not be told from a whole one. */
  | 'UnknownLength'
  /** Larger than `memoryLimitBytes`, with no disk to write to. */
  | 'TooLargeForMemory'
  /** The file is there already, and another one than the server's, or nothing tells whether it is. */
  | 'FileExists'
  /** Another process downloads to the same file. */
  | 'FileInUse';

export interface DownloadErrorOptions {
  readonly status?: number;
  readonly cause?: unknown;
}

/** A download that failed. The message says what happened; no part of a file is ever left under the file's own name. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly code: DownloadErrorCode;
  /** HTTP status, where an answer was the reason. */
  readonly status: number | undefined;

  constructor(code: DownloadErrorCode, message: string, options: DownloadErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}

/** One attempt that failed and may be made again. */
export class AttemptFailure extends Error {
  override readonly name = 'AttemptFailure';
  readonly kind: 'network' | 'stalled' | 'throttled' | 'answer';
  readonly status: number | undefined;
  /** What the server asked for by Retry-After. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: AttemptFailure['kind'],
    message: string,
    options: DownloadErrorOptions & { readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** What it is called when no attempt is left. */
  toDownloadError(): DownloadError {
    const code = this.kind === 'answer' ? 'BadAnswer' : 'Unreachable';
    const status = this.status === undefined ? {} : { status: this.status };
    return new DownloadError(code, this.message, { cause: this, ...status });
  }
}

/** The object is no longer the one that the download began with. */
export class ChangedObject extends Error {
  override readonly name = 'ChangedObject';
}
