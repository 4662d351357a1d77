import { AwsError, type FunctionConfiguration } from '@spillway/wire';

/**
 * How many invocations run at a time: of the account, and of each function that has its own share reserved.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export class Concurrency {
  readonly #accountLimit: number;
  readonly #running = new Map<string, number>();
  #reserved = 0;
  #unreservedRunning = 0;

  constructor(accountLimit: number) {
    this.#accountLimit = accountLimit;
  }

  /** Takes a function's reservation off what the others share. */
  reserve({ reservedConcurrentExecutions = 0 }: FunctionConfiguration): void {
    this.#reserved += reservedConcurrentExecutions;
  }

  /**
   * Lets an invocation in; the returned function tells that it is over, and does so once.
   * @throws AwsError `TooManyRequestsException`.
   */
  enter({ functionName, reservedConcurrentExecutions }: FunctionConfiguration): () => void {
    let leave: (() => void) | undefined =
      reservedConcurrentExecutions === undefined
        ? this.#enterUnreserved()
        : this.#enterReserved(functionName, reservedConcurrentExecutions);
    return () => {
      leave?.();
      leave = undefined;
    };
  }

  #enterUnreserved(): () => void {
    if (this.#unreservedRunning >= this.#accountLimit - this.#reserved) {
      throw throttled('ConcurrentInvocationLimitExceeded');
    }
    this.#unreservedRunning += 1;
    return () => {
      this.#unreservedRunning -= 1;
    };
  }

  #enterReserved(functionName: string, limit: number): () => void {
    const running = this.#running.get(functionName) ?? 0;
    if (running >= limit) throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    this.#running.set(functionName, running + 1);
    return () => {
      this.#running.set(functionName, (this.#running.get(functionName) ?? 1) - 1);
    };
  }
}

const throttled = (reason: string) => new AwsError('TooManyRequestsException', { details: { Reason: reason } });
