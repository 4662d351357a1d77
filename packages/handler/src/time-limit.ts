/** How long something may be waited for, and what it is called when that was too long. */
export interface TimeLimit {
  readonly timeoutMs: number;
  timeoutError(): Error;
}

/**
 * Calls `ask`, and aborts it when it takes longer than its limit or when `signal` ends. Whether it heeds its own signal does not matter:
 * an answer that comes afterwards is handed to `letGo`.
 * @throws what `ask` fails with, else what the limit or `signal` says.
 */
export async function within<Answer>(
  { timeoutMs, timeoutError }: TimeLimit,
  controller: AbortController,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Answer | Promise<Answer>,
  letGo?: (late: Answer) => void,
): Promise<Answer> {
  signal.throwIfAborted();
  // Not AbortSignal.any(), which costs more than all else here. The listener goes with `signal`, which is one invocation's.
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  const timer = setTimeout(() => controller.abort(timeoutError()), timeoutMs);
  try {
    return await unlessAborted(controller.signal, ask(controller.signal), letGo);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function unlessAborted<Answer>(
  signal: AbortSignal,
  asked: Answer | Promise<Answer>,
  letGo: (late: Answer) => void = () => {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    const answered = (answer: Answer) => {
      signal.removeEventListener('abort', aborted);
      if (signal.aborted) letGo(answer);
      else resolve(answer);
    };
    Promise.resolve(asked).then(answered, reject);
  });
}
