import { RuntimeApiError } from './errors.ts';

/** What a runtime may be in, by the names in AWS's messages. */
export type RuntimeState =
  | 'Started'
  | 'InitError'
  | 'Ready'
  | 'Running'
  | 'InvocationResponse'
  | 'InvocationErrorResponse'
  | 'RuntimeResponseSentState';

/** From which states a call leads to the state on the left. */
const ALLOWED: Partial<Record<RuntimeState, readonly RuntimeState[]>> = {
  InitError: ['Started'],
  Ready: ['Started', 'Ready', 'RuntimeResponseSentState'],
  InvocationResponse: ['Running'],
  InvocationErrorResponse: ['Running'],
};

/**
 * One runtime process, as the Runtime API sees it: one object a process.
 * @see https://github.com/aws/aws-lambda-runtime-interface-emulator (internal/lambda/core/states.go)
 */
export class RuntimeStates {
  #current: RuntimeState = 'Started';

  get current(): RuntimeState {
    return this.#current;
  }

  /** The runtime's own call. @throws RuntimeApiError 403 `InvalidStateTransition`. */
  enter(state: RuntimeState): void {
    if (!ALLOWED[state]?.includes(this.#current)) {
      throw new RuntimeApiError('InvalidStateTransition', transitionMessage(this.#current, state));
    }
    this.#current = state;
  }

  /** The server's step: an event was handed out. */
  run(): void {
    this.#current = 'Running';
  }

  /** The server's step: a response was read to its end. */
  responseSent(): void {
    this.#current = 'RuntimeResponseSentState';
  }
}

const transitionMessage = (from: RuntimeState, to: RuntimeState) =>
  `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`;
