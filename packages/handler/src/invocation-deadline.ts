import { BrokenResponse } from './broken-response.ts';

/** Left for the log, the metrics and the end of the stream, ms. */
const MARGIN_MS = 1_500;

/** Milliseconds in which bytes can be sent. */
export const usableMs = (remainingMs: number): number => Math.max(0, remainingMs - MARGIN_MS);

/** Until when an answer may be waited for. */
export interface Deadline {
  /** Aborted shortly before Lambda ends the invocation, or by `end()`. */
  readonly signal: AbortSignal;
  /** Milliseconds until then. */
  leftMs(): number;
  /** For a client that left: nothing needs to wait any longer. */
  end(reason: Error): void;
  /** When it is no longer needed. */
  clear(): void;
}

export function invocationDeadline(remainingMs: number): Deadline {
  const controller = new AbortController();
  const afterMs = Math.min(usableMs(remainingMs), 2 ** 31 - 1);
  const endsAtMs = performance.now() + afterMs;
  const timer = setTimeout(
    () => controller.abort(new BrokenResponse('deadline', "The function's time is up. Clients resume where it ends.")),
    afterMs,
  );
  timer.unref();
  return {
    signal: controller.signal,
    leftMs: () => endsAtMs - performance.now(),
    end: (reason) => controller.abort(reason),
    clear: () => clearTimeout(timer),
  };
}
