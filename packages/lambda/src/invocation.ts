import type { ErrorDocument, FunctionError } from '@spillway/wire';
import type { LogTail } from './log-tail.ts';
import type { PostedResponse } from './runtime-api/posted-response.ts';

/** How a function's response was received. */
export interface ReceivedResponse {
  readonly outcome: 'complete' | 'oversized' | 'truncated';
  readonly sizeBytes: number;
  readonly contentType: string;
  /** What looks like the usual mistakes, for the hints in the log. */
  readonly lacksPrelude: boolean;
}

/** What waits for a function's answer. Only the first thing that happens counts. */
export interface Answer {
  /** Takes what the runtime posts; settles when it was read to its end. Never rejects. */
  respond(response: PostedResponse): Promise<ReceivedResponse>;
  /** The function failed, also in mid response. */
  fail(error: Error): void;
  /** Undefined before a response began. */
  readonly response: PostedResponse | undefined;
}

/** One event on its way through a function. */
export interface Invocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** As invoked: with a qualifier only if the caller gave one. */
  readonly functionArn: string;
  readonly traceId?: string;
  /** JSON text. */
  readonly clientContext?: string;
  readonly answer: Answer;
  /** Takes what the environment logs during the invocation. */
  readonly logTail?: LogTail;
}

/** An error that a runtime posted, unchanged. */
export interface PostedError {
  /** By the header, for logs: `Runtime.Unknown` and `Function.Unknown` where it is missing or malformed. */
  readonly errorType: string;
  readonly error: FunctionError;
}

/** The `errorType` of a document that a function wrote, if there is one. */
export function errorTypeOf(document: string): string | undefined {
  try {
    const { errorType } = JSON.parse(document) as Partial<ErrorDocument>;
    return typeof errorType === 'string' ? errorType : undefined;
  } catch {
    return undefined;
  }
}
