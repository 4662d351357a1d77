import type { BreakReason } from './broken-response.ts';

/**
 * How a request ended: `complete` (all bytes of the answer), `not-modified`, `redirected`, `refused` (4xx), `failed` (5xx), `broken`
 * (in mid-stream).
 */
export type Outcome = 'complete' | 'not-modified' | 'redirected' | 'refused' | 'failed' | 'broken';

/** What the log and the metrics say of one request. Filled in on the way. */
export interface DownloadRecord {
  method: string;
  /** With the prefix. */
  key?: string;
  status: number;
  outcome: Outcome;
  /** Of `broken`, and the message of what failed. */
  breakReason?: BreakReason;
  error?: string;
  /** Of the whole object. */
  sizeBytes?: number;
  contentRange?: string;
  /** Of the body, as handed to Lambda. */
  sentBytes: number;
  /** Requests to the store, attempts included. */
  storeRequests: number;
  /** Attempts before the first byte that had to be repeated, and bodies that had to be resumed. */
  retries: number;
  resumes: number;
  /** From the first request to the store until the head of the answer that was used, ms. */
  storeLatencyMs?: number;
  durationMs?: number;
}

export const newRecord = (method: string): DownloadRecord => ({
  method,
  status: 500,
  outcome: 'failed',
  sentBytes: 0,
  storeRequests: 0,
  retries: 0,
  resumes: 0,
});
