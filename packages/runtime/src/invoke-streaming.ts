import type { StreamingHandler } from './awslambda.ts';
import { forgetEventLoop, whenEventLoopIsEmpty } from './before-exit.ts';
import { completeContext } from './context.ts';
import { logError } from './log-patch.ts';
import type { OpenResponse } from './response-stream.ts';
import type { NextInvocation } from './runtime-api-client.ts';
import { errorDocument } from './runtime-error.ts';

/**
 * Calls a streaming handler. Whatever fails is told in trailers of the response, before its first byte too; a handler that returns
 * without `end()` leaves the response open. `next` is called when the invocation is over.
 */
export async function invokeStreaming(
  handler: StreamingHandler,
  invocation: NextInvocation,
  response: OpenResponse,
  next: () => void,
): Promise<void> {
  const streamingContext = { callbackWaitsForEmptyEventLoop: true };
  const finish = () => {
    forgetEventLoop();
    if (streamingContext.callbackWaitsForEmptyEventLoop) whenEventLoopIsEmpty(() => setImmediate(next));
    else next();
  };
  const fail = (error: unknown) => {
    logError('Invoke Error', error);
    response.fail(errorDocument(error), finish);
  };
  try {
    whenEventLoopIsEmpty(next);
    const context = completeContext(streamingContext, invocation.headers);
    const result = handler(JSON.parse(invocation.body), response.responseStream, context);
    if (!isPromise(result)) return fail('Streaming does not support non-async handlers.');
    if ((await result) !== undefined) console.warn('Streaming handlers ignore return values.');
    await response.answered;
    if (response.responseStream.writableFinished) finish();
    else fail('Response stream is not finished.');
  } catch (error) {
    fail(error);
  }
}

const isPromise = (result: unknown): result is PromiseLike<unknown> =>
  typeof (result as PromiseLike<unknown> | undefined)?.then === 'function';
