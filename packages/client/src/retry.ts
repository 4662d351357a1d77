/** Statuses of a server that may do better the next time. A throttled function shows as 429, 500, 502 or 503. */
const RETRYABLE = new Set([408, 425, 429, 500, 502, 503, 504, 522, 524]);

export const isRetryable = (status: number): boolean => RETRYABLE.has(status);

const BASE_DELAY_MS = 250;
const MAX_DELAY_MS = 15_000;
/** What a server may ask for at most. */
const MAX_RETRY_AFTER_MS = 120_000;

/**
 * How long to wait before attempt `failures + 1`: a random part of 250 ms, doubled with each failure up to 15 s ("full jitter"), and
 * never less than the server asked for.
 */
export function retryDelayMs(failures: number, retryAfterMs = 0, random: () => number = Math.random): number {
  const ceilingMs = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.max(0, failures - 1));
  return Math.max(random() * ceilingMs, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}

/** Seconds or a date. @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
export function parseRetryAfterMs(text: string | null, nowMs: number = Date.now()): number | undefined {
  if (text === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
