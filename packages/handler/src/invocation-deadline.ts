import { BrokenResponse } from './broken-response.ts';

/** Left for the log, the metrics and the end of the stream, ms. */
const MARGIN_MS = 1_500;

/** Milliseconds in which bytes can be sent. */
export const usableMs = (remainingMs: number): number => Math.max(0, remainingMs - MARGIN_MS);

/** Aborted shortly before Lambda ends the invocation. `clear()` when it is no longer needed. */
export function deadlineSignal(remainingMs: number): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const afterMs = Math.min(usableMs(remainingMs), 2 ** 31 - 1);
  const timer = setTimeout(
    () => controller.abort(new BrokenResponse('deadline', "The function's time is up. Clients resume where it ends.")),
    afterMs,
  );
  timer.unref();
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}
