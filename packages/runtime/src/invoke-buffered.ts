import type { ErrorDocument } from '@spillway/wire/runtime-api';
import { forgetEventLoop, whenEventLoopIsEmpty } from './before-exit.ts';
import { type Context, completeContext } from './context.ts';
import { logError } from './log-patch.ts';
import type { NextInvocation } from './runtime-api-client.ts';
import { errorDocument } from './runtime-error.ts';

type Callback = (error?: unknown, result?: unknown) => void;

/** A handler that returns, or calls back with, its whole response. */
export type BufferedHandler = (event: unknown, context: CallbackContext, callback: Callback) => unknown;

/** With the older ways to answer. */
interface CallbackContext extends Context {
  succeed(result?: unknown): void;
  fail(error?: unknown): void;
  done(error?: unknown, result?: unknown): void;
}

/** Where an invocation's answer goes. */
export interface BufferedAnswer {
  /** `response` is JSON text. */
  succeed(response: string): void;
  fail(error: ErrorDocument): void;
}

/** Calls the handler and passes its answer on. A promise is answered at once, a callback when the event loop is empty. */
export function invokeBuffered(handler: BufferedHandler, invocation: NextInvocation, answer: BufferedAnswer): void {
  const completion = new Completion(answer);
  const callback = completion.once(completion.callback);
  try {
    whenEventLoopIsEmpty(completion.handlerNeverAnswered);
    const context = completeContext(callbackContext(completion), invocation.headers);
    const result = handler(JSON.parse(invocation.body), context, callback);
    if (isPromise(result)) void result.then(context.succeed, context.fail).then(undefined, context.fail);
  } catch (error) {
    callback(error);
  }
}

const isPromise = (result: unknown): result is PromiseLike<unknown> =>
  typeof (result as PromiseLike<unknown> | undefined)?.then === 'function';

type AnswerContext = Pick<CallbackContext, 'callbackWaitsForEmptyEventLoop' | 'succeed' | 'fail' | 'done'>;

const callbackContext = (completion: Completion): AnswerContext => ({
  get callbackWaitsForEmptyEventLoop() {
    return completion.waitsForEmptyEventLoop;
  },
  set callbackWaitsForEmptyEventLoop(value) {
    completion.waitsForEmptyEventLoop = value;
  },
  succeed: completion.once((result) => completion.done(null, result)),
  fail: completion.once((error) => completion.done(error ?? 'handled', null)),
  done: completion.once(completion.done),
});

/** One invocation's answer, whichever way it comes. */
class Completion {
  waitsForEmptyEventLoop = true;
  readonly #answer: BufferedAnswer;
  #isClaimed = false;
  #isAnswered = false;

  constructor(answer: BufferedAnswer) {
    this.#answer = answer;
  }

  /** Lets the first call of all that were made so have its way; one that throws leaves the way to the next. */
  once(answer: Callback): Callback {
    return (error, result) => {
      if (this.#isClaimed) return;
      answer(error, result);
      this.#isClaimed = true;
    };
  }

  readonly done: Callback = (error, result) => {
    forgetEventLoop();
    if (error === undefined || error === null) this.#succeed(result);
    else this.#fail(error);
  };

  readonly callback: Callback = (error, result) => {
    const isSuccess = error === undefined || error === null;
    if (!isSuccess || !this.waitsForEmptyEventLoop) this.done(error, result);
    else whenEventLoopIsEmpty(() => setImmediate(() => this.#succeed(result)));
  };

  /** Neither a promise nor a callback, and nothing left that could bring one. */
  readonly handlerNeverAnswered = (): void => {
    this.#isAnswered = true;
    this.#answer.succeed('null');
  };

  #succeed(result: unknown): void {
    if (this.#isAnswered) {
      console.error(
        'Invocation has already been reported as done. Cannot call complete more than once per invocation.',
      );
      return;
    }
    this.#isAnswered = true;
    this.#answer.succeed(jsonText(result));
  }

  #fail(error: unknown): void {
    logError('Invoke Error', error);
    this.#answer.fail(errorDocument(error));
  }
}

function jsonText(result: unknown): string {
  const text = stringify(result === undefined ? null : result);
  // A function or a symbol has no JSON; the words are those of AWS's native client.
  if (text === undefined) throw new TypeError('Wrong arguments');
  return text;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    throw new Error('Unable to stringify response body');
  }
}
